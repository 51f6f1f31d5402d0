"""A circuit breaker: after some failures in a row nobody asks for a while, then one asks for all.

Of our own: purgatory's reads the wall clock, lets everybody through at once when it half opens, and raises one and the
same exception again and again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

FAILURES_MOST: Final = 5
OPEN_SECONDS: Final = 2.0


class Breaker:
    """Asked before and told after each request; all in one event loop."""

    def __init__(
        self,
        *,
        failures_most: int = FAILURES_MOST,
        open_seconds: float = OPEN_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._failures_most = failures_most
        self._open_seconds = open_seconds
        self._clock = clock
        self._failures = 0
        self._opened_at: float | None = None
        self._trying_since: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether requests are held back."""
        return self._opened_at is not None

    def lets(self) -> bool:
        """Whether a request may go; while open only one at a time, and the first of them after a pause."""
        now = self._clock()
        if self._opened_at is None:
            return True
        if now - self._opened_at < self._open_seconds:
            return False
        # Whoever tried and never told (it was cancelled) holds nobody up for longer than a pause.
        if self._trying_since is not None and now - self._trying_since < self._open_seconds:
            return False
        self._trying_since = now
        return True

    def answered(self) -> None:
        """A request got an answer, whichever."""
        self._failures = 0
        self._opened_at = self._trying_since = None

    def failed(self) -> None:
        """A request got none."""
        self._failures += 1
        if self._failures >= self._failures_most or self._trying_since is not None:
            self._opened_at = self._clock()
            self._trying_since = None
