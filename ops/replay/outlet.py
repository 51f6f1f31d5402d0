"""The topics of a shadow run: their own prefix, the partitions of the living ones, each message sent once."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from ops import topics
from ops.broker_access import reach
from ops.replay.again import DEAD_LETTER, GONE, Finished, Said
from streams.classify.sorting import TOPIC_OF
from streams.kafka.sender import partition_of
from streams.topology import COPY_RESULTS, Topic, TopicNames

REQUEST_TIMEOUT_MS: Final = 30_000


RESULTS: Final = COPY_RESULTS.name
# What a run writes, by the name it is counted under.
WRITTEN: Final[Mapping[str, Topic]] = {
    **{str(role): topic for role, topic in TOPIC_OF.items()},
    RESULTS: COPY_RESULTS,
}


def shadow_names(names: TopicNames, run: str) -> TopicNames:
    """The names of a run's topics: behind the living prefix, so that they can be told apart and let go of."""
    return TopicNames(f"{names.prefix}shadow.{run}.")


class Outlet:
    """Sends what classify says now; what an interrupted run had sent already is passed over."""

    def __init__(
        self,
        producer: AIOKafkaProducer,
        names: TopicNames,
        partitions: int,
        there: Mapping[tuple[str, int], int],
    ) -> None:
        self._producer = producer
        self._names = names
        self._partitions = partitions
        self._there = dict(there)

    async def send(self, said: Sequence[Said], finished: Sequence[Finished] = ()) -> None:
        """Send, each message on the partition it came from and each end on its follower's, and return once the broker
        has confirmed all. KafkaError."""
        waiting = []
        for each in said:
            if each.said_as == DEAD_LETTER or each.was == GONE:
                continue
            waiting += await self._put(each.said_as, each.place.partition, each.wallet, each.message)
        for end in finished:
            part = partition_of(end.follower.encode(), self._partitions)
            waiting += await self._put(RESULTS, part, end.follower, end.message)
        for sent in waiting:
            await sent

    async def _put(self, name: str, partition: int, key: str, message: bytes) -> list[Awaitable[object]]:
        where = (str(name), partition)
        if self._there.get(where, 0) > 0:
            self._there[where] -= 1
            return []
        topic = self._names.of(WRITTEN[str(name)])
        sent: Awaitable[object] = await self._producer.send(
            topic, message, key=key.encode(), partition=partition
        )
        return [sent]


@asynccontextmanager
async def open_outlet(
    kafka: str, names: TopicNames, partitions: int, kept: Mapping[tuple[str, int], int]
) -> AsyncIterator[Outlet]:
    """The run's topics, made where they are missing. ``kept``: what the tables know as sent, by role and partition;
    what the topics hold beyond it was sent by a chunk that was not kept, and will come again."""
    await topics.create(kafka, names, {names.of(topic): partitions for topic in WRITTEN.values()})
    ends = await _ends(kafka, names, partitions)
    ahead = {where: end - kept.get(where, 0) for where, end in ends.items()}
    producer = AIOKafkaProducer(
        **reach(kafka),
        client_id="polycool-replay",
        enable_idempotence=True,
        request_timeout_ms=REQUEST_TIMEOUT_MS,
    )
    await producer.start()
    try:
        yield Outlet(producer, names, partitions, ahead)
    finally:
        await producer.stop()


async def _ends(kafka: str, names: TopicNames, partitions: int) -> dict[tuple[str, int], int]:
    consumer = AIOKafkaConsumer(**reach(kafka))
    await consumer.start()
    try:
        places = {
            TopicPartition(names.of(topic), part): (name, part)
            for name, topic in WRITTEN.items()
            for part in range(partitions)
        }
        return {places[place]: end for place, end in (await consumer.end_offsets(list(places))).items()}
    finally:
        await consumer.stop()


async def digests(kafka: str, names: TopicNames, partitions: int) -> dict[str, str]:
    """SHA-256 over keys and values of each of the run's topics, partition by partition."""
    ends = await _ends(kafka, names, partitions)
    if not any(ends.values()):
        # A consumer that is stopped before it was asked anything ends with a CancelledError of its own.
        return {topic.name: hashlib.sha256().hexdigest() for topic in WRITTEN.values()}
    found = {}
    consumer = AIOKafkaConsumer(**reach(kafka), enable_auto_commit=False)
    await consumer.start()
    try:
        for name, topic in WRITTEN.items():
            digest = hashlib.sha256()
            for part in range(partitions):
                place = TopicPartition(names.of(topic), part)
                consumer.assign([place])
                consumer.seek(place, 0)
                while await consumer.position(place) < ends[name, part]:
                    for record in (await consumer.getmany(place, timeout_ms=1_000)).get(place, ()):
                        for piece in (str(part).encode(), record.key or b"", record.value or b""):
                            digest.update(len(piece).to_bytes(4) + piece)
            found[topic.name] = digest.hexdigest()
    finally:
        await consumer.stop()
    return found


async def let_go(kafka: str, names: TopicNames) -> None:
    """Delete the run's topics."""
    await topics.delete(kafka, names)
