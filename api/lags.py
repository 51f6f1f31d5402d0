"""How far each partition's readers are behind, asked at the broker."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from api.kafka_access import reach
from api.problems import Refused
from schemas.console_views import PartitionLag

# The names of the contract (schemas/contracts/asyncapi.json); a test compares them with the topology.
TOPICS: Final = ("trades", "copy_leader", "smart_trader")
# Every group of the streams processes begins so, whichever stages they run.
GROUPS: Final = "polycool-streams"
# A broker that is there answers in milliseconds; the console asks again soon.
_SECONDS: Final = 3.0


async def lags(kafka: str, prefix: str) -> tuple[PartitionLag, ...]:
    """Ends and committed places of the topics on the way. 503 while the broker is away."""
    consumer = AIOKafkaConsumer(**reach(kafka), client_id="polycool-console")
    admin = AIOKafkaAdminClient(**reach(kafka), client_id="polycool-console")
    try:
        async with asyncio.timeout(_SECONDS):
            await consumer.start()
            await admin.start()
            places = await _places(admin, [f"{prefix}{topic}" for topic in TOPICS])
            ends: dict[TopicPartition, int] = await consumer.end_offsets(places) if places else {}
            committed = await committed_places(admin, f"{prefix}{GROUPS}")
    except (KafkaError, TimeoutError, OSError) as error:
        raise Refused("unavailable", "The broker does not answer.", retry_after=2) from error
    finally:
        await consumer.stop()
        await admin.close()
    return tuple(_lag(place, ends[place], committed.get(place), prefix) for place in sorted(places))


async def _places(admin: AIOKafkaAdminClient, topics: Iterable[str]) -> list[TopicPartition]:
    described = await admin.describe_topics(list(topics))
    return [
        TopicPartition(topic["topic"], part["partition"])
        for topic in described
        for part in topic["partitions"]
    ]


async def committed_places(admin: AIOKafkaAdminClient, begins: str) -> dict[TopicPartition, int]:
    """What groups whose names begin so have committed, the furthest of each partition."""
    committed: dict[TopicPartition, int] = {}
    for name, _ in await admin.list_consumer_groups():
        if name.startswith(begins):
            for place, kept in (await admin.list_consumer_group_offsets(name)).items():
                committed[place] = max(kept.offset, committed.get(place, 0))
    return committed


def _lag(place: TopicPartition, end: int, committed: int | None, prefix: str) -> PartitionLag:
    return PartitionLag(
        topic=place.topic.removeprefix(prefix),
        partition=place.partition,
        end=end,
        committed=committed,
        behind=None if committed is None else max(0, end - committed),
    )
