"""How much is on a topic, asked at the broker by one consumer that stays."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaConsumer, TopicPartition

from ops.broker_access import reach
from streams.topology import Topic, TopicNames


class Counts:
    """Ends of topics."""

    def __init__(self, consumer: AIOKafkaConsumer, names: TopicNames) -> None:
        self._consumer = consumer
        self._names = names
        self._places: dict[str, list[TopicPartition]] = {}

    async def messages(self, topic: Topic) -> int:
        """Messages on a topic of the kind that is kept by time, over all partitions; KafkaError without a broker."""
        places = await self._places_of(self._names.of(topic))
        if not places:
            return 0
        ends: dict[TopicPartition, int] = await self._consumer.end_offsets(places)
        starts: dict[TopicPartition, int] = await self._consumer.beginning_offsets(places)
        return sum(ends.values()) - sum(starts.values())

    async def _places_of(self, name: str) -> list[TopicPartition]:
        if name not in self._places:
            cluster = await self._consumer._client.fetch_all_metadata()
            self._places[name] = [
                TopicPartition(name, part) for part in cluster.partitions_for_topic(name) or ()
            ]
        return self._places[name]


@asynccontextmanager
async def counts(kafka: str, names: TopicNames) -> AsyncIterator[Counts]:
    """A consumer without a group that reads no message."""
    consumer = AIOKafkaConsumer(**reach(kafka), client_id="polycool-figures")
    await consumer.start()
    try:
        yield Counts(consumer, names)
    finally:
        await consumer.stop()
