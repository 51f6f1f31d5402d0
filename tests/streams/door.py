"""The doors of the streams process as its tests use them: produce to topics, read them, read tables."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from psycopg.rows import dict_row

from schemas.enums import AddressType
from schemas.watched import WatchedAddress
from streams.topology import TRADES, WATCHED_ADDRESSES, Topic, TopicNames

_COUNTER = itertools.count(1)


def wallet(number: int) -> str:
    """A wallet's address."""
    return f"0x{number:040x}"


def tx(number: int) -> str:
    """A transaction's hash."""
    return f"0x{number:064x}"


def fill(who: str, **changes: Any) -> dict[str, Any]:
    """A fill as the indexer produces it: 10 shares bought at 50¢ now, in a transaction of its own."""
    hash_ = changes.pop("tx_hash", None) or tx(next(_COUNTER) * 1_000_003 + time.time_ns() % 1_000_003)
    body: dict[str, Any] = {
        "schema_version": 1,
        "trade_id": f"{hash_}-0",
        "wallet": who,
        "side": "BUY",
        "token_id": "7" * 20,
        "size": "10",
        "price": "0.5",
        "usdc": "5",
        "tx_hash": hash_,
        "traded_at": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
    }
    body |= changes
    return {name: value for name, value in body.items() if value is not None}


@dataclass
class Door:
    """A broker and a database, with this test's names."""

    kafka: str
    database_url: str
    names: TopicNames
    producer: AIOKafkaProducer
    # What the consumer group is called behind the prefix.
    group: str = "polycool-streams"

    async def send(self, topic: Topic, key: str | bytes, value: bytes | None) -> tuple[int, int]:
        """Produce, confirmed; (partition, offset)."""
        raw = key.encode() if isinstance(key, str) else key
        placed = await self.producer.send_and_wait(self.names.of(topic), value, key=raw)
        return placed.partition, placed.offset

    async def trade(self, body: dict[str, Any], key: str | None = None) -> tuple[int, int]:
        """Produce a trade as JSON, keyed by its wallet."""
        import orjson

        return await self.send(TRADES, key if key is not None else body["wallet"].lower(), orjson.dumps(body))

    async def watch(self, who: str, *roles: AddressType, version: int = 1, since: int | None = None) -> None:
        """Say which roles a wallet holds, as the api's outbox does."""
        value = WatchedAddress(
            wallet=who, version=version, roles=roles, since=dict.fromkeys(roles, since or version)
        )
        await self.send(WATCHED_ADDRESSES, who, value.encode())

    async def rows(self, statement: str, *parameters: object) -> list[dict[str, Any]]:
        """Rows of a query."""
        async with await psycopg.AsyncConnection.connect(
            self.database_url, row_factory=dict_row
        ) as connection:
            cursor = await connection.execute(statement, parameters)
            return await cursor.fetchall() if cursor.description else []

    async def read(self, topic: Topic, count: int, timeout: float = 20.0) -> list[Any]:
        """At least `count` records from the topic's beginning, in order per partition; fails when they do not come."""
        records = await self.all(topic, count, timeout)
        assert len(records) >= count, f"{len(records)} of {count} records on {topic.name}"
        return records

    async def all(self, topic: Topic, until: int = 0, timeout: float = 20.0) -> list[Any]:
        """Everything on the topic up to its end now, waiting up to `timeout` until there are `until` records."""
        name = self.names.of(topic)
        consumer = AIOKafkaConsumer(name, bootstrap_servers=self.kafka, auto_offset_reset="earliest")
        await consumer.start()
        try:
            places = sorted(consumer.assignment())
            found: list[Any] = []
            deadline = time.monotonic() + timeout
            while time.monotonic() < deadline:
                ends = await consumer.end_offsets(places)
                for records in (await consumer.getmany(timeout_ms=100)).values():
                    found += records
                positions = [await consumer.position(place) for place in places]
                if len(found) >= until and positions == [ends[place] for place in places]:
                    break
            return found
        finally:
            await consumer.stop()

    async def committed(self, topic: Topic) -> dict[int, int]:
        """The streams group's committed offset per partition."""
        from aiokafka.admin import AIOKafkaAdminClient

        client = AIOKafkaAdminClient(bootstrap_servers=self.kafka)
        await client.start()
        try:
            offsets = await client.list_consumer_group_offsets(f"{self.names.prefix}{self.group}")
        finally:
            await client.close()
        name = self.names.of(topic)
        return {place.partition: value.offset for place, value in offsets.items() if place.topic == name}

    async def ends(self, topic: Topic) -> dict[int, int]:
        """The end offset per partition."""
        consumer = AIOKafkaConsumer(self.names.of(topic), bootstrap_servers=self.kafka)
        await consumer.start()
        try:
            places = sorted(consumer.assignment())
            return {place.partition: end for place, end in (await consumer.end_offsets(places)).items()}
        finally:
            await consumer.stop()


@asynccontextmanager
async def open_door(kafka: str, database_url: str, names: TopicNames) -> AsyncIterator[Door]:
    """A door whose producer is stopped afterwards."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka, acks="all", enable_idempotence=True, linger_ms=2)
    await producer.start()
    try:
        yield Door(kafka, database_url, names, producer)
    finally:
        await producer.stop()


async def gathered(many: Sequence[Any]) -> None:
    """Await all."""
    await asyncio.gather(*many)
