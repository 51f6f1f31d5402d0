"""What the operator's door takes (``/paper/admin/…``): closed shapes; money as decimal text in USDC."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from ops.paper.tokens import AMOUNT_DECIMALS
from schemas.base import Moment
from schemas.ids import Hash, TokenId, Wallet
from schemas.money import DecimalText


def _known_tick(tick: Decimal) -> Decimal:
    if tick not in AMOUNT_DECIMALS:
        raise ValueError("must be one of " + ", ".join(str(known) for known in AMOUNT_DECIMALS))
    return tick


def _whole_micros(amount: Decimal) -> Decimal:
    if amount != amount.quantize(Decimal("0.000001")):
        raise ValueError("must have at most 6 decimals")
    return amount


Micros = Annotated[DecimalText, Field(ge=0, le=10**12), AfterValidator(_whole_micros)]
_Price = Annotated[DecimalText, Field(gt=0, lt=1, max_digits=20, decimal_places=20)]
_Payout = Annotated[DecimalText, Field(ge=0, le=1), AfterValidator(_whole_micros)]
_Text = Annotated[str, Field(min_length=1, max_length=200)]


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TokenForm(BaseModel):
    """One token of ``PUT markets``: fields and defaults of the message ``MarketSeen``, whose other fields are ignored.

    A price once set stays when left out; a resolution is no matter of this door.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    token_id: TokenId
    market_id: Annotated[str, Field(min_length=1, max_length=100)]
    question: str | None = None
    outcome: str | None = None
    tick: Annotated[DecimalText, AfterValidator(_known_tick)] = Decimal("0.001")
    min_buy_usdc: Micros = Decimal(1)
    min_rest_shares: Micros = Decimal(5)
    fee_rate: Annotated[DecimalText, Field(ge=0, le=1, decimal_places=8)] = Decimal("0.05")
    fee_exponent: Annotated[DecimalText, Field(ge=0, le=4, decimal_places=4)] = Decimal(1)
    neg_risk: bool = False
    accepting_orders: bool = True
    closed: bool = False
    seconds_delay: Annotated[int, Field(ge=0, le=60)] = 0
    end_at: Moment | None = None
    last_price: _Price | None = None


class MarketsForm(_Form):
    """``PUT /paper/admin/markets``."""

    tokens: Annotated[list[TokenForm], Field(min_length=1, max_length=5_000)]


class AccountForm(_Form):
    """One account of ``PUT accounts``: opened if new; credited once per ``request_id`` when there is a credit."""

    address: Wallet
    owner: Wallet | None = None
    signature_type: Annotated[int, Field(ge=0, le=3)] = 0
    credit_usdc: Micros = Decimal(0)
    request_id: _Text | None = None

    @model_validator(mode="after")
    def _a_credit_is_named(self) -> AccountForm:
        if self.credit_usdc > 0 and self.request_id is None:
            raise ValueError("a credit needs a request_id, so that it is given once")
        return self


class AccountsForm(_Form):
    """``PUT /paper/admin/accounts``."""

    accounts: Annotated[list[AccountForm], Field(min_length=1, max_length=20_000)]


class ResolveForm(_Form):
    """``POST /paper/admin/resolve``: USDC per share of each token of the market, as the market ended."""

    market_id: _Text
    payouts: Annotated[dict[TokenId, _Payout], Field(min_length=1, max_length=100)]
    redeem: bool = False
    """True: nobody is paid by it; holders redeem their winnings through the relayer, as on the real chain."""


class FillForm(_Form):
    """``POST /paper/admin/fill``."""

    order_id: Hash


class FailForm(_Form):
    """``POST /paper/admin/fail``."""

    trade_id: UUID


class TickForm(_Form):
    """A token's tick from now on."""

    token_id: TokenId
    tick: Annotated[DecimalText, AfterValidator(_known_tick)]


class TicksForm(_Form):
    """``PUT /paper/admin/ticks``."""

    ticks: Annotated[list[TickForm], Field(min_length=1, max_length=5_000)]


class CloseForm(_Form):
    """``POST /paper/admin/close``: no orders any more in this market; it is not resolved by that."""

    market_id: _Text


class LastPriceForm(_Form):
    """The last trade of a token elsewhere."""

    token_id: TokenId
    price: _Price
    side: Literal["BUY", "SELL"] = "BUY"


class LastPricesForm(_Form):
    """``PUT /paper/admin/last-prices``."""

    prices: Annotated[list[LastPriceForm], Field(min_length=1, max_length=5_000)]


class LevelForm(_Form):
    """Resting shares at a price."""

    price: _Price
    size: Annotated[Micros, Field(gt=0)]


class BookForm(_Form):
    """A recorded or live book, in any order of levels."""

    token_id: TokenId
    bids: list[LevelForm]
    asks: list[LevelForm]
    taken_at: datetime | None = None


class BooksForm(_Form):
    """``PUT /paper/admin/books``."""

    books: Annotated[list[BookForm], Field(min_length=1, max_length=1_000)]
