"""Append → visible: asks the API for one copy in a few until it shows its end, from the moment its trade is appended.

A sample and not all of them: the looking must not become the load. It looks every 10 ms at first and
then after each tenth of the time that has passed: a figure is up to a tenth and one call too large, never too small.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import httpx

from ops.demo.faces import Faces
from ops.failures import Missing
from schemas.enums import ENDED_COPY_STATES, CopyState, TradeKind
from schemas.ids import copy_order_name
from schemas.trades import TradeSeen

LOOK_SECONDS: Final = 0.01
# At most this many copies are watched at one time, and a new one is taken up no sooner than this after the last.
AT_ONCE: Final = 3
APART_SECONDS: Final = 0.25
# A SELL that waits, or an order nobody answers, may take long: such a sample says nothing about the usual way.
GIVE_UP_SECONDS: Final = 20.0
# The sparkline and the live percentiles are over so many of the newest.
KEPT: Final = 400


class Probe:
    """Collects samples; ``wanted`` is called for each appended trade."""

    def __init__(self, faces: Faces) -> None:
        self.allocations: Mapping[str, Sequence[str]] = {}
        """Allocations by leader's wallet, from when they are made."""
        self.all_ms: list[float] = []
        self.newest_ms: deque[float] = deque(maxlen=KEPT)
        self.given_up = 0
        self._faces = faces
        self._tasks: set[asyncio.Task[None]] = set()
        self._next_at = 0.0
        self._turn = 0

    def wanted(self, trade: TradeSeen, appended_at: datetime) -> None:
        """Take this trade as a sample when it is time for one."""
        allocations = self.allocations.get(trade.wallet)
        now = asyncio.get_running_loop().time()
        if (
            not allocations
            or trade.kind is not TradeKind.TRADE
            or now < self._next_at
            or len(self._tasks) >= AT_ONCE
        ):
            return
        self._next_at = now + APART_SECONDS
        self._turn += 1
        name = copy_order_name(trade.wallet, trade.trade_id, allocations[self._turn % len(allocations)])
        task = asyncio.create_task(self._watch(name, appended_at))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Let go of what is still watched."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _watch(self, name: str, appended_at: datetime) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            async with asyncio.timeout(GIVE_UP_SECONDS):
                while True:
                    if await self._shows_an_end(name):
                        break
                    await asyncio.sleep(max(LOOK_SECONDS, (loop.time() - began) / 10))
        except (TimeoutError, httpx.HTTPError, Missing):
            self.given_up += 1
            return
        milliseconds = (datetime.now(UTC) - appended_at).total_seconds() * 1000
        self.all_ms.append(milliseconds)
        self.newest_ms.append(milliseconds)

    async def _shows_an_end(self, name: str) -> bool:
        shown = await self._faces.copy_order(name)
        return shown is not None and CopyState(shown["state"]) in ENDED_COPY_STATES


def percentiles(samples: Sequence[float]) -> dict[str, float] | None:
    """``p50, p95, p99, max`` in milliseconds by nearest rank; none without a sample."""
    if not samples:
        return None
    ordered = sorted(samples)
    # Nearest rank, in whole numbers: the smallest sample that so many in a thousand do not exceed.
    ranks = (("p50", 500), ("p95", 950), ("p99", 990), ("max", 1000))
    return {
        name: round(ordered[-(-thousandths * len(ordered) // 1000) - 1], 2) for name, thousandths in ranks
    }
