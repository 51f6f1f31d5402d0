"""What the broker and the database alone take, probed again and again beside a measurement."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

import psycopg
from aiokafka import AIOKafkaProducer

from ops.broker_access import reach
from ops.statements import statement
from streams.topology import DEAD_LETTERS, TopicNames

# Ten a second are seen by nobody and give some hundred samples.
EVERY_SECONDS: Final = 0.1


@dataclass(slots=True)
class RoundTrips:
    """Milliseconds: a message sent and confirmed, a question answered, a small transaction committed to the disk."""

    kafka: list[float] = field(default_factory=list)
    postgres: list[float] = field(default_factory=list)
    commit: list[float] = field(default_factory=list)


@asynccontextmanager
async def round_trips(kafka: str, names: TopicNames, database_url: str) -> AsyncIterator[RoundTrips]:
    """Probe while the block runs. The messages are dead letters of nothing, which nobody reads."""
    found = RoundTrips()
    producer = AIOKafkaProducer(**reach(kafka), acks="all")
    await producer.start()
    try:
        async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
            probing = asyncio.create_task(_probe(producer, names, connection, found))
            try:
                yield found
            finally:
                probing.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await probing
    finally:
        await producer.stop()


async def _probe(
    producer: AIOKafkaProducer, names: TopicNames, connection: psycopg.AsyncConnection, found: RoundTrips
) -> None:
    while True:
        began = time.perf_counter()
        await producer.send_and_wait(names.of(DEAD_LETTERS), value=b"{}", key=b"probe")
        sent = time.perf_counter()
        await connection.execute(statement("ops.bench", "nothing").encode())
        asked = time.perf_counter()
        await connection.execute(statement("ops.bench", "write_ahead").encode())
        found.kafka.append((sent - began) * 1_000)
        found.postgres.append((asked - sent) * 1_000)
        found.commit.append((time.perf_counter() - asked) * 1_000)
        await asyncio.sleep(EVERY_SECONDS)
