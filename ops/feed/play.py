"""Plays the rows of a file onto ``trades``: paced, times shifted to now when asked, confirmed, and marked."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Final

from ops.feed.door import Door
from ops.feed.marks import Mark, MarkFile
from ops.feed.pace import SEGMENT_ROWS, Due, Pace, schedule, segments
from ops.feed.refusals import Refused
from ops.feed.trade_rows import Row
from streams.topology import TRADES

_MICRO: Final = timedelta(microseconds=1)


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Tally:
    """What a feed has done so far: rows handed over and confirmed, rows passed over because they were sent before."""

    sent: int = 0
    confirmed: int = 0
    passed_over: int = 0
    refused: list[Refused] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Play:
    """How rows are played. ``mark`` is where to begin; with ``marks`` the way is kept there. ``live`` input is sent
    row by row, as it comes."""

    pace: Pace
    shift: bool
    mark: Mark
    marks: MarkFile | None = None
    live: bool = False
    clock: Callable[[], datetime] = utc_now
    told: Callable[[Tally], None] = lambda _tally: None


async def play(door: Door, rows: Iterable[Row | Refused], how: Play, tally: Tally) -> None:
    """Send all rows, each as often as it is in the file, ``tally`` kept up to date.

    Raises BrokerAway; what the marks say is confirmed stays so. A trade_id that comes again in the file is sent with
    the time it was given first, so that it stays the same message (within one run).
    """
    fresh = await _again(door, _readable(rows, how, tally), how, tally)
    start = how.clock()
    given: dict[str, datetime] = {}
    groups = segments(schedule(fresh, how.pace), 1 if how.live else SEGMENT_ROWS)
    confirmed_line = max([how.mark.confirmed_line, *how.mark.planned])
    while group := await _next(groups):
        times = _times(group, start if how.pace.held else how.clock(), given) if how.shift else {}
        if how.marks is not None:
            await _confirm(door, how, tally)
            how.marks.write(how.mark.model_copy(update={"confirmed_line": confirmed_line, "planned": times}))
        for due in group:
            if how.pace.held:
                await _until(start + due.micros * _MICRO, how.clock)
            await _send(door, due.row, times.get(due.row.line), tally)
        confirmed_line = group[-1].row.line
        how.told(tally)
    await _confirm(door, how, tally)
    if how.marks is not None:
        how.marks.write(how.mark.model_copy(update={"confirmed_line": confirmed_line, "planned": {}}))


def _readable(rows: Iterable[Row | Refused], how: Play, tally: Tally) -> Iterator[Row]:
    """The rows to send: not the refused ones (tallied), not those confirmed by an earlier run."""
    for row in rows:
        if isinstance(row, Refused):
            tally.refused.append(row)
            how.told(tally)
        elif row.line <= how.mark.confirmed_line:
            tally.passed_over += 1
        else:
            yield row


async def _again(door: Door, rows: Iterator[Row], how: Play, tally: Tally) -> Iterator[Row]:
    """Send what an earlier run had planned, with the times it gave; returns the rows after it."""
    for row in rows:
        if row.line not in how.mark.planned:
            return chain([row], rows)
        await _send(door, row, how.mark.planned[row.line], tally)
    return iter(())


async def _send(door: Door, row: Row, traded_at: datetime | None, tally: Tally) -> None:
    trade = row.trade if traded_at is None else row.trade.model_copy(update={"traded_at": traded_at})
    await door.send(TRADES, trade.wallet, trade)
    tally.sent += 1


async def _confirm(door: Door, how: Play, tally: Tally) -> None:
    await door.confirm()
    tally.confirmed = tally.sent
    how.told(tally)


def _times(group: Sequence[Due], base: datetime, given: dict[str, datetime]) -> Mapping[int, datetime]:
    """The shifted time of each row by line. Rows due together are a micro-second apart: their order stays visible."""
    times: dict[int, datetime] = {}
    for place, due in enumerate(group):
        times[due.row.line] = given.setdefault(due.row.trade.trade_id, base + (due.micros + place) * _MICRO)
    return times


async def _until(moment: datetime, clock: Callable[[], datetime]) -> None:
    wait = (moment - clock()).total_seconds()
    if wait > 0:
        await asyncio.sleep(wait)


async def _next(groups: Iterator[Sequence[Due]]) -> Sequence[Due] | None:
    """The next group, read beside the loop; none at the end. The thread is a daemon: Ctrl-C does not wait for it, as
    it would for a thread of the loop's own pool that waits for standard input."""
    loop = asyncio.get_running_loop()
    found: asyncio.Future[Sequence[Due] | None] = loop.create_future()

    def told(group: Sequence[Due] | None, error: BaseException | None) -> None:
        if found.done():
            return
        if error is None:
            found.set_result(group)
        else:
            found.set_exception(error)

    def read() -> None:
        group, failed = None, None
        try:
            group = next(groups, None)
        except Exception as error:
            failed = error
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(told, group, failed)

    threading.Thread(target=read, daemon=True).start()
    return await found
