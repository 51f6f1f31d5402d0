"""The former indexer's body as a `TradeSeen`. Pure.

Its `market_id` and `outcome` are wrong and ignored, `amount` is micro-shares as integer text, `taking_amount` whole
USDC, and `tx_id` carries the block-wide log index, which a reorganisation of the chain changes (SAFETY R10).
"""

from __future__ import annotations

import hashlib
import re
from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from schemas.base import Moment
from schemas.enums import Side, Source
from schemas.ids import Hash, TokenId, Wallet
from schemas.money import EXACT, MICRO, DecimalText, nearest_micro
from schemas.trades import TradeSeen

_INTEGER: Final = re.compile(r"[1-9]\d{0,19}")
_PLACE: Final = re.compile(r"(0x[0-9a-f]{64})-(\d{1,6})")
_PRICE_STEP: Final = Decimal(1).scaleb(-20)


def _integer_text(value: object) -> str:
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        return value
    raise ValueError("must be micro-shares as integer text, above 0")


def _block(value: object) -> object:
    if value is None or (isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19):
        return value
    raise ValueError("must be a number of digits as text")


class FormerTrade(BaseModel):
    """The body of `POST /api/v1/webhooks/copy-trade`; unknown fields are let go."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False, str_max_length=1_000)

    tx_id: Annotated[str, Field(min_length=1, max_length=200)]
    user_address: Wallet
    position_id: TokenId
    tx_type: Side
    amount: Annotated[str, BeforeValidator(_integer_text)]
    price: Annotated[DecimalText, Field(gt=0, lt=1)] | None = None
    taking_amount: Annotated[DecimalText, Field(gt=0, lt=Decimal(10) ** 12)] | None = None
    tx_hash: Hash
    block_number: Annotated[str | None, BeforeValidator(_block)] = None
    timestamp: Moment

    @model_validator(mode="after")
    def _priced(self) -> FormerTrade:
        if self.price is None and self.taking_amount is None:
            raise ValueError("taking_amount: one of price and taking_amount is required")
        return self

    @property
    def shares(self) -> Decimal:
        """Whole shares; the amount is always in millionths (the former product took 500000 for 500,000 shares)."""
        return EXACT.multiply(Decimal(self.amount), MICRO)


def trade_seen(former: FormerTrade) -> TradeSeen:
    """The same fill in the contract's form. Raises pydantic.ValidationError when price and amount do not fit it."""
    usdc, price = former.taking_amount, former.price
    if price is None:
        assert usdc is not None, "one of both is given"
        price = EXACT.divide(usdc, former.shares).quantize(_PRICE_STEP, context=EXACT)
    if usdc is None:
        usdc = EXACT.multiply(price, former.shares)
    fields: dict[str, Any] = {
        "trade_id": former_trade_id(former),
        "source": Source.FORMER,
        "wallet": former.user_address,
        "side": former.tx_type,
        "token_id": former.position_id,
        "size": former.shares,
        "price": price,
        "usdc": nearest_micro(usdc),
        "tx_hash": former.tx_hash,
        "block_number": None if former.block_number is None else int(former.block_number),
        "traded_at": former.timestamp,
    }
    return TradeSeen.model_validate(fields)


def former_trade_id(former: FormerTrade) -> str:
    """`<tx_hash>-<n>` where `tx_id` has that form. Else a name made from the fill itself, which stays the same when a
    reorganisation moves its transaction; two fills of one transaction that are alike in everything share it, and the
    second is then not copied: less is bought, never twice."""
    match = _PLACE.fullmatch(former.tx_id.lower())
    if match is not None and match[1] == former.tx_hash:
        return match[0]
    parts = (
        former.user_address, former.position_id, former.tx_type, former.amount,
        "" if former.price is None else str(former.price.normalize(EXACT)),
        "" if former.taking_amount is None else str(former.taking_amount.normalize(EXACT)),
    )  # fmt: skip
    digest = hashlib.blake2b("\x1f".join(parts).encode(), digest_size=8).hexdigest()
    return f"{former.tx_hash}-former-{digest}"
