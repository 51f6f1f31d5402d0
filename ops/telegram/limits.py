"""Telegram's limits of what a bot may send: so many calls a second in all, and one a second per chat after a burst.

The real burst per chat is not published; a bot that keeps to one a second with a burst of three never meets it.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

Clock = Callable[[], float]


@dataclass(frozen=True)
class Pace:
    """The limits in force. ``chat_burst``: how many calls a chat that was quiet takes at once."""

    per_second: int = 30
    chat_per_second: float = 1.0
    chat_burst: int = 4


@dataclass
class _Bucket:
    tokens: float
    at: float
    closed_until: float = 0.0


@dataclass
class Limits:
    """Counts the calls of one bot. ``pace`` None: no limits, so that tests may hurry.

    ``early``: calls made though ``retry_after`` had been said and was not over. A bot that obeys leaves it 0.
    """

    pace: Pace | None
    clock: Clock
    refused: int = 0
    early: int = 0
    _calls: deque[float] = field(default_factory=deque)
    _chats: dict[int, _Bucket] = field(default_factory=dict)
    _closed_until: float = 0.0

    def wait_for(self, chat_id: int) -> int | None:
        """Count a call to a chat. None: it may go; else the seconds to wait."""
        if self.pace is None:
            return None
        now = self.clock()
        if now < self._closed_until:
            self.early += 1
            return self._refuse(self._closed_until - now)
        while self._calls and self._calls[0] <= now - 1.0:
            self._calls.popleft()
        if len(self._calls) >= self.pace.per_second:
            self._closed_until = now + 1.0
            return self._refuse(1.0)
        bucket = self._bucket(chat_id, self.pace, now)
        if now < bucket.closed_until:
            self.early += 1
            return self._refuse(bucket.closed_until - now)
        if bucket.tokens < 1.0:
            wait = max(1.0, (1.0 - bucket.tokens) / self.pace.chat_per_second)
            bucket.closed_until = now + wait
            return self._refuse(wait)
        bucket.tokens -= 1.0
        self._calls.append(now)
        return None

    def close(self, seconds: float) -> None:
        """Refuse everything for so long, as after a flood."""
        self._closed_until = max(self._closed_until, self.clock() + seconds)
        self.refused += 1

    def _bucket(self, chat_id: int, pace: Pace, now: float) -> _Bucket:
        bucket = self._chats.setdefault(chat_id, _Bucket(float(pace.chat_burst), now))
        gained = (now - bucket.at) * pace.chat_per_second
        bucket.tokens, bucket.at = min(float(pace.chat_burst), bucket.tokens + gained), now
        return bucket

    def _refuse(self, seconds: float) -> int:
        self.refused += 1
        return max(1, math.ceil(seconds))
