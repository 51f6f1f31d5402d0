"""Where the readers of the topics stand at the broker, and setting them back to where they stood at a dump."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition

from ops.backup.manifest import Offsets
from ops.doctor.broker import looker
from ops.topics import admin


class Gone(NamedTuple):
    """Messages that a topic has let go of since: offsets, both ends included."""

    topic: str
    partition: int
    first: int
    last: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition} {self.first}–{self.last}"


async def standing(kafka: str, prefix: str) -> dict[str, dict[str, dict[int, int]]]:
    """What each group of `polycool streams` has committed."""
    found: dict[str, dict[str, dict[int, int]]] = {}
    async with admin(kafka) as client:
        for name, _ in await client.list_consumer_groups():
            if not name.startswith(f"{prefix}polycool-streams"):
                continue
            topics: dict[str, dict[int, int]] = {}
            for place, committed in (await client.list_consumer_group_offsets(name)).items():
                if committed.offset >= 0:
                    topics.setdefault(place.topic, {})[place.partition] = committed.offset
            found[name] = topics
    return found


async def set_back(kafka: str, prefix: str, offsets: Offsets) -> list[Gone]:
    """Commit the offsets for each group, which must have no members; answers what is no longer there. A partition of
    which nothing had been read at the dump is read from its beginning: all that came there came since."""
    gone: list[Gone] = []
    now = await standing(kafka, prefix)
    for group in sorted(now.keys() | offsets.keys()):
        wanted = _places(now.get(group, {}), beginning=True) | _places(offsets.get(group, {}))
        if not wanted:
            continue
        async with looker(kafka, group_id=group) as consumer:
            consumer.assign(list(wanted))
            gone += await _lost(consumer, wanted)
            await consumer.commit(wanted)
    return gone


def _places(topics: Mapping[str, Mapping[int, int]], *, beginning: bool = False) -> dict[TopicPartition, int]:
    return {
        TopicPartition(topic, part): 0 if beginning else at
        for topic, parts in topics.items()
        for part, at in parts.items()
    }


async def _lost(consumer: AIOKafkaConsumer, wanted: Mapping[TopicPartition, int]) -> list[Gone]:
    begins = await consumer.beginning_offsets(list(wanted))
    return [
        Gone(place.topic, place.partition, at, begins[place] - 1)
        for place, at in wanted.items()
        if begins[place] > at
    ]
