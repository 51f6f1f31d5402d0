"""The outbox relay: rows committed together with their cause go onto their topics, confirmed, in order, at least once.

One relay at a time holds an advisory lock; the others wait to take over. It is woken by NOTIFY and looks by itself
every 200 ms as the net below.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple, NoReturn

import psycopg
import structlog
from aiokafka.errors import MessageSizeTooLargeError

from schemas.enums import DeadLetterReason
from streams.kafka.guard import DeadMessage, Received
from streams.kafka.letters import dead_letter
from streams.kafka.patience import LONGEST_PAUSE_SECONDS, PASSING, said
from streams.kafka.sender import Producing
from streams.tables.pool import connection_options
from streams.tables.queries import query
from streams.topology import DEAD_LETTERS, TOPICS, TopicNames

log = structlog.get_logger()

LOOK_SECONDS: Final = 0.2
# Another worker has the lock: it may end at any time, a second more is no loss.
WAIT_FOR_LOCK_SECONDS: Final = 1.0
# A round holds the loop for some 2 ms at a time, no trade longer; twice as many make a row no cheaper.
ROWS_AT_ONCE: Final = 200
DROP_EVERY: Final = timedelta(minutes=1)
CONTRACT: Final = {topic.name: topic for topic in TOPICS}

Connection = psycopg.AsyncConnection[tuple[Any, ...]]


class Row(NamedTuple):
    """A committed fact that is not sent yet; ``topic`` without prefix."""

    outbox_id: int
    topic: str
    key: str
    value: bytes | None
    created_at: datetime


class Relay:
    """Runs until it is cancelled; ``told`` hears (topic, seconds from commit to confirmed) of each row."""

    def __init__(
        self,
        database_url: str,
        names: TopicNames,
        producing: Producing,
        *,
        kept_minutes: int,
        crash: Callable[[BaseException], NoReturn],
        told: Callable[[str, float], None],
    ) -> None:
        self._database_url = database_url
        self._names = names
        self._producing = producing
        self._kept_minutes = kept_minutes
        self._crash = crash
        self._told = told
        self._dropped_at = datetime.min.replace(tzinfo=UTC)

    async def run(self) -> None:
        """Relay for ever; a passing fault is waited out (the stages decide when the process has to end)."""
        pause = LOOK_SECONDS
        while True:
            try:
                async with await self._connect() as connection:
                    await self._relay(connection)
            except PASSING as fault:
                log.warning("relay_retry", fault=said(fault), pause_seconds=pause)
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
            except asyncio.CancelledError:
                raise
            except BaseException as fault:
                self._crash(fault)

    async def _connect(self) -> Connection:
        return await psycopg.AsyncConnection.connect(
            self._database_url,
            autocommit=True,
            options=connection_options("streams"),
            application_name="polycool-relay",
            connect_timeout=5,
        )

    async def _relay(self, connection: Connection) -> None:
        while not await _held(connection):  # noqa: ASYNC110 (another process holds it: nothing here could tell)
            await asyncio.sleep(WAIT_FOR_LOCK_SECONDS)
        log.info("relay_began")
        await connection.execute(query("outbox/listen").encode())
        while True:
            cursor = await connection.execute(query("outbox/unsent").encode(), {"limit": ROWS_AT_ONCE})
            rows = [Row(*row) for row in await cursor.fetchall()]
            if rows:
                await self._send(connection, rows)
            else:
                await self._drop_old(connection)
                await _woken(connection)

    async def _send(self, connection: Connection, rows: list[Row]) -> None:
        confirmations = [await self._begin(row) for row in rows]
        await asyncio.gather(*map(self._confirmed, rows, confirmations))
        await connection.execute(
            query("outbox/mark_sent").encode(), {"sent": [row.outbox_id for row in rows]}
        )
        now = datetime.now(UTC)
        for row in rows:
            self._told(row.topic, (now - row.created_at).total_seconds())

    async def _confirmed(self, row: Row, confirmation: Awaitable[object]) -> None:
        """The producer refuses at once what is beyond its bound; the broker, later, what its topic does not take."""
        try:
            await confirmation
        except MessageSizeTooLargeError as fault:
            await (await self._give_up(row, said(fault)))

    async def _begin(self, row: Row) -> Awaitable[object]:
        topic = CONTRACT.get(row.topic)
        if topic is None:
            return await self._give_up(row, "no topic of this name")
        try:
            return await self._producing(self._names.of(topic), row.key.encode(), row.value)
        except MessageSizeTooLargeError as fault:
            return await self._give_up(row, said(fault))

    async def _give_up(self, row: Row, why: str) -> Awaitable[object]:
        """A row that can never go out must not hold up the others: its bytes go to the dead letters."""
        log.error("relay_gave_up", outbox_id=row.outbox_id, topic=row.topic, fault=why)
        placed = Received(
            f"outbox:{row.topic}", 0, row.outbox_id, row.key.encode(), row.value, row.created_at
        )
        letter = dead_letter(
            DeadMessage(placed, DeadLetterReason.FAILED, why), "outbox", datetime.now(UTC)
        ).encode()
        return await self._producing(self._names.of(DEAD_LETTERS), placed.key, letter)

    async def _drop_old(self, connection: Connection) -> None:
        now = datetime.now(UTC)
        if now - self._dropped_at > DROP_EVERY:
            self._dropped_at = now
            await connection.execute(query("outbox/drop_sent").encode(), {"minutes": self._kept_minutes})


async def _held(connection: Connection) -> bool:
    cursor = await connection.execute(query("outbox/one_relay").encode())
    row = await cursor.fetchone()
    return bool(row and row[0])


async def _woken(connection: Connection) -> None:
    """Wait for a notice that something was committed, or until it is time to look."""
    async for _notice in connection.notifies(timeout=LOOK_SECONDS, stop_after=1):
        return
