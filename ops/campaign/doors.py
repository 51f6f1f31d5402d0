"""The two doors for trades, as a sender uses them who gives up nothing: each message is repeated until it is taken."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Final

import httpx
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from standardwebhooks import Webhook

from ops.broker_access import reach
from streams.topology import Topic, TopicNames

PAUSE_SECONDS: Final = 0.2
# A sender by the standard waits about so long for an answer before it repeats.
ANSWER_SECONDS: Final = 15.0
# Requests of one sender at a time.
AT_ONCE: Final = 8


class TopicDoor:
    """Straight onto the topics."""

    def __init__(self, kafka: str, names: TopicNames) -> None:
        self._kafka = kafka
        self._names = names
        self._producer: Any = None
        self._opening = asyncio.Lock()

    async def put(self, topic: Topic, key: str, value: bytes) -> None:
        """Return once the broker has confirmed it, however often that takes."""
        while True:
            producer = None
            try:
                producer = await self._open()
                await producer.send_and_wait(self._names.of(topic), value=value, key=key.encode())
            except (KafkaError, OSError):
                await self._drop(producer)
                await asyncio.sleep(PAUSE_SECONDS)
            else:
                return

    async def close(self) -> None:
        """Let go of the broker."""
        await self._drop(self._producer)

    async def _open(self) -> Any:
        async with self._opening:
            if self._producer is None:
                # Not idempotent: what a broken connection leaves in doubt is sent twice, as real senders do.
                producer = AIOKafkaProducer(**reach(self._kafka), acks="all", request_timeout_ms=5_000)
                try:
                    await producer.start()
                except BaseException:
                    await producer.stop()
                    raise
                self._producer = producer
            return self._producer

    async def _drop(self, producer: Any) -> None:
        async with self._opening:
            if producer is not None and producer is self._producer:
                self._producer = None
                await producer.stop()


class WebhookDoor:
    """The API's signed webhook."""

    def __init__(self, client: httpx.AsyncClient, secret: str) -> None:
        self._client = client
        self._signing = Webhook(secret)
        self._room = asyncio.Semaphore(AT_ONCE)

    async def put(self, webhook_id: str, body: bytes) -> None:
        """Return once the API has answered 2xx; the same id and body until then."""
        async with self._room:
            while True:
                if await self._taken(webhook_id, body):
                    return
                await asyncio.sleep(PAUSE_SECONDS)

    async def _taken(self, webhook_id: str, body: bytes) -> bool:
        now = datetime.now(UTC)
        headers = {
            "webhook-id": webhook_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._signing.sign(webhook_id, now, body.decode()),
        }
        try:
            answer = await self._client.post("/v1/webhooks/trades", content=body, headers=headers)
        except httpx.TransportError:
            return False
        assert answer.is_success or answer.status_code >= 500 or answer.status_code == httpx.codes.CONFLICT, (
            answer.text
        )
        return answer.is_success


@asynccontextmanager
async def open_doors(settings: Mapping[str, str]) -> AsyncIterator[tuple[TopicDoor, WebhookDoor]]:
    """Both doors of the stack with these settings."""
    topic = TopicDoor(settings["POLYCOOL_KAFKA"], TopicNames())
    async with httpx.AsyncClient(base_url=settings["POLYCOOL_API_URL"], timeout=ANSWER_SECONDS) as client:
        try:
            yield topic, WebhookDoor(client, settings["POLYCOOL_WEBHOOK_SECRETS"].split(",")[0])
        finally:
            await topic.close()
