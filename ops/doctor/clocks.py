"""This machine's clock against the broker's, the database's and each exchange's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, NamedTuple

import httpx
import psycopg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from ops.doctor import broker, database
from ops.doctor.exchange import exchanges
from ops.doctor.finding import Finding, Notes
from ops.doctor.patient import ANSWER_SECONDS, Patient
from ops.statements import statement
from streams.topology import TRADES

# UX §6. Over 2 s no BUY goes out (SAFETY R17); half of it is when somebody should know.
DIFFERS_MOST: Final = 1.0
# An exchange tells whole seconds.
HALF_SECOND: Final = 0.5
GROUP: Final = "polycool-doctor"
COMMITS: Final = "__consumer_offsets"
MEND: Final = "switch time synchronisation on (timedatectl set-ntp true), on whichever of the two is wrong"


class Read(NamedTuple):
    """How far another clock is ahead of ours, and by how much that may be off: half of the way there and back."""

    ahead: float
    unsure: float


async def look(patient: Patient) -> list[Finding]:
    """The difference to every part that answers, in seconds."""
    notes = Notes("clock")
    place = patient.ground()
    told = []
    if place is not None and await database.answers(place.database_url):
        told.append(_told(notes, "the database", await _of_database(patient, place.database_url)))
    if place is not None and await broker.silence(place.kafka) is None:
        stamped = await _of_broker(patient, place.kafka, place.names.of(TRADES))
        if stamped is None:
            notes.note("the broker's clock could not be read (its topic of commits is closed to this user)")
        else:
            told.append(_told(notes, "the broker", stamped))
    for name, url in exchanges(patient):
        read = await _of_exchange(patient, url)
        if read is not None:
            told.append(_told(notes, f"the {name} exchange", read))
    if not told:
        return notes.all("nothing to compare it with answers")
    return notes.all(f"within {DIFFERS_MOST:g} s: {', '.join(told)}")


def _told(notes: Notes, who: str, read: Read) -> str:
    if abs(read.ahead) - read.unsure > DIFFERS_MOST:
        side = "behind" if read.ahead > 0 else "ahead of"
        notes.wrong(
            f"this machine's clock is {abs(read.ahead):.1f} s {side} that of {who}: ages of trades are wrong by as "
            "much, and over 2 s nothing is bought",
            MEND,
        )
    return f"{who.removeprefix('the ')} {read.ahead:+.2f} s"


def _read(theirs: float, before: float, after: float, steps: float = 0.0) -> Read:
    """By the middle of the question's way; ``steps``: how coarsely theirs is told."""
    return Read(theirs - (before + after) / 2, (after - before) / 2 + steps)


async def _of_database(patient: Patient, url: str) -> Read:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        before = patient.machine.now()
        row = await (await connection.execute(statement("ops.doctor", "clock").encode())).fetchone()
        after = patient.machine.now()
    assert row is not None, "a SELECT without FROM answers one row"
    return _read(float(row[0]), before, after)


async def _of_broker(patient: Patient, kafka: str, topic: str) -> Read | None:
    """It stamps a commit of our own group, which is read back. No topic of ours is written."""
    try:
        async with (
            asyncio.timeout(ANSWER_SECONDS),
            broker.looker(kafka, exclude_internal_topics=False) as reader,
            broker.looker(kafka, group_id=GROUP) as writer,
        ):
            return await _stamped(reader, writer, topic, patient.machine.now)
    except (KafkaError, TimeoutError):
        return None


async def _stamped(
    reader: AIOKafkaConsumer, writer: AIOKafkaConsumer, topic: str, now: Callable[[], float]
) -> Read | None:
    place = TopicPartition(topic, 0)
    writer.assign([place])
    await writer.commit({place: 0})  # the first one may have to make the topic of commits
    cluster = await reader._client.fetch_all_metadata()
    count = len(cluster.partitions_for_topic(COMMITS) or ())
    if not count:
        return None
    where = TopicPartition(COMMITS, partition_of_group(GROUP, count))
    reader.assign([where])
    await reader.seek_to_end(where)
    await reader.position(where)
    before = now()
    await writer.commit({place: 0})
    after = now()
    record = await reader.getone(where)
    return _read(float(record.timestamp) / 1_000, before, after)


def partition_of_group(group: str, partitions: int) -> int:
    """Where a group's commits lie: Java's hash of its name, as the broker works it out."""
    number = 0
    for letter in group:
        number = (31 * number + ord(letter)) & 0xFFFFFFFF
    return (number & 0x7FFFFFFF) % partitions


async def _of_exchange(patient: Patient, url: str) -> Read | None:
    """None where it does not answer (its own check says so)."""
    try:
        before = patient.machine.now()
        answer = await patient.http.get(f"{url}/time", timeout=ANSWER_SECONDS)
        after = patient.machine.now()
        return _read(float(answer.raise_for_status().json()) + HALF_SECOND, before, after, HALF_SECOND)
    except (httpx.HTTPError, ValueError):
        return None
