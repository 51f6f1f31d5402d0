"""The topics as a redrive sees them: a letter's whole bytes, what is sent again, how far everything is handled."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from typing import Any, Final, NamedTuple

import pydantic
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import MessageSizeTooLargeError

from schemas.dead_letters import BODY_BYTES_MAX, DeadLetter
from streams.kafka.access import reach
from streams.kafka.letters import FIRST_APPENDED
from streams.tables.redrives import Letter
from streams.topology import DEAD_LETTERS, TopicNames

# A record that is there comes within milliseconds; one the topic has let go never comes.
FETCH_SECONDS: Final = 10.0
REQUEST_MS: Final = 10_000
_AGAIN: Final = "have its sender send it again, then put the letter away"

Placing = Callable[[str, int, bytes | None, bytes, dict[str, bytes]], Awaitable[tuple[int, int]]]
"""Topic's full name, partition, key, value, headers: send, confirmed; where it lies."""


class NoLetter(Exception):
    """The letter's bytes cannot be had whole, or not be sent. One sentence, with what to do."""


class Whole(NamedTuple):
    """A message as it was on its topic; ``first``: when it came first."""

    key: bytes | None
    value: bytes
    first: datetime


class Inbox:
    """One broker's topics under one prefix. Used by one task; to be closed."""

    def __init__(self, kafka: str, names: TopicNames, placing: Placing) -> None:
        self._kafka = kafka
        self._names = names
        self._placing = placing
        self._consumer: AIOKafkaConsumer | None = None
        self._admin: AIOKafkaAdminClient | None = None

    async def whole(self, letter: Letter) -> Whole:
        """The letter's message, every byte of it: from the letter, or where that holds the beginning only, from where
        it failed. Raises NoLetter, KafkaError."""
        place = (self._names.of(DEAD_LETTERS), letter.letter_partition, letter.letter_offset)
        record = await self._record(*place)
        if record is None:
            raise NoLetter(f"the topic has let letter {letter.letter_id} go: {_AGAIN}")
        told, body = _letter(record.value, letter)
        if told.body_cut:
            original = await self._record(told.topic, told.partition, told.offset)
            body = b"" if original is None else original.value or b""
        if hashlib.sha256(body).hexdigest() != letter.sha256:
            where = f"{told.topic}/{told.partition}@{told.offset}"
            raise NoLetter(
                f"letter {letter.letter_id} holds the first {BODY_BYTES_MAX:,} of {told.size:,} bytes, and {where} "
                f"has let the rest go: {_AGAIN}"
            )
        return Whole(record.key, body, told.appended_at or told.first_seen_at)

    async def send_again(self, letter: Letter, message: Whole, redrive_id: str) -> tuple[int, int]:
        """Put the letter's message onto its topic again: the same bytes and key, in the partition it was in. Raises
        NoLetter where the topic does not take so much, KafkaError."""
        headers = {
            FIRST_APPENDED: str(int(message.first.timestamp() * 1_000)).encode(),
            "redrive": f"{redrive_id}/{letter.letter_id}".encode(),
        }
        try:
            return await self._placing(letter.topic, letter.partition, message.key, message.value, headers)
        except MessageSizeTooLargeError as fault:
            raise NoLetter(
                f"the {len(message.value):,} bytes of letter {letter.letter_id} are more than {letter.topic} takes in "
                "one message: have its sender send it in smaller ones, then put the letter away"
            ) from fault

    async def handled(self, topics: Collection[str]) -> dict[tuple[str, int], int]:
        """By topic and partition: the first offset that the stages have not handled yet."""
        admin = await self._asking()
        members = f"{self._names.prefix}polycool-streams"
        found: dict[tuple[str, int], int] = {}
        for group, *_ in await admin.list_consumer_groups():
            if group != members and not group.startswith(f"{members}-"):
                continue
            for place, kept in (await admin.list_consumer_group_offsets(group)).items():
                if place.topic in topics:
                    key = (place.topic, place.partition)
                    found[key] = max(kept.offset, found.get(key, 0))
        return found

    async def ends_of_letters(self) -> dict[int, int]:
        """The next offset of each partition of the dead letters, where it holds any."""
        consumer = await self._reading()
        name = self._names.of(DEAD_LETTERS)
        parts = [TopicPartition(name, number) for number in await self._partitions(name)]
        begins, ends = await consumer.beginning_offsets(parts), await consumer.end_offsets(parts)
        return {part.partition: ends[part] for part in parts if ends[part] > begins[part]}

    async def close(self) -> None:
        """Let go of the broker; it is asked anew when needed."""
        consumer, admin, self._consumer, self._admin = self._consumer, self._admin, None, None
        if consumer is not None:
            await consumer.stop()
        if admin is not None:
            await admin.close()

    async def _record(self, topic: str, partition: int, offset: int) -> Any:
        """The record at that place; None where the topic does not hold it any more."""
        consumer = await self._reading()
        place = TopicPartition(topic, partition)
        consumer.assign([place])
        begin = (await consumer.beginning_offsets([place]))[place]
        end = (await consumer.end_offsets([place]))[place]
        if not begin <= offset < end:
            return None
        consumer.seek(place, offset)
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                record = await consumer.getone(place)
        except TimeoutError:
            return None
        # A compacted topic gives what comes next.
        return record if record.offset == offset else None

    async def _partitions(self, topic: str) -> list[int]:
        metadata = await (await self._asking()).describe_topics([topic])
        return sorted(part["partition"] for part in metadata[0]["partitions"])

    async def _reading(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            consumer = AIOKafkaConsumer(
                **reach(self._kafka),
                enable_auto_commit=False,
                request_timeout_ms=REQUEST_MS,
                max_partition_fetch_bytes=4 << 20,
            )
            await consumer.start()
            self._consumer = consumer
        return self._consumer

    async def _asking(self) -> AIOKafkaAdminClient:
        if self._admin is None:
            admin = AIOKafkaAdminClient(**reach(self._kafka), request_timeout_ms=REQUEST_MS)
            await admin.start()
            self._admin = admin
        return self._admin


def _letter(value: bytes | None, letter: Letter) -> tuple[DeadLetter, bytes]:
    try:
        told = DeadLetter.decode(value or b"")
        return told, base64.b64decode(told.body)
    except (pydantic.ValidationError, binascii.Error) as fault:
        raise NoLetter(f"letter {letter.letter_id} is no letter: it holds no message; put it away") from fault
