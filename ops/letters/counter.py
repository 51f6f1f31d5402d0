"""The command line's counter: the same desk as the API's, on the owner's connection."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

import psycopg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from psycopg.rows import dict_row

from api.database import Transaction
from api.letters import Desk
from ops.broker_access import reach
from ops.failures import Missing
from ops.ground import Ground
from schemas.dead_letters import DeadLetter
from schemas.letter_views import LetterGroup, RedriveView
from streams.topology import DEAD_LETTERS

_POLL_SECONDS: Final = 0.25
# Streams look twice a second; what they do not begin by then they will not.
_BEGIN_SECONDS: Final = 20.0
_FETCH_MS: Final = 5_000


@asynccontextmanager
async def desk(place: Ground) -> AsyncIterator[Desk]:
    """A desk in a transaction, which ends with the block."""
    async with await psycopg.AsyncConnection.connect(place.database_url, row_factory=dict_row) as connection:
        yield Desk(Transaction(connection), place.names.prefix)


async def groups(place: Ground) -> list[LetterGroup]:
    """The inbox by reason."""
    async with desk(place) as opened:
        return [LetterGroup.model_validate(row) for row in await opened.transaction.rows("letter_groups")]


async def whole_body(place: Ground, row: dict[str, Any]) -> tuple[bytes, str | None]:
    """The letter's message as its topic keeps it; what the table keeps, and why, where that cannot be had."""
    kept: bytes = row["body"]
    if row["size"] == len(kept):
        return kept, None
    consumer = AIOKafkaConsumer(**reach(place.kafka), enable_auto_commit=False)
    try:
        await consumer.start()
        part = TopicPartition(place.names.of(DEAD_LETTERS), row["letter_partition"])
        consumer.assign([part])
        consumer.seek(part, row["letter_offset"])
        found = await consumer.getmany(part, timeout_ms=_FETCH_MS, max_records=1)
        for record in found.get(part, ()):
            if record.offset == row["letter_offset"] and record.value is not None:
                return base64.b64decode(DeadLetter.decode(record.value).body), None
    except KafkaError:
        return kept, "the broker does not answer: this is the beginning that the table keeps"
    finally:
        await consumer.stop()
    return kept, "the topic has let it go: this is the beginning that the table keeps"


async def until_over(
    place: Ground, redrive_id: str, patience_seconds: float, told: Callable[[RedriveView], None]
) -> RedriveView:
    """Follow a redrive to its end. Raises Missing when nobody begins it, or it takes too long."""
    began = time.monotonic()
    async with await psycopg.AsyncConnection.connect(
        place.database_url, row_factory=dict_row, autocommit=True
    ) as connection:
        opened = Desk(Transaction(connection), place.names.prefix)
        while True:
            view = await opened.shown(redrive_id)
            told(view)
            if view.ended_at is not None:
                return view
            waited = time.monotonic() - began
            if view.begun_at is None and waited > _BEGIN_SECONDS:
                raise Missing(f"nobody has begun {redrive_id} within 20 s: is polycool streams running?")
            if waited > patience_seconds:
                raise Missing(f"{redrive_id} was not over within {patience_seconds:g} s; it goes on.")
            await asyncio.sleep(_POLL_SECONDS)
