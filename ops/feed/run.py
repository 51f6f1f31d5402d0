"""One run of the feed: markets first, then the trades, from where a former run ended when asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ops.feed.door import open_door
from ops.feed.lines import STDIN, digest
from ops.feed.marks import Mark, MarkFile
from ops.feed.pace import Pace
from ops.feed.plan import trade_rows
from ops.feed.play import Play, Tally, play
from ops.feed.progress import Progress
from ops.feed.refusals import Refused
from ops.feed.target import Target
from schemas.markets import MarketSeen
from streams.topology import MARKETS, TRADES


@dataclass(frozen=True)
class Order:
    """What was asked for: the trades file (``-`` standard input), how fast, with times of now, from the last mark."""

    trades: str | None
    pace: Pace
    shift: bool
    resume: bool


def mark_file(place: Target, file: str) -> MarkFile:
    """Where the way of this file onto this topic is kept: beside the stack's data, named by the file's digest."""
    topic = place.names.of(TRADES)
    return MarkFile(place.directory / "feed" / f"{digest(file)[:16]}-{topic}.json")


def where_to_begin(marks: MarkFile, file: str, topic: str, *, resume: bool) -> Mark:
    """The former run's mark when asked for and there; else the beginning of the file."""
    former = marks.read() if resume else None
    return former or Mark(digest=digest(file), topic=topic)


async def run(
    place: Target, order: Order, markets: Iterable[MarketSeen | Refused], tally: Tally, progress: Progress
) -> int:
    """Send the markets, then the trades; ``tally`` is kept up to date. Returns how many markets were sent."""
    async with open_door(place.kafka, place.names) as door:
        count = 0
        await door.check(MARKETS)
        for market in markets:
            if isinstance(market, Refused):
                tally.refused.append(market)
            else:
                await door.send(MARKETS, market.token_id, market)
                count += 1
        await door.confirm()
        if order.trades is not None:
            await door.check(TRADES)
            await play(door, trade_rows(order.trades), _how(place, order, progress), tally)
        return count


def _how(place: Target, order: Order, progress: Progress) -> Play:
    assert order.trades is not None, "asked only when there are trades"
    if order.trades == STDIN:
        begin = Mark(digest=STDIN, topic=place.names.of(TRADES))
        return Play(order.pace, order.shift, begin, live=True, told=progress.told)
    marks = mark_file(place, order.trades)
    begin = where_to_begin(marks, order.trades, place.names.of(TRADES), resume=order.resume)
    return Play(order.pace, order.shift, begin, marks=marks, told=progress.told)
