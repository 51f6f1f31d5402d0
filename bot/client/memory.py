"""Answers kept for a moment, so that turning pages does not ask everything again (B-46).

A user's own write makes all that was asked before its end old: what was on its way when the write began, or while it
ran, is shown to whoever asked and never kept.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import count
from typing import Any, Final

from cachetools import TTLCache

KEPT_SECONDS: Final = 2.0
ANSWERS_KEPT: Final = 10_000
# Longer than any request lasts: a write that old has no older question still on its way.
WRITES_KEPT_SECONDS: Final = 120.0


class Memory:
    """Answers by user and question. Times are counted, not measured: two things never happen at once."""

    def __init__(
        self, *, kept_seconds: float = KEPT_SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._moments = count(1)
        self._answers: TTLCache[tuple[str, str], tuple[int, Any]] = TTLCache(
            ANSWERS_KEPT, kept_seconds, timer=clock
        )
        self._writes: TTLCache[str, int] = TTLCache(ANSWERS_KEPT * 10, WRITES_KEPT_SECONDS, timer=clock)

    def begin(self) -> int:
        """A question is asked now; its answer is kept under this moment."""
        return next(self._moments)

    def get(self, user: str, question: str) -> Any:
        """The kept answer, or None."""
        kept = self._answers.get((user, question))
        return kept[1] if kept is not None and kept[0] > self._writes.get(user, 0) else None

    def keep(self, user: str, question: str, begun: int, answer: Any) -> None:
        """Keep an answer, unless the user has written since it was asked for or a later one is kept already."""
        kept = self._answers.get((user, question))
        if begun > self._writes.get(user, 0) and (kept is None or kept[0] < begun):
            self._answers[user, question] = (begun, answer)

    def wrote(self, user: str) -> None:
        """The user's write begins, or has ended in whatever way: call both times."""
        self._writes[user] = next(self._moments)
