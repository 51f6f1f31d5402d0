"""The exchange's trades read as fills of orders (polymarket.md §8.2). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from schemas.enums import Side
from schemas.money import EXACT, nearest_micro
from streams.venues.faults import VenueFault
from streams.venues.values import decimal, mapping, moment, text

_BASIS_POINTS: Final = Decimal(10_000)
_PREFIX: Final = "TRADE_STATUS_"
_WHAT: Final = "a trade"
# More than there is; what a row of a table can hold is a little more.
_SHARES_MAX: Final = Decimal(10) ** 13


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
    exchange charged by, None where the row does not say (a maker pays none: 0). ``owner`` is whose order it is, a
    lower-case address, and ``side`` which way it went; None where the row does not say."""

    trade_id: str
    order_hash: str
    token_id: str
    shares: Decimal
    price: Decimal
    usdc: Decimal
    fee_rate: Decimal | None
    status: Settlement
    matched_at: datetime
    owner: str | None = None
    side: Side | None = None


def fills_of(rows: Iterable[object]) -> list[FillSeen]:
    """All fills the rows of ``GET /data/trades`` name: the taker's order and each maker's.

    Only what a fill is made of is read; the rest of a row may change as it likes. Raises ``VenueFault`` for a row that
    cannot be read: then nothing of the answer is believed.
    """
    return [fill for row in rows for fill in _of(row)]


def _of(row: object) -> Iterator[FillSeen]:
    trade = mapping(row, _WHAT)
    one = _Match(
        text(trade.get("id"), _WHAT), settlement(trade.get("status")), moment(trade.get("match_time"), _WHAT)
    )
    rate = EXACT.divide(decimal(trade.get("fee_rate_bps") or "0", _WHAT), _BASIS_POINTS)
    makers = [mapping(maker, _WHAT) for maker in _makers(trade.get("maker_orders"))]
    # A trade names the address that asked; it is the taker's where it took part as the taker.
    taker = trade.get("maker_address") if trade.get("trader_side") == "TAKER" else None
    yield from one.fill(trade, order="taker_order_id", size="size", rate=rate or None, owner=taker)
    for maker in makers:
        owner = maker.get("maker_address")
        yield from one.fill(maker, order="order_id", size="matched_amount", rate=Decimal(0), owner=owner)


class _Match(NamedTuple):
    name: str
    status: Settlement
    at: datetime

    def fill(
        self, part: Mapping[str, object], *, order: str, size: str, rate: Decimal | None, owner: object
    ) -> Iterator[FillSeen]:
        shares, price = decimal(part.get(size), _WHAT), decimal(part.get("price"), _WHAT)
        if price > 1 or shares >= _SHARES_MAX:
            raise VenueFault(f"{_WHAT} that cannot be read")
        if shares:
            yield FillSeen(
                self.name,
                text(part.get(order), _WHAT).lower(),
                text(part.get("asset_id"), _WHAT),
                shares,
                price,
                _usdc(shares, price),
                rate,
                self.status,
                self.at,
                owner.lower() if isinstance(owner, str) else None,
                _side(part.get("side")),
            )


def _side(said: object) -> Side | None:
    return Side(said) if said in ("BUY", "SELL") else None


def _makers(said: object) -> Sequence[object]:
    if said is None:
        return ()
    if not isinstance(said, list):
        raise VenueFault(f"{_WHAT} that cannot be read")
    return said


def _usdc(shares: Decimal, price: Decimal) -> Decimal:
    return nearest_micro(EXACT.multiply(shares, price))


def settlement(said: object) -> Settlement:
    """Statuses we do not know yet are on their way: neither confirmed nor failed."""
    name = text(said, _WHAT).removeprefix(_PREFIX).upper()
    try:
        return Settlement(name)
    except ValueError:
        return Settlement.MATCHED
