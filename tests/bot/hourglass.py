"""A clock that stands still until everybody waits for it, then goes to the next moment somebody waits for."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Awaitable
from itertools import count
from typing import TypeVar

Answer = TypeVar("Answer")
# Rounds of the loop in which something may still happen before the clock goes on.
_ROUNDS = 20


class Hourglass:
    """Seconds from 0; ``within`` turns it until a coroutine is done."""

    def __init__(self) -> None:
        self._now = 0.0
        self._order = count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> float:
        """The seconds so far."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock has gone so far."""
        sleeper: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + seconds, next(self._order), sleeper))
        await sleeper

    async def within(self, work: Awaitable[Answer]) -> Answer:
        """The work's answer, however long it takes by this clock."""
        task = asyncio.ensure_future(work)
        while not task.done():
            for _ in range(_ROUNDS):
                await asyncio.sleep(0)
            if not task.done():
                self._on()
        return await task

    def _on(self) -> None:
        while self._sleepers:
            at, _, sleeper = heapq.heappop(self._sleepers)
            if not sleeper.done():
                self._now = max(self._now, at)
                sleeper.set_result(None)
                return
        raise AssertionError("nobody waits for the clock, and the work is not done")
