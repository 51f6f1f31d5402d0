"""Topics ``trades``, ``copy_leader``, ``smart_trader``: one fill of a wallet, and what classify made of it."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Annotated, Final, Literal

from pydantic import Field, model_validator

from schemas.base import Message, Moment, rfc3339
from schemas.enums import Side, Source, TradeKind
from schemas.ids import Hash, TokenId, TradeId, Wallet
from schemas.money import DecimalText, plain

# 10^14 shares or dollars are more than numeric(20,6) holds; nobody trades a thousandth of it.
_Amount = Annotated[DecimalText, Field(gt=0, lt=Decimal(10) ** 14)]
_Money = Annotated[DecimalText, Field(ge=0, lt=Decimal(10) ** 14)]
_Price = Annotated[DecimalText, Field(gt=0, lt=1, decimal_places=20)]
# Recorded real fills part by at most 7.4 % (SAFETY R29).
USDC_TOLERANCE: Final = Decimal("0.25")


class TradeFacts(Message):
    """The fields every form of a trade carries (DESIGN §5)."""

    trade_id: TradeId
    kind: TradeKind = TradeKind.TRADE
    source: Source = Source.CHAIN
    wallet: Wallet
    side: Side
    token_id: TokenId
    size: _Amount
    price: _Price | None = None
    usdc: _Money | None = None
    tx_hash: Hash | None = None
    log_index: Annotated[int, Field(ge=0, lt=2**31, strict=True)] | None = None
    block_number: Annotated[int, Field(ge=0, lt=2**62, strict=True)] | None = None
    order_hash: Hash | None = None
    undoes: TradeId | None = None
    traded_at: Moment

    @model_validator(mode="after")
    def _complete(self) -> TradeFacts:
        if self.kind is TradeKind.TRADE and (self.price is None or self.usdc is None):
            missing = "price" if self.price is None else "usdc"
            raise ValueError(f"{missing}: required for a trade")
        if (self.kind is TradeKind.UNDONE) != (self.undoes is not None):
            raise ValueError("undoes: required for kind undone, and only there")
        return self

    @property
    def consistent(self) -> bool:
        """Whether ``usdc`` is within 25 % of size × price (SAFETY R29); other kinds are."""
        if self.kind is not TradeKind.TRADE or self.price is None or self.usdc is None:
            return True
        expected = self.size * self.price
        # A cent of absolute room: dust trades are rounded by the venue.
        return abs(self.usdc - expected) <= max(expected * USDC_TOLERANCE, Decimal("0.01"))

    def content_hash(self) -> bytes:
        """Sixteen bytes over what the fill *is*: numbers by value. Not the door it came through, and not block and
        log index, which a reorg changes while the fill stays the same (SAFETY R10)."""
        parts = (
            self.kind, self.wallet, self.side, self.token_id, plain(self.size),
            "" if self.price is None else plain(self.price), "" if self.usdc is None else plain(self.usdc),
            self.tx_hash or "", self.order_hash or "", self.undoes or "", rfc3339(self.traded_at),
        )  # fmt: skip
        return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=16).digest()


class TradeSeen(TradeFacts):
    """Topic ``trades``: one fill of a wallet, as the indexer, the gateway or the feed saw it."""

    schema_version: Literal[1] = 1


class LeaderTraded(TradeFacts):
    """Topic ``copy_leader``: a message of a copy_leader's wallet with its place in the leader's ordered ledger.

    ``number`` is gapless per wallet; ``position_before`` and ``position_after`` are shares of the token (RULES §6);
    ``ended`` says that the position was above 0 and is flat now; ``burst_started_at`` is given for kind ``trade``;
    ``role_version`` is the version of the watched address under which it was sorted, ``ledger_since`` the one at which
    the role was gained and this ledger begun anew (SAFETY R16, R37). ``unsure_for_now``: the position is unsure only
    until a dead letter of the wallet is redriven or put away (R18). ``sure_again``: unsure up to here, sure from here.
    ``stamped_at``: the time the fill came with, where another counts as ``traded_at`` (R17).
    """

    schema_version: Literal[1] = 1
    number: Annotated[int, Field(ge=1)]
    position_before: DecimalText
    position_after: DecimalText
    gap: DecimalText = Decimal(0)
    ended: bool = False
    unsure: bool = False
    unsure_for_now: bool | None = None
    sure_again: bool | None = None
    stamped_at: Moment | None = None
    burst_started_at: Moment | None = None
    role_version: Annotated[int, Field(ge=0)]
    ledger_since: Annotated[int, Field(ge=0)] = 0
    appended_at: Moment
    classified_at: Moment


class SmartTraded(LeaderTraded):
    """Topic ``smart_trader``: as ``LeaderTraded``, for the ledger of smart traders.

    ``first_entry``: no ``trade`` of the wallet in this token arrived before the first message of the burst (RULES §7).
    """

    first_entry: bool = False
