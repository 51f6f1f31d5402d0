"""Growth: topics forget as they should, old rows go, and the disk lasts at the pace so far (SAFETY R23)."""

from __future__ import annotations

import asyncio
from typing import Any, Final

import psycopg
from aiokafka import AIOKafkaConsumer, TopicPartition

from ops.doctor.broker import looker
from ops.doctor.finding import Finding, Notes
from ops.doctor.patient import Patient
from ops.prune.plan import overdue
from ops.statements import statement
from streams.topology import TOPICS, TopicNames

# A broker lets go of whole segments, which it closes after seven days.
SEGMENT_DAYS: Final = 8
# Nightly, and once it may fail.
PRUNE_DAYS: Final = 3
# Time enough to order a disk.
DISK_DAYS: Final = 14
# Less than a look may take in all.
READ_SECONDS: Final = 10.0
_DAY_SECONDS: Final = 86_400
LARGEST: Final = 3


async def look(patient: Patient) -> list[Finding]:
    """Ages of the oldest messages and rows, sizes, and how many days the disk lasts."""
    notes = Notes("growth")
    place = patient.place()
    for name, age, days in await _oldest_messages(place.kafka, place.names, patient.machine.now()):
        if age > days + SEGMENT_DAYS:
            notes.wrong(
                f"{name} still has messages from {age:.0f} days ago, {days} are kept: the broker lets nothing go",
                "polycool topics compares its settings; the broker's log says why its cleaner stands still",
            )
    async with await psycopg.AsyncConnection.connect(place.database_url, autocommit=True) as connection:
        for what, late in (await overdue(connection, PRUNE_DAYS, patient.environment)).items():
            notes.wrong(
                f"{what} are still there {late:.0f} days after their time: nothing prunes, the tables only grow",
                "polycool prune --execute, and run it each night",
            )
        row = await (
            await connection.execute(statement("ops.doctor", "growth").encode(), {"largest": LARGEST})
        ).fetchone()
    assert row is not None, "a SELECT without FROM answers one row"
    total, a_day, largest = row
    _lasts(patient, notes, a_day)
    told = ", ".join(f"{name} {_mb(int(size))}" for name, size in largest)
    return notes.all(f"database {_mb(total)} ({told}), {_mb(a_day)} more a day; topics forget in time")


def _lasts(patient: Patient, notes: Notes, a_day: int) -> None:
    """Only where the database's disk is this machine's."""
    if not patient.runs_here or a_day <= 0:
        return
    days = patient.machine.free_disk_mb(patient.directory) * 2**20 / a_day
    if days < DISK_DAYS:
        notes.wrong(
            f"the disk lasts {days:.0f} more days at today's pace ({_mb(a_day)} a day)",
            "free some of it, keep less (POLYCOOL_KEPT_…_DAYS), or move the database to a larger one",
        )


async def _oldest_messages(kafka: str, names: TopicNames, now: float) -> list[tuple[str, float, int]]:
    """Each topic that forgets by time: the age in days of its oldest message, and for how long it is kept."""
    async with looker(kafka, max_partition_fetch_bytes=64 << 10) as consumer:
        cluster = await consumer._client.fetch_all_metadata()
        days = {names.of(topic): topic.days for topic in TOPICS if topic.days is not None}
        parts = [
            TopicPartition(name, part) for name in days for part in cluster.partitions_for_topic(name) or ()
        ]
        by_topic: dict[str, float] = {}
        for part, stamp in (await _first_stamps(consumer, parts)).items():
            by_topic[part.topic] = min(by_topic.get(part.topic, stamp), stamp)
    return [
        (name, (now - stamp / 1_000) / _DAY_SECONDS, days[name]) for name, stamp in sorted(by_topic.items())
    ]


async def _first_stamps(
    consumer: AIOKafkaConsumer, parts: list[TopicPartition]
) -> dict[TopicPartition, float]:
    if not parts:
        return {}
    consumer.assign(parts)
    begins: dict[TopicPartition, Any] = await consumer.beginning_offsets(parts)
    ends = await consumer.end_offsets(parts)
    waiting = {part for part in parts if begins[part] < ends[part]}
    for part in waiting:
        # By its number: a look for the beginning may be answered by the one for the end that an assignment begins.
        consumer.seek(part, begins[part])
    stamps: dict[TopicPartition, float] = {}
    async with asyncio.timeout(READ_SECONDS):
        while waiting - stamps.keys():
            for part, records in (await consumer.getmany(*(waiting - stamps.keys()), timeout_ms=500)).items():
                stamps.setdefault(part, records[0].timestamp)
    return stamps


def _mb(size: int) -> str:
    return f"{size / 2**20:,.0f} MB" if size < 2**33 else f"{size / 2**30:,.0f} GB"
