"""Live money: what must hold before it trades, arming, its cap, addresses and withdrawals (UX S14, SAFETY R25, R26)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from schemas.base import Moment
from schemas.ids import Wallet
from schemas.money import DecimalText
from schemas.requests import Asked
from schemas.views import View

ARM_PHRASE: Final = "ARM LIVE"
LIVE_PHRASE: Final = "LIVE"
_DayCap = Annotated[DecimalText, Field(ge=1, le=1_000_000, decimal_places=2)]
_Sum = Annotated[DecimalText, Field(ge=1, le=1_000_000_000, decimal_places=6)]


class LiveCheckName(StrEnum):
    """In the order in which they are shown."""

    OPERATORS = "operators"
    REGION = "region"
    WALLET = "wallet"
    PERMISSIONS = "permissions"
    MONEY = "money"
    WITHDRAWAL = "withdrawal"
    CLOCK = "clock"


class LiveCheck(View):
    """``passed`` is null where it could not be looked at; ``found`` and ``mend`` are for people."""

    name: LiveCheckName
    passed: bool | None
    found: str
    mend: str | None


class LiveChecks(View):
    """All of them; ``ready`` when every one passed, so that arming is possible."""

    checks: tuple[LiveCheck, ...]
    ready: bool
    as_of: Moment


class Arm(Asked):
    """The phrase as typed, and the most live money bought per day, copied or by hand."""

    phrase: str
    day_cap_usdc: _DayCap


class GoLive(Asked):
    """The phrase as typed."""

    phrase: str


class DayCap(Asked):
    """A lower cap counts at once, a higher one an hour later; the cap in force again takes a higher one back."""

    day_cap_usdc: _DayCap


class DepositView(View):
    """Where money may come from; only while a withdrawal works (no way in without a way out)."""

    address: str
    network: str
    token: str
    least_usdc: DecimalText


class NewWithdrawalAddress(Asked):
    address: Wallet
    label: Annotated[str, Field(min_length=1, max_length=40)] | None = None


class WithdrawalAddressView(View):
    """Works from ``usable_from``, 24 h after it was added."""

    address_id: str
    address: str
    label: str | None
    added_at: Moment
    usable_from: Moment


class NewWithdrawal(Asked):
    """So much to an address of one's own; the amount is said twice."""

    address_id: Annotated[str, Field(pattern=r"^W-[0-9A-Z]{7}$")]
    usdc: _Sum
    usdc_again: _Sum


class WithdrawalState(StrEnum):
    """``unknown`` is a state here too: it ends by proof (SAFETY R25)."""

    ASKED = "asked"
    SENDING = "sending"
    UNKNOWN = "unknown"
    DONE = "done"
    REFUSED = "refused"


class WithdrawalView(View):
    withdrawal_id: str
    address: str
    usdc: DecimalText
    state: WithdrawalState
    cause: str
    tx_hash: str | None
    asked_at: Moment
    ended_at: Moment | None
