"""The baseline of `bench classify`: the same reading, folding and storing in a plain aiokafka loop, without Faust.

Run as a program of its own, so that its processor time is its own: prints one line of JSON when all is done.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import aiokafka
import uvloop

from ops.broker_access import reach
from ops.stack.environment import LOCAL_PARTITIONS
from schemas.watched import WatchedAddress
from streams.classify.agent import Classify
from streams.kafka.guard import Received, Send
from streams.kafka.roles import RoleBook
from streams.kafka.sender import partition_of
from streams.logs import set_up_logs
from streams.settings import StreamsSettings
from streams.tables.pool import open_pool
from streams.topology import TRADES, WATCHED_ADDRESSES

COMMIT_SECONDS = 1.0


class KnownRoles:
    """The roles, read to the end before anything is sorted."""

    def __init__(self) -> None:
        self.ready = asyncio.Event()
        self.book = RoleBook()

    async def read(self, settings: StreamsSettings, wallets: int) -> None:
        """Read until so many wallets are known."""
        consumer = aiokafka.AIOKafkaConsumer(
            settings.names.of(WATCHED_ADDRESSES),
            **reach(settings.kafka),
            auto_offset_reset="earliest",
        )
        await consumer.start()
        while len(self.book) < wallets:
            for records in (await consumer.getmany(timeout_ms=200)).values():
                for record in records:
                    self.book.take(WatchedAddress.decode(record.value))
        await consumer.stop()
        self.ready.set()


async def follow(settings: StreamsSettings, count: int, wallets: int) -> None:
    """Consume so many trades, sort them, produce what is said of them; confirmed and committed."""
    pool = await open_pool(settings.database_url.get_secret_value(), "streams")
    roles = KnownRoles()
    await roles.read(settings, wallets)
    classify = Classify(
        pool,
        roles,
        now=lambda: datetime.now(UTC),
        monotonic=time.monotonic,
        told=lambda *_: None,
        spent=lambda *_: None,
    )
    producer = aiokafka.AIOKafkaProducer(
        **reach(settings.kafka), acks="all", enable_idempotence=True, max_batch_size=262_144
    )
    consumer = aiokafka.AIOKafkaConsumer(
        settings.names.of(TRADES),
        **reach(settings.kafka),
        group_id=f"{settings.topic_prefix}raw",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    await producer.start()
    await consumer.start()
    committed, done, began = time.monotonic(), 0, time.process_time()
    while done < count:
        polled = await consumer.getmany(timeout_ms=200, max_records=settings.batch_messages)
        done += await _batch(polled, classify, producer, settings)
        if time.monotonic() - committed > COMMIT_SECONDS or done >= count:
            await consumer.commit()
            committed = time.monotonic()
    print(json.dumps({"cpu_seconds": time.process_time() - began}), flush=True)  # noqa: T201
    await consumer.stop()
    await producer.stop()
    await pool.close()


async def _batch(
    polled: Mapping[Any, Sequence[Any]], classify: Classify, producer: Any, settings: StreamsSettings
) -> int:
    batch = [
        Received(
            record.topic,
            record.partition,
            record.offset,
            record.key,
            record.value,
            datetime.fromtimestamp(record.timestamp / 1000, UTC),
        )
        for records in polled.values()
        for record in records
    ]
    if batch:
        handled = await classify.handle(batch)
        await _send(handled.sends, producer, settings)
    return len(batch)


async def _send(sends: Sequence[Send], producer: Any, settings: StreamsSettings) -> None:
    waiting: list[Any] = []
    builders: dict[tuple[str, int], Any] = {}
    for topic, key, value, _ in sends:
        raw = key.encode()
        place = (settings.names.of(topic), partition_of(raw, LOCAL_PARTITIONS))
        if place not in builders:
            builders[place] = producer.create_batch()
        if builders[place].append(key=raw, value=value, timestamp=None) is None:
            waiting.append(await producer.send_batch(builders[place], place[0], partition=place[1]))
            builders[place] = producer.create_batch()
            builders[place].append(key=raw, value=value, timestamp=None)
    for (name, partition), builder in builders.items():
        waiting.append(await producer.send_batch(builder, name, partition=partition))
    await asyncio.gather(*waiting)


if __name__ == "__main__":
    # The worker's own log lines are part of the work.
    set_up_logs("raw")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(follow(StreamsSettings(), int(sys.argv[1]), int(sys.argv[2])))
