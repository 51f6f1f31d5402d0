"""How often the API is asked: per user and in all. Who is over it waits; nothing is dropped."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final

from cachetools import LRUCache

# UX §5 "Rates": what the API allows each user, with a little room for its own clock.
LOOKS_PER_SECOND: Final = 9.0
LOOKS_AT_ONCE: Final = 36.0
CHANGES_PER_SECOND: Final = 1.0
CHANGES_AT_ONCE: Final = 9.0
# One API worker answers 1,500 a second; the bot is not its only asker.
ALL_PER_SECOND: Final = 500.0
ALL_AT_ONCE: Final = 500.0
UNHELD: Final = "bot"
"""The bot's own token carries everybody's notices: held in all only."""
USERS_KEPT: Final = 20_000


class Bucket:
    """`per_second` on average, `at_once` after a rest."""

    def __init__(self, per_second: float, at_once: float, clock: Callable[[], float]) -> None:
        self._per_second = per_second
        self._at_once = at_once
        self._clock = clock
        self._free = at_once
        self._as_of = clock()

    def take(self) -> float:
        """Take one; the seconds until it may be used (0: now)."""
        now = self._clock()
        self._free = min(self._at_once, self._free + (now - self._as_of) * self._per_second) - 1
        self._as_of = now
        return max(0.0, -self._free / self._per_second)

    def give_back(self) -> None:
        """It was not used after all."""
        self._free += 1


class Rates:
    """The buckets of everybody and of all together."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._all = Bucket(ALL_PER_SECOND, ALL_AT_ONCE, clock)
        self._users: LRUCache[tuple[str, bool], Bucket] = LRUCache(USERS_KEPT)

    async def room(self, user: str, *, changes: bool, within_seconds: float) -> bool:
        """Wait for this user's turn. False, and nothing is counted, when it would come too late."""
        buckets = (self._all,) if user == UNHELD else (self._all, self._of(user, changes=changes))
        wait = max(bucket.take() for bucket in buckets)
        if wait > within_seconds:
            for bucket in buckets:
                bucket.give_back()
            return False
        if wait > 0:
            await asyncio.sleep(wait)
        return True

    def _of(self, user: str, *, changes: bool) -> Bucket:
        bucket = self._users.get((user, changes))
        if bucket is None:
            rate = (CHANGES_PER_SECOND, CHANGES_AT_ONCE) if changes else (LOOKS_PER_SECOND, LOOKS_AT_ONCE)
            bucket = self._users[user, changes] = Bucket(*rate, self._clock)
        return bucket
