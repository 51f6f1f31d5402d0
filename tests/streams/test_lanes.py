"""The lane aside: who goes straight, who rests and for how long (SAFETY R27)."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from streams.kafka.guard import Received
from streams.kafka.in_hand import Taken
from streams.kafka.lanes import (
    ASIDE_MOST,
    BATCH_MOST,
    BURST_SECONDS,
    FEW,
    LEAST_SECONDS,
    OTHERS_FOR_SECONDS,
    SHARE,
    THIN_SECONDS,
    Aside,
)

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
EACH = THIN_SECONDS / 4
"""What a message takes, seconds."""
LONGEST_REST_SECONDS = 45.0


class Ground:
    """A lane aside with a clock that stands until work is done or somebody rests."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.aside = Aside(lambda: self.now, LONGEST_REST_SECONDS)
        self.done: list[tuple[float, str, int]] = []

    def put(self, key: str, count: int) -> list[Taken]:
        """So many messages of one key more."""
        several = [Taken(None, Received("t", 0, n, key.encode(), b"", NOON)) for n in range(count)]
        self.aside.put(several)
        return several

    async def work(self, seconds: float, *, beside: bool = True) -> None:
        """Handle what may be handled for so long, each message taking its time; ``beside`` others all the while."""
        until = self.now + seconds
        while self.now < until:
            if beside:
                self.aside.went_straight()
            batch = await self._next()
            if not batch:
                self.now += 0.001
                continue
            self.done += [
                (self.now, (each.received.key or b"").decode(), each.received.offset) for each in batch
            ]
            took = EACH * len(batch)
            self.now += took
            self.aside.handled(batch, [], took)

    async def _next(self) -> list[Taken]:
        waiting = asyncio.ensure_future(self.aside.next())
        for _ in range(3):
            await asyncio.sleep(0)
        if waiting.done():
            return waiting.result()
        waiting.cancel()
        return []


async def test_a_burst_is_done_without_a_rest_then_the_share_is_kept() -> None:
    """Beside others: what a burst may take at once, then as much as its share of the time; short batches."""
    ground = Ground()
    ground.put("crowd", ASIDE_MOST // 2 - 1)
    await ground.work(BURST_SECONDS)
    assert len(ground.done) * EACH >= BURST_SECONDS
    before = len(ground.done)
    began = ground.now
    await ground.work(10)
    worked = (len(ground.done) - before) * EACH / (ground.now - began)
    assert worked == pytest.approx(SHARE, rel=0.2)
    batches = [moment for moment, _, _ in ground.done[before:]]
    assert max(map(batches.count, batches)) * EACH <= THIN_SECONDS
    assert [number for _, _, number in ground.done] == list(range(len(ground.done)))


async def test_what_comes_often_is_handled_several_at_once() -> None:
    """A trickle that takes nothing: after a burst five batches a second, however fast it comes; none waits longer."""
    ground = Ground()
    ground.aside.went_straight()
    waited = []
    batches: list[float] = []
    came: dict[int, float] = {}
    for number in range(200):
        taken = Taken(None, Received("t", 0, number, b"often", b"", NOON))
        came[number] = ground.now
        ground.aside.put([taken])
        ground.aside.went_straight()
        if batch := await ground._next():
            batches.append(ground.now)
            waited += [ground.now - came[each.received.offset] for each in batch]
            ground.aside.handled(batch, [], 0.001)
        ground.now += 0.03
    interval = LEAST_SECONDS / SHARE
    assert len(batches) == pytest.approx(200 * 0.03 / interval, rel=0.25)
    assert max(waited) <= interval + 0.03


async def test_a_few_are_handled_at_once_however_long_one_takes() -> None:
    """Each batch has costs of its own: one by one would take longer."""
    ground = Ground()
    ground.put("crowd", 64)
    ground.aside.went_straight()
    first = await ground.aside.next()
    ground.aside.handled(first, [], 10.0 * len(first))
    ground.put("crowd", 64)
    ground.now += LONGEST_REST_SECONDS
    ground.aside.went_straight()
    assert len(await ground.aside.next()) == FEW


async def test_alone_nobody_rests() -> None:
    """Nobody went straight for a while: the crowd has all of the time, in large batches."""
    ground = Ground()
    ground.put("crowd", 1_000)
    await ground.work(1_000 * EACH, beside=False)
    assert len(ground.done) == 1_000
    assert ground.now == pytest.approx(1_000 + 1_000 * EACH, abs=0.01)


async def test_who_rests_holds_up_no_other_crowd() -> None:
    """A flood is in debt; a crowd that trades now and then is handled at once, whatever waits before it."""
    ground = Ground()
    ground.put("flood", ASIDE_MOST // 2 - 1)
    await ground.work(2)
    ground.put("crowd", 1)
    came = ground.now
    await ground.work(THIN_SECONDS)
    (handled,) = (moment for moment, key, _ in ground.done if key == "crowd")
    assert handled - came <= THIN_SECONDS


async def test_nobody_rests_for_ever() -> None:
    """What waited for the longest time is handled without a rest: the crowd's copies must not become too old."""
    ground = Ground()
    ground.put("flood", ASIDE_MOST // 2 - 1)
    ground.now += LONGEST_REST_SECONDS
    before, began = len(ground.done), ground.now
    await ground.work(2)
    assert (len(ground.done) - before) * EACH == pytest.approx(ground.now - began, rel=0.1)


async def test_nobody_rests_when_so_much_waits_that_soon_all_would() -> None:
    """Half of what may wait aside is there: it is worked off without a rest until it is less."""
    ground = Ground()
    ground.put("flood", ASIDE_MOST // 2 + 500)
    began = ground.now
    await ground.work(500 * EACH)
    assert len(ground.done) * EACH == pytest.approx(ground.now - began, rel=0.1)


async def test_a_key_that_is_aside_never_goes_straight() -> None:
    """Waiting or in hand: those that follow it stay behind it; afterwards they go straight again."""
    ground = Ground()
    first = ground.put("crowd", 1)
    second = Taken(None, Received("t", 0, 1, b"crowd", b"", NOON))
    other = Taken(None, Received("t", 0, 2, b"other", b"", NOON))
    assert ground.aside.straight([second, other]) == [other]
    batch = await ground.aside.next()
    assert batch == [*first, second]
    third = Taken(None, Received("t", 0, 3, b"crowd", b"", NOON))
    assert ground.aside.straight([third]) == [], "in hand"
    ground.aside.handled(batch, [second], 0.01)
    assert await ground.aside.next() == [second, third]
    ground.aside.handled([second, third], [], 0.01)
    fourth = Taken(None, Received("t", 0, 4, b"crowd", b"", NOON))
    assert ground.aside.straight([fourth]) == [fourth]


async def test_what_comes_wakes_a_lane_at_rest() -> None:
    """All that wait are at rest: a new key is handled at once, not after their rest."""
    ground = Ground()
    ground.put("flood", BATCH_MOST)
    ground.aside.went_straight()
    ground.aside.handled(await ground.aside.next(), [], 100.0)
    ground.put("flood", 1)
    waiting = asyncio.ensure_future(ground.aside.next())
    await asyncio.sleep(0)
    assert not waiting.done()
    (lone,) = ground.put("crowd", 1)
    assert await asyncio.wait_for(waiting, 10) == [lone]


async def test_others_are_forgotten_after_a_while() -> None:
    """In debt, but nobody went straight for a while: no rest."""
    ground = Ground()
    ground.put("flood", BATCH_MOST)
    ground.aside.went_straight()
    ground.aside.handled(await ground.aside.next(), [], 100.0)
    (lone,) = ground.put("flood", 1)
    ground.now += OTHERS_FOR_SECONDS
    assert await asyncio.wait_for(ground.aside.next(), 10) == [lone]
