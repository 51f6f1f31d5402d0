"""A window sent once more onto the living ``trades``, byte for byte: what is known changes nothing there, and old news
is not traded (DESIGN §4.5, SAFETY R18); for a topic behind which something has lost what it had read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiokafka import AIOKafkaProducer

from ops.broker_access import reach
from ops.replay.choice import Choice
from ops.replay.outlet import REQUEST_TIMEOUT_MS
from ops.replay.plan import Plan
from ops.replay.standing_then import identity
from ops.replay.window import read

# Confirmed together; the pace is kept between them.
TOGETHER = 500


async def send_again(
    kafka: str, plan: Plan, choice: Choice, *, rate: float | None, told: Callable[[int, int], None]
) -> int:
    """Send the window's messages again, each on its partition; how many. KafkaError."""
    producer = AIOKafkaProducer(
        **reach(kafka), enable_idempotence=True, request_timeout_ms=REQUEST_TIMEOUT_MS
    )
    await producer.start()
    sent, waiting = 0, []
    try:
        async for record in read(kafka, plan.topic, plan.spans):
            key = identity(record)
            if choice.leaders and (key is None or key[0] not in choice.leaders):
                continue
            waiting.append(
                await producer.send(plan.topic, record.value, key=record.key, partition=record.partition)
            )
            if len(waiting) >= min(TOGETHER, int(rate or TOGETHER) or 1):
                sent += len(await asyncio.gather(*waiting))
                told(sent, plan.messages)
                if rate is not None:
                    await asyncio.sleep(len(waiting) / rate)
                waiting.clear()
        sent += len(await asyncio.gather(*waiting))
    finally:
        await producer.stop()
    return sent
