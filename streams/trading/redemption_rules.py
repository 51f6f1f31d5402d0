"""When winnings are redeemed, and what proves that they were (SAFETY R24, R25). Pure.

The chain runs one transaction for a nonce: the same bytes may be sent again, others only once these are proven never to
run any more. Proven is what the wallet's positions show.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from schemas.money import EXACT, ZERO, floor_micro
from streams.venues.relayer import Progress

PROOF_LOOKS: Final = 5
PROOF_SECONDS: Final = 45.0
"""As for orders (SAFETY R5): so many looks without a fault over so long."""
GONE_LOOKS: Final = 2
"""Positions that are gone are believed at the second look, where no transaction is known that took them."""


class Step(StrEnum):
    """What is done next with a redemption under way."""

    WAIT = "wait"
    SEND = "send"
    REDEEMED = "redeemed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Worth:
    """What is redeemed now: shares held by token, and what they bring in USDC."""

    shares: Mapping[str, Decimal]
    usdc: Decimal


def worth(held: Mapping[str, Decimal], payouts: Mapping[str, Decimal]) -> Worth:
    """All shares held of a market's tokens; each token's payout down to the micro, as the chain pays it."""
    brings = (floor_micro(EXACT.multiply(amount, payouts.get(token, ZERO))) for token, amount in held.items())
    return Worth(dict(held), sum(brings, ZERO))


def arrived(
    held: Mapping[str, Decimal], claimed: Mapping[str, Decimal], payouts: Mapping[str, Decimal]
) -> bool:
    """Whether at least what our books say lies at the exchange: shares bought late may still be on their way."""
    return all(held.get(token, ZERO) >= amount for token, amount in claimed.items() if payouts.get(token))


def gone(held: Mapping[str, Decimal]) -> bool:
    """Whether nothing is left of the tokens that pay: the positions were redeemed."""
    return not any(held.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What is known of a redemption now. ``left``: something that pays is still held. ``progress`` where the relayer
    named a transaction; else ``chain_nonce``, which the wallet's next transaction will have."""

    sent: bool
    left: bool
    nonce: int
    progress: Progress | None = None
    chain_nonce: int | None = None
    expired: bool = False
    looks: int = 0
    seconds_since_post: float = 0.0


def next_step(look: Look, again_seconds: float) -> Step:
    """What follows from a look; ``again_seconds`` between two submissions of the same bytes."""
    if not look.left:
        seen_twice = look.progress is None and look.looks >= GONE_LOOKS
        return Step.REDEEMED if seen_twice or look.progress is Progress.CONFIRMED else Step.WAIT
    if look.progress is Progress.FAILED:
        return Step.FAILED
    if look.progress is not None:
        return Step.WAIT
    passed = look.chain_nonce is not None and look.chain_nonce > look.nonce
    if passed or look.expired:
        # Run, and the balance lags; or these bytes never run any more.
        proven = look.looks >= PROOF_LOOKS and look.seconds_since_post >= PROOF_SECONDS
        return Step.FAILED if proven else Step.WAIT
    return Step.SEND if not look.sent or look.seconds_since_post >= again_seconds else Step.WAIT


def redemption_id_of(account_id: str, market_id: str, attempt: int) -> str:
    """A name that only this attempt of this account's redemption in this market has."""
    digest = hashlib.sha256(f"polycool redemption\x1f{account_id}\x1f{market_id}\x1f{attempt}".encode())
    return "R-" + digest.hexdigest()[:16].upper()
