"""From a stream to acknowledgements: whatever a stage leaves, order stands and nothing is acknowledged too early."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest

from streams.kafka import lanes
from streams.kafka.following import Following
from streams.kafka.guard import Guard, Handled, Received, Send
from streams.kafka.patience import Patience
from streams.kafka.sender import Sender
from streams.topology import COPY_LEADER, TopicNames
from tests.waiting import eventually

BATCH = 8


class Stream:
    """Events as Faust's stream gives them: one after the other, acknowledged by hand."""

    def __init__(self) -> None:
        self.coming: asyncio.Queue[Any] = asyncio.Queue()
        self.acknowledged: dict[int, list[int]] = defaultdict(list)

    def put(self, partition: int, offset: int, key: str) -> None:
        """One message more."""
        message = SimpleNamespace(
            topic="trades", partition=partition, offset=offset, key=key.encode(), value=b"",
            timestamp=datetime(2026, 11, 29, tzinfo=UTC).timestamp() + offset, headers=(),
        )  # fmt: skip
        ack = lambda: self.acknowledged[partition].append(offset)  # noqa: E731
        self.coming.put_nowait(SimpleNamespace(message=message, ack=ack))

    def noack(self) -> Stream:
        """Nothing is acknowledged by itself."""
        return self

    async def events(self) -> AsyncIterator[Any]:
        """Without end."""
        while True:
            yield await self.coming.get()


Chosen = Callable[[Sequence[Received]], Awaitable[Sequence[Received]]]
"""Which messages of a batch a stage leaves."""


@dataclass
class Stage:
    """Handles in two lanes, as ``chosen`` and ``chosen_aside`` say."""

    chosen: Chosen
    chosen_aside: Chosen

    def __post_init__(self) -> None:
        self.handled: list[Received] = []
        self.straight = Lane(self, self.chosen)
        self.aside = Lane(self, self.chosen_aside)


@dataclass
class Lane:
    """One of them."""

    stage: Stage
    chosen: Chosen

    async def handle(self, batch: Sequence[Received]) -> Handled:
        """One send for each that is done."""
        left = await self.chosen(batch)
        done = [message for message in batch if message not in left]
        self.stage.handled += done
        return Handled([Send(COPY_LEADER, "key", b"%d" % message.offset) for message in done], left=left)


async def nothing(_batch: Sequence[Received]) -> Sequence[Received]:
    """Leaves nothing."""
    return []


async def crowds(batch: Sequence[Received]) -> Sequence[Received]:
    """Leaves the crowd's messages."""
    return [message for message in batch if message.key == b"crowd"]


def following(stage: Stage, producing: Callable[..., Awaitable[Awaitable[object]]]) -> Following:
    """An agent's loop over the stage, which crashes the test where it would end the process."""

    def crash(fault: BaseException) -> NoReturn:
        raise AssertionError("the process would have ended") from fault

    monotonic = asyncio.get_running_loop().time
    straight, aside = (
        Guard("test", lane, Patience(1, 1), monotonic=monotonic) for lane in (stage.straight, stage.aside)
    )
    return Following(
        straight,
        Sender("test", TopicNames(), producing, now=lambda: datetime.now(UTC)),
        batch_messages=BATCH,
        gather_seconds=0.001,
        in_flight=2,
        crash=crash,
        counted=lambda _received, _handled, _seconds: None,
        monotonic=monotonic,
        aside=aside,
        longest_rest=45.0,
    )


async def confirmed(*_sent: object) -> Awaitable[object]:
    """A broker that confirms at once."""
    done = asyncio.get_running_loop().create_future()
    done.set_result(None)
    return done


@pytest.mark.parametrize("seed", range(40))
async def test_r7_whatever_is_left_acknowledgements_keep_the_order_and_never_run_ahead(seed: int) -> None:
    """Three partitions, six keys, two lanes that leave what they like: each key is handled in order, once; each
    partition is acknowledged in order, never past a message that is not handled and confirmed, in the end wholly."""
    chance = random.Random(seed)  # noqa: S311 (a test)
    stream = Stream()
    ahead: list[int] = []

    async def chosen(batch: Sequence[Received]) -> Sequence[Received]:
        for partition, done in stream.acknowledged.items():
            handled = {message.offset for message in stage.handled if message.partition == partition}
            ahead.extend(offset for offset in done if offset not in handled)
        for _ in range(chance.randrange(3)):
            await asyncio.sleep(0)
        keys = {message.key for message in batch}
        waiting = {key: chance.choice((0, 0, 1, 3)) for key in keys}
        left: list[Received] = []
        for message in reversed(batch):
            if waiting[message.key] > 0:
                waiting[message.key] -= 1
                left.insert(0, message)
        return left

    async def chosen_aside(batch: Sequence[Received]) -> Sequence[Received]:
        left = await chosen(batch)
        return left if len(left) < len(batch) else left[1:]

    stage = Stage(chosen, chosen_aside)
    loop = following(stage, confirmed)
    running = asyncio.create_task(loop.follow(stream))
    offsets = [0, 0, 0]
    for _ in range(120):
        partition = chance.randrange(3)
        stream.put(partition, offsets[partition], f"{partition}-{chance.randrange(2)}")
        offsets[partition] += 1
        if chance.random() < 0.3:
            await asyncio.sleep(0)
    await eventually(lambda: sum(map(len, stream.acknowledged.values())) == 120)
    assert loop.oldest_appended_at is None
    await _ended(running)
    assert ahead == []
    assert dict(stream.acknowledged) == {p: list(range(n)) for p, n in enumerate(offsets) if n}
    by_key: dict[bytes | None, list[int]] = defaultdict(list)
    for message in stage.handled:
        by_key[message.key].append(message.offset)
    assert all(several == sorted(set(several)) for several in by_key.values())
    assert len(stage.handled) == 120


async def test_r27_who_comes_later_passes_a_crowd_and_is_acknowledged_after_it() -> None:
    """A crowd is being handled: another goes straight on, its acknowledgement does not; who follows the crowd's message
    under the same key waits behind it."""
    stream, go_on = Stream(), asyncio.Event()
    begun: list[int] = []

    async def slowly(batch: Sequence[Received]) -> Sequence[Received]:
        begun.extend(message.offset for message in batch)
        await go_on.wait()
        return []

    stage = Stage(crowds, slowly)
    loop = following(stage, confirmed)
    running = asyncio.create_task(loop.follow(stream))
    stream.put(0, 0, "crowd")
    await eventually(lambda: begun)
    for offset, key in enumerate(("other", "crowd", "other"), 1):
        stream.put(0, offset, key)
    await eventually(lambda: len(stage.handled) == 2)
    assert [message.offset for message in stage.handled] == [1, 3]
    assert stream.acknowledged[0] == []
    assert loop.oldest_appended_at == datetime(2026, 11, 29, tzinfo=UTC)
    assert begun == [0]
    go_on.set()
    await eventually(lambda: stream.acknowledged[0] == [0, 1, 2, 3])
    assert [message.offset for message in stage.handled] == [1, 3, 0, 2]
    assert loop.busy_seconds == 0.0
    await _ended(running)


async def test_r7_nothing_is_acknowledged_before_the_broker_confirms() -> None:
    """Two batches handled, the first one's send unconfirmed: neither is acknowledged, whatever became of the second."""
    stream = Stream()
    confirmations: list[asyncio.Future[object]] = []

    async def producing(*_sent: object) -> Awaitable[object]:
        confirmations.append(asyncio.get_running_loop().create_future())
        return confirmations[-1]

    running = asyncio.create_task(following(Stage(nothing, nothing), producing).follow(stream))
    for offset in range(2):
        stream.put(0, offset, "key")
        await eventually(lambda n=offset: len(confirmations) == n + 1)  # type: ignore[misc]
    confirmations[1].set_result(None)
    for _ in range(10):
        await asyncio.sleep(0)
    assert stream.acknowledged[0] == []
    confirmations[0].set_result(None)
    await eventually(lambda: stream.acknowledged[0] == [0, 1])
    await _ended(running)


async def test_nothing_more_is_taken_while_too_much_waits_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever comes: what is in hand stays within bounds, and all of it is done in the end."""
    monkeypatch.setattr(lanes, "ASIDE_MOST", 3 * BATCH)
    stream, go_on = Stream(), asyncio.Event()

    async def slowly(batch: Sequence[Received]) -> Sequence[Received]:
        await go_on.wait()
        return batch[1:]

    running = asyncio.create_task(following(Stage(crowds, slowly), confirmed).follow(stream))
    for offset in range(200):
        stream.put(0, offset, "crowd")
    await eventually(lambda: stream.coming.qsize() < 200 - 3 * BATCH)
    for _ in range(500):
        await asyncio.sleep(0)
    assert stream.coming.qsize() > 200 - 3 * BATCH - 3 * BATCH
    go_on.set()
    await eventually(lambda: stream.acknowledged[0] == list(range(200)))
    await _ended(running)


async def _ended(running: asyncio.Task[None]) -> None:
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
