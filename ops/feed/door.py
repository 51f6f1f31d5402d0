"""The feed's door to Kafka: an idempotent producer, keys by the contract, sends confirmed."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, KafkaTimeoutError

from ops.broker_access import reach, refusal
from ops.failures import Missing
from schemas.base import Message
from streams.topology import Topic, TopicNames

# Sends under way at one time; more only fills memory while the broker is slow.
IN_FLIGHT_MAX: Final = 2_000
# A broker that does not confirm for so long counts as away.
REQUEST_TIMEOUT_MS: Final = 30_000
# Rows that come within this time share a request: a third of the requests at 1,000 rows/s, and no visible delay.
LINGER_MS: Final = 2


class BrokerAway(Missing):
    """The broker does not answer, or did not confirm. The text is one sentence."""


class Door:
    """Sends messages to the topics of one prefix. What was sent counts once `confirm` has returned."""

    def __init__(self, producer: AIOKafkaProducer, names: TopicNames) -> None:
        self._producer = producer
        self._names = names
        self._under_way: deque[asyncio.Future[object]] = deque()

    async def check(self, topic: Topic) -> None:
        """BrokerAway, unless the topic is there: a feed never makes one."""
        name = self._names.of(topic)
        known = await self._producer.client.fetch_all_metadata()
        if name not in known.topics():
            raise BrokerAway(f"the topic {name} is not there: make it with polycool topics --execute.")

    async def send(self, topic: Topic, key: str, message: Message) -> asyncio.Future[object]:
        """Hand a message to the producer, waiting while too many are under way. Order is kept per key."""
        while len(self._under_way) >= IN_FLIGHT_MAX:
            await _confirmed(self._under_way.popleft())
        try:
            sent: asyncio.Future[object] = await self._producer.send(
                self._names.of(topic), value=message.encode(), key=key.encode()
            )
        except KafkaError as error:
            raise BrokerAway(f"the broker took no more: {error!r}.") from error
        self._under_way.append(sent)
        return sent

    async def confirm(self) -> None:
        """Return once all that was sent is confirmed by the broker; BrokerAway when it is not."""
        while self._under_way:
            await _confirmed(self._under_way.popleft())


@asynccontextmanager
async def open_door(kafka: str, names: TopicNames) -> AsyncIterator[Door]:
    """A door to the broker at ``kafka``; BrokerAway when it does not answer."""
    producer = AIOKafkaProducer(
        **reach(kafka),
        client_id="polycool-feed",
        enable_idempotence=True,
        linger_ms=LINGER_MS,
        request_timeout_ms=REQUEST_TIMEOUT_MS,
    )
    try:
        await producer.start()
    except KafkaError as error:
        await producer.stop()
        raise BrokerAway(await refusal(kafka) or f"no broker answers at {kafka}.") from error
    try:
        yield Door(producer, names)
    finally:
        await producer.stop()


async def _confirmed(sent: asyncio.Future[object]) -> None:
    try:
        await sent
    except KafkaTimeoutError as error:
        raise BrokerAway(f"the broker did not confirm within {REQUEST_TIMEOUT_MS // 1000} s.") from error
    except KafkaError as error:
        raise BrokerAway(f"the broker refused a message: {error!r}.") from error
