"""The messages that were taken and not acknowledged: handled in whatever order, acknowledged only in the broker's.

A gap in the acknowledgements could make Faust commit past a message (its issue 606). So one that is done waits here
until all before it in its partition are done too.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from streams.kafka.guard import Received


@dataclass(slots=True, eq=False)
class Taken:
    """One message: Faust's event, and what the stage sees of it; since when (seconds, any clock) it is aside."""

    event: Any
    received: Received
    done: bool = False
    aside_since: float = 0.0


class InHand:
    """What was taken, partition by partition in the order of offsets."""

    def __init__(self) -> None:
        self._partitions: dict[tuple[str, int], deque[Taken]] = {}

    def take(self, several: Iterable[Taken]) -> None:
        """They come behind all of their partitions."""
        for each in several:
            self._partitions.setdefault(_partition(each), deque()).append(each)

    def acknowledgeable(self, done: Sequence[Taken]) -> list[Taken]:
        """These are done and confirmed. Answers what is to be acknowledged now, in this order, and forgets it."""
        for each in done:
            each.done = True
        now: list[Taken] = []
        for partition in dict.fromkeys(map(_partition, done)):
            waiting = self._partitions[partition]
            while waiting and waiting[0].done:
                now.append(waiting.popleft())
            if not waiting:
                del self._partitions[partition]
        return now

    @property
    def oldest_appended_at(self) -> datetime | None:
        """When the broker got the oldest that is not acknowledged; None when nothing is in hand."""
        first = [waiting[0].received.appended_at for waiting in self._partitions.values()]
        return min(first, default=None)


def _partition(taken: Taken) -> tuple[str, int]:
    return taken.received.topic, taken.received.partition
