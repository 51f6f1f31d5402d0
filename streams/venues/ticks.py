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
    """``clock`` is monotonic, in seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._seen: dict[str, tuple[Decimal, float]] = {}

    def saw(self, token_id: str, tick: Decimal) -> None:
        """The exchange shows this tick now."""
        self._seen.pop(token_id, None)
        self._seen[token_id] = (tick, self._clock())
        while len(self._seen) > _MOST:
            del self._seen[next(iter(self._seen))]

    def of(self, token_id: str) -> Decimal | None:
        """The tick as it was seen lately; None when it was not."""
        tick, at = self._seen.get(token_id, (None, 0.0))
        return tick if tick is not None and self._clock() - at <= FRESH_SECONDS else None
