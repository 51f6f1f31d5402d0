"""What the topics say, folded: from their beginning, or from where a snapshot stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import orjson

from ops.audit.topics import Span, messages, spans
from ops.rebuild.fold import Tables
from schemas.enums import AddressType
from streams.topology import COPY_LEADER, SMART_TRADER, Topic, TopicNames

ROLE_TOPICS: Final[tuple[tuple[AddressType, Topic], ...]] = (
    (AddressType.COPY_LEADER, COPY_LEADER),
    (AddressType.SMART_TRADER, SMART_TRADER),
)
READ: Final = (COPY_LEADER, SMART_TRADER)

Offsets = dict[str, dict[int, int]]
"""By the contract's topic and partition: the first offset that was not read yet."""


class Forgotten(Exception):
    """A topic has let go of messages that were not read yet: a snapshot from before is needed. One sentence."""


@dataclass(slots=True)
class Folded:
    """The tables as the topics make them up to ``offsets``."""

    tables: Tables = field(default_factory=Tables)
    offsets: Offsets = field(default_factory=dict)


async def fold_topics(kafka: str, names: TopicNames, known: Folded) -> Folded:
    """Take in what the topics carry beyond ``known`` (which is moved on), in the order of each wallet's numbers.

    Raises Forgotten when messages between the two are gone, KafkaError without a broker.
    """
    there = {topic.name: await spans(kafka, names.of(topic)) for topic in READ}
    for name, by_partition in there.items():
        _refuse_gaps(name, by_partition, known.offsets.get(name, {}))
    for role, topic in ROLE_TOPICS:
        waiting: dict[str, list[tuple[int, bytes]]] = {}
        async for place in messages(kafka, names.of(topic), known.offsets.get(topic.name, {})):
            if place.value is not None:
                body = orjson.loads(place.value)
                waiting.setdefault(body["wallet"], []).append((body["number"], place.value))
        for found in waiting.values():
            for _number, raw in sorted(found, key=lambda pair: pair[0]):
                known.tables.apply(role, raw)
    # Where the topics ended before they were read: what came meanwhile is read again, which changes nothing.
    known.offsets = {name: {part: span.end for part, span in parts.items()} for name, parts in there.items()}
    return known


def _refuse_gaps(name: str, there: Mapping[int, Span], read: Mapping[int, int]) -> None:
    for part, span in there.items():
        if span.begin > read.get(part, 0):
            raise Forgotten(
                f"{name} begins at offset {span.begin} of partition {part}, read is it up to {read.get(part, 0)}: "
                "a snapshot from before is needed."
            )
