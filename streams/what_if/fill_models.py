"""How a recorded order is taken to have filled (DESIGN §8, §9): all of it at once, or not."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from schemas.enums import Side
from schemas.money import EXACT, floor_cents, floor_micro
from schemas.trades import TradeSeen
from streams.trading.booking import Fill

_HALF = Decimal("0.5")


class FillModel(StrEnum):
    """The models a run can be asked for."""

    LIMIT = "limit"
    LIMIT_HALF = "limit_half"
    LAST_TRADE = "last_trade"
    BOOK = "book"


@dataclass(frozen=True, slots=True)
class Order:
    """One FAK order at ``now``: ``quantity`` is USDC of a BUY, shares of a SELL; ``leaders_price`` is what the leader
    paid or got."""

    side: Side
    token_id: str
    quantity: Decimal
    limit: Decimal
    leaders_price: Decimal
    now: datetime


class Fills(Protocol):
    """What the exchange would have answered."""

    def fill(self, order: Order) -> Sequence[Fill]:
        """What of the order fills, best price first; nothing where nothing does."""

    def best_bid(self, order: Order) -> Decimal:
        """What the next attempt of a SELL takes for the best bid."""


def _filled(order: Order, quantity: Decimal, price: Decimal) -> tuple[Fill, ...]:
    if quantity <= 0:
        return ()
    if order.side is Side.BUY:
        return (Fill(floor_micro(EXACT.divide(quantity, price)), quantity, price),)
    return (Fill(quantity, floor_micro(EXACT.multiply(quantity, price)), price),)


class AtTheLimit:
    """``limit``: whole, at the order's limit, pessimistic and the same every time. ``limit_half``: half of each order,
    down to 0.01, the rest is killed. The leader's price stands for the best bid."""

    def __init__(self, *, half: bool = False) -> None:
        self._half = half

    def fill(self, order: Order) -> Sequence[Fill]:
        """At the limit, always."""
        taken = floor_cents(EXACT.multiply(order.quantity, _HALF)) if self._half else order.quantity
        return _filled(order, taken, order.limit)

    def best_bid(self, order: Order) -> Decimal:
        """The leader's price."""
        return order.leaders_price


class AtTheLastTrade:
    """``last_trade``: whole, at the price of the last recorded trade of the token up to ``now``, when that is within
    the limit; else nothing. That price stands for the best bid too."""

    def __init__(self, trades: Iterable[TradeSeen]) -> None:
        histories: dict[str, list[tuple[datetime, Decimal]]] = {}
        for trade in trades:
            if trade.price is not None:
                histories.setdefault(trade.token_id, []).append((trade.traded_at, trade.price))
        # A stable sort: of trades in the same instant the one later in the file is the last.
        for history in histories.values():
            history.sort(key=_moment)
        self._histories = histories

    def _last(self, order: Order) -> Decimal:
        history = self._histories.get(order.token_id, [])
        place = bisect_right(history, order.now, key=_moment)
        return history[place - 1][1] if place else order.leaders_price

    def fill(self, order: Order) -> Sequence[Fill]:
        """At the last price, if the limit allows it."""
        price = self._last(order)
        allowed = price <= order.limit if order.side is Side.BUY else price >= order.limit
        return _filled(order, order.quantity, price) if allowed else ()

    def best_bid(self, order: Order) -> Decimal:
        """The last price."""
        return self._last(order)


def _moment(entry: tuple[datetime, Decimal]) -> datetime:
    return entry[0]


def fills_of(model: FillModel, trades: Iterable[TradeSeen] = ()) -> Fills:
    """The model by its name; ``trades`` are the recorded ones. ``ValueError`` for ``book``: it needs recorded books."""
    if model is FillModel.LAST_TRADE:
        return AtTheLastTrade(trades)
    if model is FillModel.BOOK:
        raise ValueError("fill model book needs recorded order books, and there are none for these trades")
    return AtTheLimit(half=model is FillModel.LIMIT_HALF)
