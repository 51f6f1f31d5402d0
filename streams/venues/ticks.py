"""Price steps as the exchange shows them now: a market's changes while it runs, above 0.96 and under 0.04 (§2.2).

What was seen outweighs what ``markets`` says for a while; by then the market's poller has told it too. Pure.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Final

# Longer than the poller needs to tell a change, short enough that a forgotten tick does not stand against it.
FRESH_SECONDS: Final = 120.0
_MOST: Final = 20_000


class Ticks:
    """``now`` is a monotonic clock, in seconds."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._seen_at: dict[str, tuple[Decimal, float]] = {}

    def saw(self, token_id: str, tick: Decimal) -> None:
        """The exchange shows this tick now."""
        self._seen_at.pop(token_id, None)
        self._seen_at[token_id] = (tick, self._now())
        while len(self._seen_at) > _MOST:
            del self._seen_at[next(iter(self._seen_at))]

    def of(self, token_id: str) -> Decimal | None:
        """The tick as it was seen lately; None when it was not."""
        seen = self._seen_at.get(token_id)
        return seen[0] if seen is not None and self._now() - seen[1] <= FRESH_SECONDS else None
