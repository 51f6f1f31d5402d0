"""Who is on his way goes first: work that has time stands still while a trade passes (SAFETY R27).

All stages share one loop. Between two steps of a long piece of work a trade would wait for a step at each of its hops,
and for its share of the processor at all others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

PASSING_SECONDS: Final = 0.015
"""So long after a stage has done with it a trade is on its way to the next one, or to be signed."""
LOOK_SECONDS: Final = 0.002
"""How often those that stand still look whether it has passed."""
STILL_MOST_SECONDS: Final = 0.05
"""A piece of work stands still for no longer in all: it may hold locks that others wait for, and it must end."""


class Precedence:
    """Of one process."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._in_hand = 0
        self._until = monotonic()

    @contextmanager
    def in_hand(self) -> Iterator[None]:
        """A stage handles a trade."""
        self._in_hand += 1
        try:
            yield
        finally:
            self._in_hand -= 1

    def on_its_way(self) -> None:
        """A stage has done with a trade just now."""
        self._until = self._monotonic() + PASSING_SECONDS

    def passing_seconds(self) -> float:
        """For how long a trade is still on its way, as far as one can say; 0 when nothing passes."""
        return LOOK_SECONDS if self._in_hand else max(0.0, self._until - self._monotonic())

    def turn(self) -> Turn:
        """For one piece of work that has time."""
        return Turn(self)


class Turn:
    """How long one piece of work may still stand still."""

    def __init__(self, precedence: Precedence) -> None:
        self._precedence = precedence
        self._left = STILL_MOST_SECONDS

    async def give_way(self) -> None:
        """Give way to whatever waits for the loop, and stand still while a trade passes."""
        await asyncio.sleep(0)
        while (still := min(self._precedence.passing_seconds(), self._left)) > 0:
            await asyncio.sleep(still)
            self._left -= still
