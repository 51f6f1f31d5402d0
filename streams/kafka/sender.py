"""Confirmed sends through the producer that Faust owns; its flush before each commit covers them too."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from aiokafka.partitioner import murmur2

from streams.kafka.guard import DeadMessage, Send
from streams.kafka.letters import dead_letter
from streams.topology import DEAD_LETTERS, TopicNames

# Watched wallets are thousands; their keys are hashed once instead of once per message (pure Python, 15 µs).
KEYS_REMEMBERED: Final = 65_536

Producing = Callable[[str, bytes | None, bytes | None], Awaitable[Awaitable[object]]]
"""Topic's full name, key, value: enqueue; the inner awaitable is the broker's confirmation."""
ProducingTraced = Callable[
    [str, bytes | None, bytes | None, list[tuple[str, bytes]]], Awaitable[Awaitable[object]]
]
"""The same with headers, for a message that belongs to a trace."""


@lru_cache(maxsize=KEYS_REMEMBERED)
def _hashed(key: bytes) -> int:
    return int(murmur2(key)) & 0x7FFFFFFF


def partition_of(key: bytes, partitions: int) -> int:
    """The partition of a key, as Java's default partitioner has it: all writers must agree on it."""
    return _hashed(key) % partitions


def remembering_partitioner(key: bytes | None, every: Sequence[int], available: Sequence[int]) -> int:
    """aiokafka's partitioner with a memory. Everything here has a key; without one any partition would do."""
    places = sorted(every)
    return places[partition_of(key, len(places))] if key is not None else (available or places)[0]


class Sender:
    """Sends of one stage, in order; what it returns is awaited before the cause is acknowledged."""

    def __init__(
        self,
        stage: str,
        names: TopicNames,
        producing: Producing,
        *,
        now: Callable[[], datetime],
        traced: ProducingTraced | None = None,
    ) -> None:
        self._traced = traced
        self._stage = stage
        self._names = names
        self._producing = producing
        self._now = now

    async def begin(self, sends: Sequence[Send], dead: Sequence[DeadMessage]) -> asyncio.Future[list[Any]]:
        """Hand all to the producer in order; the future ends when the broker has confirmed each of them."""
        waiting: list[Awaitable[object]] = []
        for topic, key, value, traceparent in sends:
            name = self._names.of(topic)
            if traceparent is not None and self._traced is not None:
                headers = [("traceparent", traceparent.encode())]
                waiting.append(await self._traced(name, key.encode(), value, headers))
            else:
                waiting.append(await self._producing(name, key.encode(), value))
        for message in dead:
            letter = dead_letter(message, self._stage, self._now()).encode()
            waiting.append(await self._producing(self._names.of(DEAD_LETTERS), message.received.key, letter))
        return asyncio.gather(*waiting)
