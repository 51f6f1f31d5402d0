"""Waiting, with a bound, until the topics are read to their ends and nothing is open."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import psycopg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from ops.broker_access import reach
from ops.campaign.asking import asked
from ops.demo.asking import questions
from streams.settings import StreamsSettings
from streams.topology import WATCHED_ADDRESSES, WAY

LOOK_SECONDS: Final = 0.5


class NotSettled(Exception):
    """Something stayed open; the text says how much of what."""


async def settle(environment: Mapping[str, str], seconds: float) -> None:
    """Return once nothing is open. Raises NotSettled after so long, with what was left."""
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while left := await _left(environment):
        if loop.time() > until:
            raise NotSettled(", ".join(f"{count} {name}" for name, count in left.items()))
        await asyncio.sleep(LOOK_SECONDS)


async def until_known(environment: Mapping[str, str], seconds: float) -> float:
    """Seconds until no order is unknown any more, at most so many: what was posted while the exchange misbehaved."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    while loop.time() < began + seconds:
        try:
            (row,) = await asked(environment["POLYCOOL_DATABASE_URL"], "unknown")
        except psycopg.OperationalError:
            await asyncio.sleep(LOOK_SECONDS)
            continue
        if not row["orders"]:
            break
        await asyncio.sleep(LOOK_SECONDS)
    return round(loop.time() - began, 1)


async def _left(environment: Mapping[str, str]) -> dict[str, Any]:
    try:
        unread = await lag(environment)
        async with questions(environment["POLYCOOL_DATABASE_URL"]) as asked:
            row = await asked.row("still_open")
    except (psycopg.OperationalError, KafkaError) as fault:
        return {"times": f"{type(fault).__name__}"}
    counts = {name.replace("_", " "): count for name, count in row.items() if name != "stored_trades"}
    return {name: count for name, count in {"messages unread": unread, **counts}.items() if count}


async def lag(environment: Mapping[str, str]) -> int:
    """How many messages the group of `polycool streams` has not acknowledged."""
    settings = StreamsSettings.model_validate(
        {"kafka": environment["POLYCOOL_KAFKA"], "database_url": environment["POLYCOOL_DATABASE_URL"]}
        | {"topic_prefix": environment.get("POLYCOOL_TOPIC_PREFIX", "")}
    )
    topics = {
        settings.names.of(topic) for stage in WAY for topic in stage.reads if topic is not WATCHED_ADDRESSES
    }
    consumer = AIOKafkaConsumer(*topics, **reach(settings.kafka))
    admin = AIOKafkaAdminClient(**reach(settings.kafka))
    try:
        await consumer.start()
        await admin.start()
        # In this order: what a stage acknowledges it has sent on before, so the ends hold all that it led to.
        done = await admin.list_consumer_group_offsets(settings.group)
        ends: dict[TopicPartition, int] = await consumer.end_offsets(consumer.assignment())
    finally:
        await consumer.stop()
        await admin.close()
    return sum(max(0, end - (done[place].offset if place in done else 0)) for place, end in ends.items())
