"""Books as they were recorded (../shared/data): snapshots and level changes, replayed into whole books."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from ops.paper.tokens import Book, Level

RECORDING = Path(__file__).parents[3] / "shared" / "data" / "orderbook_events_mlb_2025-06.csv.gz"
_MICROS = 1_000_000


class Replay:
    """One token's book as the events make it."""

    def __init__(self) -> None:
        self.sides: dict[str, dict[Decimal, int]] = {"bid": {}, "ask": {}}
        self._snapshot = ""

    def take(self, row: dict[str, str]) -> None:
        """A snapshot's first row clears what was known; a change to 0 removes a level."""
        moment = row["hash"] + row["timestamp_ms"]
        if row["event_type"] == "book" and moment != self._snapshot:
            self._snapshot, self.sides = moment, {"bid": {}, "ask": {}}
        price, size = Decimal(row["price"]), int(Decimal(row["size"]) * _MICROS)
        levels = self.sides[row["side"]]
        if size:
            levels[price] = size
        else:
            levels.pop(price, None)

    def book(self, taken_at: datetime) -> Book:
        """The book now, best level first."""
        bids = sorted((Level(*level) for level in self.sides["bid"].items()), reverse=True)
        asks = sorted(Level(*level) for level in self.sides["ask"].items())
        return Book(tuple(bids), tuple(asks), taken_at)


def recorded_books(every: int) -> Iterator[Book]:
    """Each token's book after each ``every``-th moment of the recording that has both sides uncrossed."""
    replays: dict[str, Replay] = {}
    moments = 0
    last: tuple[str, str] | None = None
    with gzip.open(RECORDING, "rt") as lines:
        for row in csv.DictReader(lines):
            moment = (row["asset_id"], row["timestamp_ms"])
            if last is not None and moment != last:
                moments += 1
                if moments % every == 0:
                    book = replays[last[0]].book(datetime.fromtimestamp(int(last[1]) / 1000, UTC))
                    if book.bids and book.asks and book.bids[0].price < book.asks[0].price:
                        yield book
            replays.setdefault(row["asset_id"], Replay()).take(row)
            last = moment
