"""The exchange's trades read as fills of orders (polymarket.md §8.2). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from polymarket.models.clob.account import ClobTrade

from schemas.money import EXACT, nearest_micro

_BASIS_POINTS: Final = Decimal(10_000)


class Settlement(StrEnum):
    """How far a trade is settled on the chain; ``CONFIRMED`` and ``FAILED`` are final."""

    MATCHED = "MATCHED"
    MINED = "MINED"
    CONFIRMED = "CONFIRMED"
    RETRYING = "RETRYING"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class FillSeen:
    """A fill of one order: shares at a price, ``usdc`` before fees to the nearest micro. ``fee_rate`` is what the
    exchange charged by, None where the row does not say (a maker pays none: 0)."""

    trade_id: str
    order_hash: str
    token_id: str
    shares: Decimal
    price: Decimal
    usdc: Decimal
    fee_rate: Decimal | None
    status: Settlement
    matched_at: datetime


def fills_of(rows: Iterable[object]) -> list[FillSeen]:
    """All fills the rows of ``GET /data/trades`` name: the taker's order and each maker's.

    Raises ``pydantic.ValidationError`` for a row of another form: then nothing of the page is believed.
    """
    return [fill for row in rows for fill in _of(ClobTrade.model_validate(row))]


def _of(trade: ClobTrade) -> Iterator[FillSeen]:
    status = _settlement(trade.status)
    taker_rate = EXACT.divide(trade.fee_rate_bps, _BASIS_POINTS)
    yield FillSeen(
        trade.id, trade.taker_order_id.lower(), str(trade.asset_id), trade.size, trade.price,
        _usdc(trade.size, trade.price), taker_rate or None, status, trade.matched_at,
    )  # fmt: skip
    for maker in trade.maker_orders:
        yield FillSeen(
            trade.id, maker.order_id.lower(), str(maker.asset_id), maker.matched_amount, maker.price,
            _usdc(maker.matched_amount, maker.price), Decimal(0), status, trade.matched_at,
        )  # fmt: skip


def _usdc(shares: Decimal, price: Decimal) -> Decimal:
    return nearest_micro(EXACT.multiply(shares, price))


def _settlement(status: str) -> Settlement:
    """Statuses we do not know yet are on their way: neither confirmed nor failed."""
    try:
        return Settlement(status)
    except ValueError:
        return Settlement.MATCHED
