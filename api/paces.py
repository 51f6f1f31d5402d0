"""How fast a user may ask: a bucket for looking and one for changing, per user (UX §5).

Kept in this process: with several processes behind one address a user has so many times the pace, which bounds load all
the same. Operators are not held; the indexer and the bot have no user.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from api.languages import spoken
from api.problems import Refused

# Who has not asked for so long has full buckets again: both fill in less.
IDLE_SECONDS: Final = 600.0
USERS_MAX: Final = 100_000


@dataclass(slots=True)
class _Bucket:
    held: float
    at: float


@dataclass(frozen=True, slots=True)
class Pace:
    """So many a second in the long run, so many at once."""

    per_second: float
    burst: int


class Paces:
    """The buckets of all users."""

    def __init__(self, looking: Pace, changing: Pace, clock: Callable[[], float] = time.monotonic) -> None:
        self._paces = {False: looking, True: changing}
        self._clock = clock
        self._buckets: dict[tuple[str, bool], _Bucket] = {}
        self._swept = clock()

    def take(self, user_id: str, *, changing: bool) -> None:
        """Take one. 429 with when the next is there, if there is none."""
        pace, now = self._paces[changing], self._clock()
        bucket = self._buckets.get((user_id, changing)) or self._new(user_id, now, changing=changing)
        bucket.held = min(pace.burst, bucket.held + (now - bucket.at) * pace.per_second)
        bucket.at = now
        if bucket.held < 1:
            wait = math.ceil((1 - bucket.held) / pace.per_second)
            said = spoken(f"refused.{'changes' if changing else 'looks'}", seconds=wait)
            raise Refused("too-many", said, retry_after=max(wait, 1))
        bucket.held -= 1

    def _new(self, user_id: str, now: float, *, changing: bool) -> _Bucket:
        if len(self._buckets) >= USERS_MAX or self._swept + IDLE_SECONDS <= now:
            self._swept = now
            self._buckets = {key: kept for key, kept in self._buckets.items() if kept.at + IDLE_SECONDS > now}
        bucket = self._buckets[user_id, changing] = _Bucket(self._paces[changing].burst, now)
        return bucket
