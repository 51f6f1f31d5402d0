"""The demo without a terminal: a line every few seconds on standard error."""

from __future__ import annotations

import asyncio
from typing import Final

from ops.demo.options import PLAIN_SECONDS
from ops.demo.performance import Performance
from ops.figures.snapshot import Snapshot
from ops.output import say
from schemas.enums import CopyState

EVERY_SECONDS: Final = 5.0
LOOK_SECONDS: Final = 0.1


async def plain(performance: Performance) -> None:
    """Tell how it goes; ends it when the script is over, without a count after a minute."""
    limit = None if performance.options.count is not None else PLAIN_SECONDS
    told = 0.0
    while not performance.player.finished and (limit is None or performance.seconds < limit):
        await asyncio.sleep(LOOK_SECONDS)
        if performance.seconds - told >= EVERY_SECONDS and performance.snapshot is not None:
            told = performance.seconds
            say(line(performance.seconds, performance.player.sent.trades, performance.snapshot))
    performance.ended.set()


def line(seconds: float, trades: int, snapshot: Snapshot) -> str:
    """How it stands, in a line."""
    count = snapshot.copies.by_state
    kept = snapshot.promises
    return (
        f"{clock(seconds)} · {trades:,} trades · {kept.due:,} copies due, {kept.due - kept.open:,} answered: "
        f"{count.get(CopyState.FILLED, 0):,} filled, {count.get(CopyState.SKIPPED, 0):,} skipped, "
        f"{count.get(CopyState.EXPIRED, 0):,} too late · {kept.signals:,} signals · "
        f"bought twice {kept.bought_twice} · dead letters {kept.dead_letters}"
    )


def clock(seconds: float) -> str:
    """``00:04:12``."""
    whole = int(seconds)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
