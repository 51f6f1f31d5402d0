"""Who reads the topics: each has a reader for every partition, and no partition stands still."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment

from ops.doctor.broker import looker
from ops.doctor.finding import Finding, Notes
from ops.doctor.patient import Patient
from ops.topics import admin
from streams.topology import WAY, TopicNames

# A batch takes well under a second; passing faults are retried 30 s, and a worker that died is missed after 6 s.
STUCK_SECONDS: Final = 60.0
# Roles are read by each worker for itself, without a group.
READ_ALONE: Final = "watched_addresses"


async def look(patient: Patient) -> list[Finding]:
    """The groups of `polycool streams` at the broker, and the age of what they have not committed."""
    notes = Notes("consumers")
    place = patient.place()
    async with admin(place.kafka) as client:
        groups = await _groups(client, f"{place.names.prefix}polycool-streams")
        read: dict[str, set[int]] = defaultdict(set)
        members = 0
        for group in groups:
            for member in group["members"]:
                members += 1
                for topic, partitions in member:
                    read[topic] |= set(partitions)
        committed = [await client.list_consumer_group_offsets(group["name"]) for group in groups]
    if not members:
        notes.wrong("nobody reads the topics: trades wait, nothing is copied", "polycool streams")
        return notes.all("")
    there = await _partitions(place.kafka, place.names)
    for topic, partitions in there.items():
        orphans = sorted(partitions - read.get(topic, set()))
        if orphans:
            notes.wrong(
                f"{topic} has nobody for partition {', '.join(map(str, orphans))}: what stands there waits",
                "polycool streams (POLYCOOL_STREAMS_STAGES may leave a stage out)",
            )
    await _stuck(patient, notes, committed)
    return notes.all(
        f"{members} members in {len(groups)} groups, every partition of {len(there)} topics has one, none stuck"
    )


async def _groups(client: AIOKafkaAdminClient, begins: str) -> list[dict[str, Any]]:
    """Each group of ours with the (topic, partitions) of every member."""
    names = [name for name, _ in await client.list_consumer_groups() if name.startswith(begins)]
    if not names:
        return []
    found = []
    for answer in await client.describe_consumer_groups(names):
        for _, name, _, _, _, members, *_ in answer.groups:
            parts = [
                ConsumerProtocolMemberAssignment.decode(bytes(member[4])).assignment
                for member in members
                if member[4]
            ]
            found.append({"name": name, "members": parts})
    return found


async def _partitions(kafka: str, names: TopicNames) -> dict[str, set[int]]:
    """The partitions of every topic that some stage reads through a group."""
    wanted = {names.of(topic) for stage in WAY for topic in stage.reads if topic.name != READ_ALONE}
    async with admin(kafka) as client:
        existing = sorted(wanted & set(await client.list_topics()))
        described = await client.describe_topics(existing) if existing else []
    return {topic["topic"]: {part["partition"] for part in topic["partitions"]} for topic in described}


async def _stuck(patient: Patient, notes: Notes, committed: list[Mapping[TopicPartition, Any]]) -> None:
    """The oldest message that a group has not committed: its age, where that is too long."""
    async with looker(patient.place().kafka) as consumer:
        for offsets in committed:
            waiting = {part: place.offset for part, place in offsets.items() if place.offset >= 0}
            if not waiting:
                continue
            ends = await consumer.end_offsets(list(waiting))
            behind = {part: offset for part, offset in waiting.items() if offset < ends[part]}
            for part, age in (await _ages(consumer, behind, patient.machine.now())).items():
                if age > STUCK_SECONDS:
                    notes.wrong(
                        f"{part.topic}/{part.partition} stands still: its message {behind[part]} waits for "
                        f"{age:,.0f} s, {ends[part] - behind[part]:,} wait there",
                        "the log of polycool streams says why; end a worker that hangs, another takes over",
                    )


async def _ages(
    consumer: AIOKafkaConsumer, behind: Mapping[TopicPartition, int], now: float
) -> dict[TopicPartition, float]:
    if not behind:
        return {}
    consumer.assign(list(behind))
    for part, offset in behind.items():
        consumer.seek(part, offset)
    ages: dict[TopicPartition, float] = {}
    async with asyncio.timeout(5):
        while behind.keys() - ages.keys():
            for part, records in (await consumer.getmany(timeout_ms=500, max_records=len(behind))).items():
                ages.setdefault(part, now - records[0].timestamp / 1_000)
    return ages
