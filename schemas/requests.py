"""What the API is asked with: closed bodies, amounts as decimal text (UX §5)."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from schemas.allocations import AllocationSettings
from schemas.enums import Side, Venue
from schemas.ids import TokenId, Wallet
from schemas.money import CENT, DecimalText
from schemas.watched import AddressTypeText

# A paper account of a billion is enough for any test, and fits the books.
PAPER_USDC_MAX = Decimal(10) ** 9
# One order by hand is worth no more (UX N4).
HAND_USDC_MAX = Decimal(1_000)


def _one_line(value: str) -> str:
    if not value.isprintable() or not value.strip():
        raise ValueError("must be printable text on one line")
    return value.strip()


Label = Annotated[str, Field(min_length=1, max_length=80), AfterValidator(_one_line)]
"""A name that people give; printable, 1 to 80 characters."""
Sentence = Annotated[str, Field(min_length=3, max_length=300), AfterValidator(_one_line)]
"""Why something is done, in a line that others read."""
_PaperUsdc = Annotated[DecimalText, Field(gt=0, le=PAPER_USDC_MAX, decimal_places=6)]
_Roles = Annotated[tuple[AddressTypeText, ...], Field(max_length=2)]
_WinRate = Annotated[DecimalText, Field(ge=0, le=1, decimal_places=5)]


class Asked(BaseModel):
    """A request's body: unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, str_max_length=20_000)


class NewUser(Asked):
    """A person, who starts with a paper account of ``paper_usdc``."""

    label: Label
    telegram_id: Annotated[int, Field(gt=0, lt=2**63, strict=True)] | None = None
    paper_usdc: _PaperUsdc = Decimal(1000)


class NewCredit(Asked):
    """Paper money for the account, once a day (UX S14)."""

    usdc: Annotated[DecimalText, Field(gt=0, le=1_000, decimal_places=6)] = Decimal(1000)


class NewWatchedAddress(Asked):
    """A wallet to watch; ``roles`` are added to those it holds, what else is said replaces what was known. ``markets``
    ended for the ``win_rate``; ``score`` and ``result_usdc`` are another's words, kept as such."""

    wallet: Wallet
    roles: _Roles
    label: Label | None = None
    win_rate: _WinRate | None = None
    markets: Annotated[int, Field(ge=0, lt=2**31, strict=True)] | None = None
    score: Annotated[DecimalText, Field(gt=-(10**9), lt=10**9, decimal_places=6)] | None = None
    result_usdc: Annotated[DecimalText, Field(gt=-(10**12), lt=10**12, decimal_places=6)] | None = None


class NewRoles(Asked):
    """Exactly the roles a wallet shall hold. ``force`` also takes copy_leader away while followers have it: their
    followings end and they are told ``reason``."""

    roles: _Roles
    force: bool = False
    reason: Annotated[str, Field(min_length=3, max_length=300), AfterValidator(_one_line)] | None = None


class NewAllocation(Asked):
    """One user follows one leader at one venue."""

    leader: Wallet
    venue: Venue = Venue.PAPER
    settings: AllocationSettings


class ChangedSettings(Asked):
    """Settings by name; null takes a limit away, what is not named stays. ``label`` is what the user calls the leader,
    in all their followings of it; null takes it away."""

    settings: Annotated[dict[str, Any], Field(max_length=40)] = Field(default_factory=dict)
    label: Label | None = None

    @model_validator(mode="after")
    def _says_something(self) -> ChangedSettings:
        if not self.settings and not self.renames:
            raise ValueError("settings: name at least one, or a label")
        return self

    @property
    def renames(self) -> bool:
        """Whether the leader's name was given, be it null."""
        return "label" in self.model_fields_set


class CheckedSettings(Asked):
    """Settings to be looked at without saving; with ``leader`` (and ``venue``) also against the account."""

    leader: Wallet | None = None
    venue: Venue = Venue.PAPER
    settings: dict[str, Any]


class NewQuote(Asked):
    """A price for an order by hand: a BUY of a token for so much, or a SELL of shares of one position."""

    venue: Venue = Venue.PAPER
    side: Side
    token_id: TokenId | None = None
    amount_usdc: Annotated[DecimalText, Field(gt=0, le=HAND_USDC_MAX, decimal_places=2)] | None = None
    position_id: Annotated[str, Field(pattern=r"^[0-9]{1,18}$")] | None = None
    shares: Annotated[DecimalText, Field(ge=CENT, decimal_places=2)] | None = None

    @model_validator(mode="after")
    def _fits_its_side(self) -> NewQuote:
        """A BUY names token and amount; a SELL a position, and shares unless all of it is to be sold."""
        buys = self.side is Side.BUY
        for name, wanted in (("token_id", buys), ("amount_usdc", buys), ("position_id", not buys)):
            if (getattr(self, name) is not None) != wanted:
                raise ValueError(f"{name}: {'required for' if wanted else 'not part of'} a {self.side}")
        if buys and self.shares is not None:
            raise ValueError("shares: not part of a BUY")
        return self


class NewOrder(Asked):
    """An order by hand of a quote; without a quote there is none."""

    quote_id: Annotated[str, Field(pattern=r"^Q-[0-9A-Z]{7}$")]


class NewSwitch(Asked):
    """An operators' switch and why; followers read the reason."""

    stopped: bool
    reason: Sentence


class NewReconcile(Asked):
    """Look at the exchange for one account, or for all; nothing is taken into the books and no stop is lifted by it."""

    account_id: Annotated[str, Field(min_length=1, max_length=80)] | None = None
