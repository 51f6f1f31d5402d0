"""The door to Kafka: trades onto the topic, and nothing is accepted before the broker has confirmed it.

The producer is idempotent with acks of all replicas. When a confirmation stays out, the producer is thrown away with
all it still held: the sender is told 503 and sends again, so what was not confirmed must not slip out later by itself.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Sequence
from typing import TYPE_CHECKING, Final

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError, KafkaError

from api.kafka_access import reach
from api.metrics import Metrics

if TYPE_CHECKING:
    from api.tracing import Tracing

log = structlog.get_logger()
# The contract's name (schemas/contracts/asyncapi.json); a test compares it with the topology.
TRADES: Final = "trades"
# A message of one trade is under 2 kB; waiting a little lets a batch of 500 leave in few requests.
LINGER_MS: Final = 1
# A broker that is there says so in milliseconds; whoever asks for health does not wait for one that is not.
ANSWER_SECONDS: Final = 1.0
# What is thrown away needs no time of its own; a hanging broker must not hold the answer to the sender.
DISCARD_SECONDS: Final = 0.2
# A cancellation may meet a task that is about to swallow it; so it is said again, a few times, with a bound.
END_TRIES: Final = 10
END_SECONDS: Final = 0.2


class BrokerAway(Exception):
    """The broker did not confirm in time; nothing counts as accepted."""


class TradesTopic:
    """The topic `trades` under this process' prefix."""

    def __init__(
        self,
        kafka: str,
        *,
        prefix: str,
        confirm_seconds: float,
        metrics: Metrics,
        tracing: Tracing | None = None,
    ) -> None:
        self._tracing = tracing
        self._kafka = kafka
        self._topic = f"{prefix}{TRADES}"
        self._confirm_seconds = confirm_seconds
        self._metrics = metrics
        self._producer: AIOKafkaProducer | None = None
        self._starting = asyncio.Lock()

    async def send(self, trades: Sequence[tuple[str, bytes]]) -> None:
        """Put (key, value) pairs onto the topic and wait until all are confirmed. Raises BrokerAway."""
        began = time.perf_counter()
        producer: AIOKafkaProducer | None = None
        try:
            async with asyncio.timeout(self._confirm_seconds):
                producer = await self._started()
                confirmations = [await self._put(producer, key, value) for key, value in trades]
                await asyncio.gather(*confirmations)
        except (KafkaError, TimeoutError, OSError) as error:
            self._metrics.broker_failures.inc(len(trades))
            log.warning("broker_did_not_confirm", trades=len(trades), error=type(error).__name__)
            await self._throw_away(producer)
            raise BrokerAway from error
        self._metrics.confirm_seconds.observe(time.perf_counter() - began)

    async def _put(self, producer: AIOKafkaProducer, key: str, value: bytes) -> Awaitable[object]:
        """Hand one message over; what comes back is the broker's confirmation."""
        if self._tracing is None:
            untraced: Awaitable[object] = await producer.send(self._topic, value, key.encode())
            return untraced
        span, headers = self._tracing.begin(self._topic)
        confirmation: asyncio.Future[object] = await producer.send(
            self._topic, value, key.encode(), headers=headers
        )
        confirmation.add_done_callback(lambda _: span.end())
        return confirmation

    async def answers(self) -> bool:
        """Whether the broker answers now."""
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await (await self._started()).client.fetch_all_metadata()
        except (KafkaError, TimeoutError, OSError):
            return False
        return True

    async def close(self) -> None:
        """End the producer; everything accepted was confirmed before."""
        await self._throw_away(self._producer)
        if self._tracing is not None:
            await asyncio.to_thread(self._tracing.close)

    async def _started(self) -> AIOKafkaProducer:
        async with self._starting:
            if self._producer is None:
                producer = AIOKafkaProducer(
                    **reach(self._kafka),
                    acks="all",
                    enable_idempotence=True,
                    linger_ms=LINGER_MS,
                    request_timeout_ms=int(self._confirm_seconds * 1000),
                )
                try:
                    await producer.start()
                except BaseException:
                    await _discard(producer)
                    raise
                self._producer = producer
            return self._producer

    async def _throw_away(self, producer: AIOKafkaProducer | None) -> None:
        if producer is None:
            return
        if self._producer is producer:
            self._producer = None
        await _discard(producer)


async def _discard(producer: AIOKafkaProducer) -> None:
    """Close without sending what is left: `stop()` would flush it, for as long as the broker is away.

    Whoever waits is told at once. A sender that was cancelled still waits for its requests, which a broker that hangs
    never answers; the second time it lets go. aiokafka has no public means for this; its version is pinned.
    """
    producer._closed = True
    producer._message_accumulator.fail_all(KafkaConnectionError("the producer was thrown away"))
    sending: asyncio.Task[None] | None = producer._sender.sender_task
    for _ in range(2):
        if sending is None or sending.done():
            break
        sending.cancel()
        await asyncio.wait({sending}, timeout=DISCARD_SECONDS)
    closing = asyncio.ensure_future(producer.client.close())
    await asyncio.wait({closing}, timeout=DISCARD_SECONDS)
