"""Rung when the exchange's user stream says that something happened to an order: who waits for it looks at once.

A bell that never rings costs a pause, nothing else: every look comes by itself too.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from typing import Final

# Orders rung that nobody took up yet; they are looked at by the clock as well.
_MOST: Final = 10_000


class Bell:
    """One for the process; used from its event loop alone."""

    def __init__(self) -> None:
        self._waiting: dict[str, asyncio.Event] = {}
        self._rung: dict[str, None] = {}

    def ring(self, order_hashes: Iterable[str]) -> None:
        """Something happened to these orders."""
        for name in order_hashes:
            if name in self._waiting:
                self._waiting[name].set()
            self._rung[name] = None
        while len(self._rung) > _MOST:
            del self._rung[next(iter(self._rung))]

    async def heard(self, order_hash: str, seconds: float) -> bool:
        """Wait until the order is rung for, at most so long; whether it was."""
        if seconds <= 0:
            return False
        event = self._waiting.setdefault(order_hash, asyncio.Event())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await event.wait()
        self._waiting.pop(order_hash, None)
        return event.is_set()

    def take(self) -> frozenset[str]:
        """The orders rung for since this was last asked."""
        rung = frozenset(self._rung)
        self._rung.clear()
        return rung
