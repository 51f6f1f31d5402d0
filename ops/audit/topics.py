"""Promise 7: every message of ``trades`` is stored, a dead letter, or of a wallet that nobody watches."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import orjson
import psycopg
from aiokafka import AIOKafkaConsumer

from ops.audit.report import NAMES_MAX, Check
from ops.broker_access import reach
from ops.statements import statement
from streams.topology import COPY_LEADER, DEAD_LETTERS, SMART_TRADER, TRADES, Topic, TopicNames

# Keys looked up in one statement; more makes the arrays large without making it faster.
CHUNK: Final = 5_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where a message lies, and when the broker took it."""

    partition: int
    offset: int
    at: datetime
    value: bytes | None


class Span(NamedTuple):
    """The first offset of a partition, and the next one that will be given."""

    begin: int
    end: int


async def spans(kafka: str, topic: str) -> dict[int, Span]:
    """What each partition holds now."""
    consumer = AIOKafkaConsumer(topic, **reach(kafka))
    await consumer.start()
    try:
        parts = sorted(consumer.assignment())
        begins, ends = await consumer.beginning_offsets(parts), await consumer.end_offsets(parts)
        return {part.partition: Span(begins[part], ends[part]) for part in parts}
    finally:
        await consumer.stop()


async def messages(
    kafka: str, topic: str, starts: Mapping[int, int] = MappingProxyType({})
) -> AsyncIterator[Place]:
    """Every message of the topic up to where it ends now, a partition from its beginning or from where it ``starts``.

    KafkaError without a broker or such a topic.
    """
    consumer = AIOKafkaConsumer(
        topic,
        **reach(kafka),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=4 << 20,
    )
    await consumer.start()
    try:
        # A consumer without a group is given every partition.
        parts = sorted(consumer.assignment())
        ends = await consumer.end_offsets(parts)
        await consumer.seek_to_beginning(*parts)
        for part in parts:
            if part.partition in starts:
                consumer.seek(part, starts[part.partition])
        waiting = {part for part in parts if await consumer.position(part) < ends[part]}
        while waiting:
            batches = await consumer.getmany(*waiting, timeout_ms=1_000, max_records=2_000)
            for part, records in batches.items():
                for record in records:
                    if record.offset < ends[part]:
                        at = datetime.fromtimestamp(record.timestamp / 1_000, UTC)
                        yield Place(part.partition, record.offset, at, record.value)
            waiting = {part for part in waiting if await consumer.position(part) < ends[part]}
    finally:
        await consumer.stop()


@dataclass(slots=True)
class Tally:
    """What the scan of ``trades`` counted."""

    total: int = 0
    unwatched: int = 0
    stored: int = 0
    leaders: int = 0
    dead: int = 0
    lost: int = 0
    names: list[str] = field(default_factory=list)

    def lose(self, name: str) -> None:
        """Count one that is nowhere."""
        self.lost += 1
        if len(self.names) < NAMES_MAX:
            self.names.append(name)


class Watch:
    """From when to when classify read a role of which wallet."""

    def __init__(self, spans: Sequence[tuple[str, datetime, datetime | None]]) -> None:
        self._spans: dict[str, list[tuple[datetime, datetime | None]]] = {}
        for wallet, from_at, to_at in spans:
            self._spans.setdefault(wallet, []).append((from_at, to_at))

    def covers(self, wallet: str, at: datetime) -> bool:
        """Whether a message appended at that time had to be kept."""
        return any(start <= at and (end is None or at < end) for start, end in self._spans.get(wallet, ()))


async def dead_places(kafka: str, names: TopicNames) -> tuple[set[tuple[str, int, int]], int]:
    """The places of all messages that became dead letters, and how many letters there are."""
    places: set[tuple[str, int, int]] = set()
    count = 0
    async for place in messages(kafka, names.of(DEAD_LETTERS)):
        if place.value is None:
            continue
        letter = orjson.loads(place.value)
        places.add((letter["topic"], letter["partition"], letter["offset"]))
        count += 1
    return places, count


async def nothing_lost(
    connection: psycopg.AsyncConnection[Any], kafka: str, names: TopicNames, since: datetime
) -> Check:
    """Read ``trades`` and the role topics whole, and compare with what is stored."""
    async with connection.cursor() as cursor:
        await cursor.execute(statement("ops.audit", "read_since").encode())
        watch = Watch(await cursor.fetchall())
    dead, letters = await dead_places(kafka, names)
    tally = Tally()
    pending: list[tuple[Place, str, str]] = []
    topic = names.of(TRADES)
    async for place in messages(kafka, topic):
        if place.at < since:
            continue
        tally.total += 1
        if (topic, place.partition, place.offset) in dead:
            tally.dead += 1
            continue
        who = _identity(place.value)
        if who is None:
            tally.lose(f"{topic}/{place.partition}/{place.offset}: unreadable and no dead letter")
        else:
            pending.append((place, *who))
        if len(pending) >= CHUNK:
            await _compare(connection, topic, pending, watch, tally)
            pending.clear()
    await _compare(connection, topic, pending, watch, tally)
    missing = await _numbers_missing(connection, kafka, names)
    for name in missing[:NAMES_MAX]:
        tally.names.append(name)
    counted = {
        "in": tally.total,
        "of_leaders": tally.leaders,
        "stored": tally.stored,
        "unwatched": tally.unwatched,
        "dead": tally.dead,
        "lost": tally.lost,
        "dead_letters": letters,
    }
    return Check(7, "nothing lost", counted, tally.lost + len(missing), tuple(tally.names[:NAMES_MAX]))


def _identity(value: bytes | None) -> tuple[str, str] | None:
    try:
        body = orjson.loads(value or b"")
        return str(body["wallet"]).lower(), str(body["trade_id"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return None


async def _compare(
    connection: psycopg.AsyncConnection[Any],
    topic: str,
    pending: list[tuple[Place, str, str]],
    watch: Watch,
    tally: Tally,
) -> None:
    async with connection.cursor() as cursor:
        await cursor.execute(
            statement("ops.audit", "stored_trades").encode(),
            {"wallets": [row[1] for row in pending], "trade_ids": [row[2] for row in pending]},
        )
        stored = {(wallet, trade_id): leader for wallet, trade_id, leader in await cursor.fetchall()}
    for place, wallet, trade_id in pending:
        if (wallet, trade_id) in stored:
            tally.stored += 1
            tally.leaders += stored[wallet, trade_id]
        elif watch.covers(wallet, place.at):
            tally.lose(f"{topic}/{place.partition}/{place.offset}: {trade_id} of {wallet} is nowhere")
        else:
            tally.unwatched += 1


async def _numbers_missing(
    connection: psycopg.AsyncConnection[Any], kafka: str, names: TopicNames
) -> list[str]:
    """Stored trades whose message is not on their role's topic."""
    async with connection.cursor() as cursor:
        await cursor.execute(statement("ops.audit", "ledger_numbers").encode())
        rows = await cursor.fetchall()
    on_leader = await _numbers_on(kafka, names.of(COPY_LEADER))
    on_smart = await _numbers_on(kafka, names.of(SMART_TRADER))
    missing = _absent(COPY_LEADER, on_leader, [(wallet, leader) for wallet, leader, _ in rows])
    return missing + _absent(SMART_TRADER, on_smart, [(wallet, smart) for wallet, _, smart in rows])


async def _numbers_on(kafka: str, topic: str) -> Mapping[str, Sequence[int]]:
    numbers: dict[str, list[int]] = {}
    async for place in messages(kafka, topic):
        body = orjson.loads(place.value or b"{}")
        numbers.setdefault(body["wallet"], []).append(body["number"])
    return {wallet: sorted(found) for wallet, found in numbers.items()}


def _absent(
    topic: Topic, on_topic: Mapping[str, Sequence[int]], given: list[tuple[str, int | None]]
) -> list[str]:
    absent = []
    for wallet, number in given:
        if number is None:
            continue
        known = on_topic.get(wallet, ())
        place = bisect_right(known, number)
        # A topic forgets after its retention; only what lies above its oldest number can be missed.
        if known and number >= known[0] and (place == 0 or known[place - 1] != number):
            absent.append(f"{topic.name}: number {number} of {wallet} is not on the topic")
        elif not known:
            absent.append(f"{topic.name}: nothing of {wallet} is on the topic")
    return absent
