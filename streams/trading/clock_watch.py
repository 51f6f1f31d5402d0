"""Our clock against each exchange's: no BUY goes out on a clock that is wrong or was not compared (SAFETY R17)."""

from __future__ import annotations

from collections.abc import Callable

from schemas.enums import Venue


class ClockWatch:
    """``clock`` is monotonic; differences and ages are seconds."""

    def __init__(self, clock: Callable[[], float], differs_most: float, compared_within: float) -> None:
        self._clock = clock
        self._differs_most = differs_most
        self._compared_within = compared_within
        self._seen: dict[Venue, tuple[float, float]] = {}

    def compared(self, venue: Venue, ahead_seconds: float) -> None:
        """The exchange's clock was ahead of ours by this much, now."""
        self._seen[venue] = (ahead_seconds, self._clock())

    def agrees(self, venue: Venue) -> bool:
        """Whether a BUY may go out by our clock."""
        if venue not in self._seen:
            return False
        ahead, at = self._seen[venue]
        return abs(ahead) <= self._differs_most and self._clock() - at <= self._compared_within
