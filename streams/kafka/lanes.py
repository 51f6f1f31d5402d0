"""The two lanes of a stage: what takes a moment goes straight on, what takes long goes aside (SAFETY R27).

A key is in one lane at a time: as long as a message of it is aside, those that follow it go aside too. Beside others
each key aside may work for a while without a rest, then only for a share of the time, in short batches: a burst is soon
done, a flood is thin, and many crowds that trade now and then never rest.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from streams.kafka.guard import Received
from streams.kafka.in_hand import Taken

SHARE: Final = 0.5
"""Of the time, for one key that lasts longer than a burst."""
BURST_SECONDS: Final = 0.2
"""So much work is done without a rest: some 15 fills of a leader with a hundred followers."""
THIN_SECONDS: Final = 0.1
"""A batch between two rests should take no longer."""
LEAST_SECONDS: Final = 0.1
"""So much work a batch counts for at least: what comes often is handled several at once, five times a second, for each
batch has costs of its own."""
FEW: Final = 4
"""So many may be handled at once whatever they take: alone, each of them would take longer."""
OTHERS_FOR_SECONDS: Final = 2.0
"""There are others for so long after a message went straight."""
ASIDE_MOST: Final = 2_000
"""So many wait aside before nothing more is taken from the broker: what is not acknowledged comes again after a
kill, and is waited for before partitions are given up. From half of it on nobody rests: then all would wait."""
BATCH_MOST: Final = 64
"""So many at once: a crowd of a hundred makes a large transaction of them."""


@dataclass(slots=True)
class _Key:
    """What waits of one key, and the work (seconds) it may do before it rests."""

    credited_at: float
    credit: float = BURST_SECONDS
    seconds_each: float = 0.0
    waiting: deque[Taken] = field(default_factory=deque)
    in_hand: int = 0

    def earn(self, now: float) -> None:
        self.credit = min(BURST_SECONDS, self.credit + (now - self.credited_at) * SHARE)
        self.credited_at = now

    def rests(self, now: float, longest: float) -> float:
        """For how many seconds it should rest before its next message, which waits ``longest`` at most."""
        return min(-self.credit / SHARE, self.waiting[0].aside_since + longest - now)

    def most(self) -> int:
        """How many of its messages may be handled at once."""
        return max(FEW, int(max(THIN_SECONDS, self.credit) / max(self.seconds_each, 0.001)))


class Aside:
    """What was put aside, and when the next of it may be handled. Whoever waited for ``longest_rest`` seconds rests no
    more."""

    def __init__(self, monotonic: Callable[[], float], longest_rest: float) -> None:
        self._longest_rest = longest_rest
        self._monotonic = monotonic
        self._keys: dict[bytes | None, _Key] = {}
        self._waiting = 0
        self._changed = asyncio.Event()
        self._straight_at = monotonic() - OTHERS_FOR_SECONDS

    @property
    def is_full(self) -> bool:
        """Whether nothing more should be taken from the broker."""
        return self._waiting >= ASIDE_MOST

    def straight(self, gathered: Iterable[Taken]) -> list[Taken]:
        """Those that may go straight on; the others, of keys that are aside, are kept here."""
        straight: list[Taken] = []
        for each in gathered:
            key = self._keys.get(each.received.key)
            if key is not None and (key.waiting or key.in_hand):
                self.put([each])
            else:
                straight.append(each)
        return straight

    def went_straight(self) -> None:
        """Messages went through the straight lane just now."""
        self._straight_at = self._monotonic()

    def put(self, several: Sequence[Taken]) -> None:
        """They come behind all of their keys that wait."""
        now = self._monotonic()
        for each in several:
            each.aside_since = now
            self._keys.setdefault(each.received.key, _Key(now)).waiting.append(each)
        self._waiting += len(several)
        self._changed.set()

    async def next(self) -> list[Taken]:
        """The first that wait, of all keys that need no rest, once there are some."""
        while not (batch := self._ready()):
            self._changed.clear()
            now = self._monotonic()
            rests = [key.rests(now, self._longest_rest) for key in self._keys.values() if key.waiting]
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), min(rests, default=None))
        return batch

    def _ready(self) -> list[Taken]:
        now = self._monotonic()
        alone = now - self._straight_at >= OTHERS_FOR_SECONDS or self._waiting >= ASIDE_MOST / 2
        batch: list[Taken] = []
        for key in self._keys.values():
            key.earn(now)
            if key.waiting and (alone or key.rests(now, self._longest_rest) <= 0):
                most = min(BATCH_MOST - len(batch), BATCH_MOST if alone else key.most())
                while key.waiting and key.in_hand < most:
                    batch.append(key.waiting.popleft())
                    key.in_hand += 1
        self._waiting -= len(batch)
        return batch

    def handled(self, batch: Sequence[Taken], left: Sequence[Taken], seconds: float) -> None:
        """The batch was handled in so many seconds; what is left of it comes first again."""
        done = len(batch) - len(left)
        for each in reversed(left):
            self._keys[each.received.key].waiting.appendleft(each)
        self._waiting += len(left)
        for name, key in list(self._keys.items()):
            if key.in_hand:
                key.credit -= max(LEAST_SECONDS, seconds * key.in_hand / len(batch))
                key.seconds_each = seconds / max(1, done)
                key.in_hand = 0
                self._keys[name] = self._keys.pop(name)  # the others come first next time
            elif not key.waiting and key.credit >= BURST_SECONDS:
                del self._keys[name]


def divided(batch: Sequence[Taken], left: Sequence[Received]) -> tuple[list[Taken], list[Taken]]:
    """What is done, and what is left, each in the order of the batch."""
    places = {(message.topic, message.partition, message.offset) for message in left}
    parts: tuple[list[Taken], list[Taken]] = ([], [])
    for each in batch:
        parts[(each.received.topic, each.received.partition, each.received.offset) in places].append(each)
    return parts
