"""classify on a real database, without a broker: batches are handed over as the guard would."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import orjson
import psycopg
from psycopg.rows import dict_row

from schemas.enums import AddressType
from schemas.trades import LeaderTraded, SmartTraded
from schemas.watched import WatchedAddress
from streams.classify.agent import Classify
from streams.kafka.guard import Guard, Handled, Received
from streams.kafka.patience import Patience
from streams.kafka.roles import RoleBook
from streams.tables.pool import Pool, open_pool
from streams.topology import COPY_LEADER, SMART_TRADER


class Roles:
    """Roles that are ready."""

    def __init__(self) -> None:
        self.ready = asyncio.Event()
        self.ready.set()
        self.book = RoleBook()


class Sorter:
    """A classify that can be thrown away and begun anew on the same rows, as after a kill."""

    def __init__(self, pool: Pool, database_url: str) -> None:
        self.pool = pool
        self.roles = Roles()
        self._database_url = database_url
        self._offset = 0
        self.now = 0.0
        self.begin_anew()

    def begin_anew(self) -> None:
        """A new process: nothing but the rows is remembered."""
        self.stage = Classify(
            self.pool,
            self.roles,
            now=lambda: datetime.now(UTC),
            monotonic=lambda: self.now,
            told=lambda *_: None,
            spent=lambda *_: None,
        )
        self.guard = Guard("classify", self.stage, Patience(5, 5), monotonic=asyncio.get_running_loop().time)

    def watch(
        self, who: str, *roles: AddressType, version: int = 1, since: Mapping[AddressType, int] | None = None
    ) -> None:
        """From now on the wallet holds these roles."""
        gained = since if since is not None else dict.fromkeys(roles, version)
        self.roles.book.take(WatchedAddress(wallet=who, version=version, roles=roles, since=dict(gained)))

    def received(
        self,
        body: Mapping[str, Any] | bytes | None,
        *,
        key: str | None = None,
        appended_at: datetime | None = None,
    ) -> Received:
        """A message as the broker gives it."""
        self._offset += 1
        value = body if isinstance(body, bytes) or body is None else orjson.dumps(body)
        if key is None and isinstance(body, Mapping):
            key = str(body["wallet"]).lower()
        return Received(
            "trades", 0, self._offset, (key or "").encode(), value, appended_at or datetime.now(UTC)
        )

    async def sort(self, *bodies: Mapping[str, Any] | bytes | Received) -> Handled:
        """Hand one batch over."""
        batch = [body if isinstance(body, Received) else self.received(body) for body in bodies]
        return await self.guard.handle(batch)

    async def rows(self, statement: str, *parameters: object) -> list[dict[str, Any]]:
        """Rows of a query, as the owner."""
        async with await psycopg.AsyncConnection.connect(
            self._database_url, row_factory=dict_row
        ) as connection:
            cursor = await connection.execute(statement.encode(), parameters)
            return await cursor.fetchall()


def leaders(handled: Handled) -> list[LeaderTraded]:
    """What goes to copy_leader."""
    return [LeaderTraded.decode(send.value) for send in handled.sends if send.topic is COPY_LEADER]


def smart(handled: Handled) -> list[SmartTraded]:
    """What goes to smart_trader."""
    return [SmartTraded.decode(send.value) for send in handled.sends if send.topic is SMART_TRADER]


def reasons(handled: Handled) -> list[str]:
    """Why messages became dead letters."""
    return [message.reason.value for message in handled.dead]


@asynccontextmanager
async def open_sorter(database_url: str) -> AsyncIterator[Sorter]:
    """A sorter on the test's database."""
    pool = await open_pool(database_url, "streams", max_size=3, min_size=1)
    try:
        yield Sorter(pool, database_url)
    finally:
        await pool.close()
