"""Fill model ``book``: recorded order books, walked level by level as the paper exchange walks its own.

The events are replayed up to the time of each order. What an order takes is gone from the book until an event says
otherwise, so that a thousand followers do not buy the same shares."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Final, Literal, NamedTuple

from ops.backtest.recorded import BadFile
from ops.feed.lines import FileUnreadable, numbered_lines
from ops.paper.fills import FillModel, Match, Wish, match
from ops.paper.tokens import Book, Level
from schemas.enums import Side
from streams.trading.booking import Fill
from streams.what_if.fill_models import Order

COLUMNS: Final = ("asset_id", "event_type", "price", "side", "size", "hash", "timestamp_ms")
MICROS: Final = 1_000_000
_MICRO: Final = Decimal(MICROS)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


class BookEvent(NamedTuple):
    """A level of a book as it is from ``at`` on, in micro-shares; ``snapshot`` names the whole book it is part of."""

    at: datetime
    side: Literal["bid", "ask"]
    price: Decimal
    shares: int
    snapshot: str | None


@dataclass(slots=True)
class _Kept:
    """One token's book up to the events taken so far."""

    events: list[BookEvent]
    next: int = 0
    snapshot: str | None = None
    sides: dict[str, dict[Decimal, int]] = field(default_factory=lambda: {"bid": {}, "ask": {}})

    def up_to(self, now: datetime) -> None:
        while self.next < len(self.events) and self.events[self.next].at <= now:
            self._take(self.events[self.next])
            self.next += 1

    def _take(self, event: BookEvent) -> None:
        if event.snapshot is not None and event.snapshot != self.snapshot:
            self.snapshot, self.sides = event.snapshot, {"bid": {}, "ask": {}}
        levels = self.sides[event.side]
        if event.shares:
            levels[event.price] = event.shares
        else:
            levels.pop(event.price, None)

    def book(self) -> Book:
        bids = sorted((Level(*level) for level in self.sides["bid"].items()), reverse=True)
        asks = sorted(Level(*level) for level in self.sides["ask"].items())
        return Book(tuple(bids), tuple(asks), _NEVER)


class AtTheBook:
    """``book``: what the recorded book offers within the limit, as it is at the time of the order. A token without a
    book, or before its first event, fills nothing (``without`` counts those orders)."""

    def __init__(self, events: Mapping[str, Iterable[BookEvent]]) -> None:
        self._kept = {token_id: _Kept(sorted(some, key=_moment)) for token_id, some in events.items()}
        self.without = 0

    def fill(self, order: Order) -> tuple[Fill, ...]:
        """The levels it reaches, one fill each."""
        kept = self._at(order)
        if kept is None:
            self.without += 1
            return ()
        wish = Wish(
            "BUY" if order.side is Side.BUY else "SELL",
            "usdc" if order.side is Side.BUY else "shares",
            int(order.quantity * MICROS),
            order.limit,
        )
        matches = match(FillModel.BOOK, wish, None, kept.book())
        levels = kept.sides["ask" if order.side is Side.BUY else "bid"]
        for each in matches:
            levels[each.price] -= each.shares
            if not levels[each.price]:
                del levels[each.price]
        return tuple(_fill(each) for each in matches)

    def best_bid(self, order: Order) -> Decimal:
        """The best recorded bid; where there is none, the leader's price."""
        kept = self._at(order)
        bids = kept.sides["bid"] if kept is not None else None
        return max(bids) if bids else order.leaders_price

    def _at(self, order: Order) -> _Kept | None:
        kept = self._kept.get(order.token_id)
        if kept is None:
            return None
        kept.up_to(order.now)
        return kept if kept.next else None


def read_books(name: str) -> dict[str, list[BookEvent]]:
    """Book events by token, out of CSV or CSV.gz with the columns ``asset_id, event_type (book or price_change), price,
    side (bid or ask), size (shares), hash, timestamp_ms``. BadFile names the first bad line."""
    try:
        return _events(name, csv.DictReader(line for _, line in numbered_lines(name)))
    except FileUnreadable as error:
        raise BadFile(str(error)) from None


def _events(name: str, rows: csv.DictReader[str]) -> dict[str, list[BookEvent]]:
    if missing := [column for column in COLUMNS if column not in (rows.fieldnames or ())]:
        raise BadFile(f"{name}: the column {missing[0]} is missing.")
    events: dict[str, list[BookEvent]] = defaultdict(list)
    for number, row in enumerate(rows, start=2):
        try:
            events[row["asset_id"]].append(_event(row))
        except (ValueError, TypeError, InvalidOperation, OverflowError):
            raise BadFile(f"{name} has a bad line {number}.") from None
    return dict(events)


def _event(row: dict[str, str]) -> BookEvent:
    side, price, size = row["side"], Decimal(row["price"]), Decimal(row["size"])
    if side not in ("bid", "ask") or not (0 < price < 1 and 0 <= size < MICROS * MICROS):
        raise ValueError("a level is bid or ask, with a price in between 0 and 1 and a size")
    whole = row["event_type"] == "book"
    return BookEvent(
        _EPOCH + timedelta(milliseconds=int(row["timestamp_ms"])),
        "bid" if side == "bid" else "ask",
        price,
        int(size * MICROS),
        row["hash"] + row["timestamp_ms"] if whole else None,
    )


def _fill(each: Match) -> Fill:
    return Fill(Decimal(each.shares) / _MICRO, Decimal(each.usdc) / _MICRO, each.price)


def _moment(event: BookEvent) -> datetime:
    return event.at
