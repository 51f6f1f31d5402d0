"""One partition at the broker: its offsets, and the oldest message that its readers have not committed."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from aiokafka.structs import ConsumerRecord

from api.kafka_access import reach
from api.lags import GROUPS, TOPICS, committed_places
from api.problems import Refused, not_found
from schemas.figure_views import PartitionView, UnreadMessage

# A fetch from a broker that is there comes at once; behind a transaction's last marker nothing ever comes.
_FETCH_SECONDS: Final = 1.0
_SECONDS: Final = 4.0


async def partition(kafka: str, prefix: str, topic: str, number: int) -> PartitionView:
    """How the partition stands. 404 for one that is not of the way; 503 while the broker is away."""
    if topic not in TOPICS:
        raise not_found("partition")
    place = TopicPartition(f"{prefix}{topic}", number)
    consumer = AIOKafkaConsumer(**reach(kafka), client_id="polycool-console", enable_auto_commit=False)
    admin = AIOKafkaAdminClient(**reach(kafka), client_id="polycool-console")
    try:
        async with asyncio.timeout(_SECONDS):
            await consumer.start()
            await admin.start()
            if number not in (consumer.partitions_for_topic(place.topic) or await _partitions(admin, place)):
                raise not_found("partition")
            committed = (await committed_places(admin, f"{prefix}{GROUPS}")).get(place)
            consumer.assign([place])
            first = (await consumer.beginning_offsets([place]))[place]
            end = (await consumer.end_offsets([place]))[place]
            oldest = await _oldest(consumer, place, max(first, committed or 0), end)
    except (KafkaError, TimeoutError, OSError) as error:
        raise Refused("unavailable", "The broker does not answer.", retry_after=2) from error
    finally:
        await consumer.stop()
        await admin.close()
    behind = None if committed is None else max(0, end - committed)
    return PartitionView(
        topic=topic, partition=number, first=first, end=end, committed=committed, behind=behind, oldest_unread=oldest,
    )  # fmt: skip


async def _partitions(admin: AIOKafkaAdminClient, place: TopicPartition) -> set[int]:
    return {
        part["partition"]
        for topic in await admin.describe_topics([place.topic])
        for part in topic["partitions"]
    }


async def _oldest(
    consumer: AIOKafkaConsumer, place: TopicPartition, offset: int, end: int
) -> UnreadMessage | None:
    if offset >= end:
        return None
    consumer.seek(place, offset)
    try:
        async with asyncio.timeout(_FETCH_SECONDS):
            return _message(await consumer.getone(place))
    except (TimeoutError, KafkaError):
        # Whose principal may not read the topic still sees its offsets.
        return None


def _message(record: ConsumerRecord[bytes | None, bytes | None]) -> UnreadMessage:
    appended_at = datetime.fromtimestamp(record.timestamp / 1000, UTC)
    age = max(timedelta(), datetime.now(UTC) - appended_at)
    return UnreadMessage(
        offset=record.offset,
        key=None if record.key is None else record.key.decode("utf-8", "backslashreplace"),
        size=len(record.value or b""),
        appended_at=appended_at,
        age_seconds=Decimal(f"{age / timedelta(seconds=1):.1f}"),
    )
