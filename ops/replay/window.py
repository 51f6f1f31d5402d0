"""A window of the topic ``trades``: from where to where on each partition, and its messages in a fixed order."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.structs import ConsumerRecord

from ops.audit.topics import Span
from ops.broker_access import reach
from streams.kafka.guard import Received

# Records of one fetch; the chunk in which they are decided is its own matter.
FETCH_RECORDS: Final = 2_000


class WrongWindow(Exception):
    """A window that the topic does not hold. One sentence."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What was asked for: a time or an offset at either end, or neither; only some of the partitions, or all."""

    start: datetime | int | None = None
    end: datetime | int | None = None
    partitions: frozenset[int] = frozenset()


async def resolve(kafka: str, topic: str, bounds: Bounds) -> dict[int, Span]:
    """The offsets of the window by partition: the first of it, and the one behind its last.

    WrongWindow for a partition that is not there, or offsets that the topic has let go of or not given yet.
    """
    consumer = AIOKafkaConsumer(topic, **reach(kafka), enable_auto_commit=False)
    await consumer.start()
    try:
        every = {place.partition: place for place in consumer.assignment()}
        if strangers := bounds.partitions - every.keys():
            raise WrongWindow(f"{topic} has no partition {min(strangers)}")
        chosen = [every[number] for number in sorted(bounds.partitions or every)]
        begins, ends = await consumer.beginning_offsets(chosen), await consumer.end_offsets(chosen)
        held = {place: Span(begins[place], ends[place]) for place in chosen}
        starts = await _offsets(consumer, held, bounds.start, {place: held[place].begin for place in chosen})
        stops = await _offsets(consumer, held, bounds.end, {place: held[place].end for place in chosen})
    finally:
        await consumer.stop()
    return {place.partition: Span(starts[place], max(starts[place], stops[place])) for place in chosen}


async def _offsets(
    consumer: AIOKafkaConsumer,
    held: Mapping[TopicPartition, Span],
    bound: datetime | int | None,
    otherwise: dict[TopicPartition, int],
) -> dict[TopicPartition, int]:
    if bound is None:
        return otherwise
    if isinstance(bound, int):
        for place, span in held.items():
            if not span.begin <= bound <= span.end:
                raise WrongWindow(
                    f"{place.topic} holds the offsets {span.begin} to {span.end} of partition {place.partition},"
                    f" not {bound}: name the partition with --partition"
                )
        return dict.fromkeys(held, bound)
    at = int(bound.timestamp() * 1_000)
    found = await consumer.offsets_for_times(dict.fromkeys(held, at))
    return {place: held[place].end if here is None else here.offset for place, here in found.items()}


async def read(kafka: str, topic: str, spans: Mapping[int, Span]) -> AsyncIterator[Received]:
    """The window's messages: one partition after the other, each in its order, so that two readings are the same."""
    full = {partition: span for partition, span in sorted(spans.items()) if span.begin < span.end}
    if not full:
        # A consumer that is stopped before it was asked anything ends with a CancelledError of its own.
        return
    consumer = AIOKafkaConsumer(**reach(kafka), enable_auto_commit=False, max_partition_fetch_bytes=4 << 20)
    await consumer.start()
    try:
        for partition, span in full.items():
            place = TopicPartition(topic, partition)
            consumer.assign([place])
            consumer.seek(place, span.begin)
            while await consumer.position(place) < span.end:
                batches = await consumer.getmany(place, timeout_ms=1_000, max_records=FETCH_RECORDS)
                for record in batches.get(place, ()):
                    if record.offset < span.end:
                        yield received(record)
    finally:
        await consumer.stop()


def received(record: ConsumerRecord[bytes | None, bytes | None]) -> Received:
    """A record as the stages know it; its time is the broker's."""
    at = datetime.fromtimestamp(record.timestamp / 1_000, UTC)
    return Received(record.topic, record.partition, record.offset, record.key, record.value, at)
