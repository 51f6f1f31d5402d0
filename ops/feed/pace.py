"""When each row is due, and which rows are planned together. Pure; micro-seconds as integers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ops.feed.trade_rows import Row

_SECOND: Final = 1_000_000
# Rows planned together (and repeated after a kill): at most this many, at most this long a time.
SEGMENT_ROWS: Final = 500
SEGMENT_MICROS: Final = _SECOND


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a file is played: ``per_second`` rows in a second, or ``speed`` times as fast as it was recorded, or,
    with neither, as fast as it goes."""

    per_second: float | None = None
    speed: int | None = None

    @property
    def held(self) -> bool:
        """Whether rows wait for their time at all."""
        return self.per_second is not None or self.speed is not None


@dataclass(frozen=True, slots=True)
class Due:
    """A row and its time: micro-seconds after the feed's start."""

    row: Row
    micros: int


def schedule(rows: Iterable[Row], pace: Pace) -> Iterator[Due]:
    """Each row with its due time; the times never go backwards, also where the file's do."""
    first: datetime | None = None
    latest = 0
    for place, row in enumerate(rows):
        first = first or row.trade.traded_at
        if pace.per_second is not None:
            due = round(place * _SECOND / pace.per_second)
        elif pace.speed is not None:
            due = (row.trade.traded_at - first) // timedelta(microseconds=pace.speed)
        else:
            due = 0
        latest = max(latest, due)
        yield Due(row, latest)


def segments(dues: Iterable[Due], rows: int = SEGMENT_ROWS) -> Iterator[Sequence[Due]]:
    """Rows in groups of at most ``rows`` that are due within SEGMENT_MICROS of each other."""
    group: list[Due] = []
    for due in dues:
        if group and due.micros - group[0].micros >= SEGMENT_MICROS:
            yield group
            group = []
        group.append(due)
        if len(group) >= rows:  # at once: live input may rest after this row
            yield group
            group = []
    if group:
        yield group
