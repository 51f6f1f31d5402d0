"""The door to the exchange's tables. One connection writes, under a lock, so that a database has one writer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from functools import cache
from typing import Any, Final

import orjson
import psycopg
from psycopg.rows import dict_row, tuple_row
from psycopg_pool import AsyncConnectionPool

from ops.failures import Missing
from ops.paper.holdings import Holdings, Rows
from ops.paper.settings import PaperSettings
from ops.paper.tokens import Book
from ops.statements import statement
from streams.tables.pool import CONNECT_SECONDS, connection_options

# "paper" as a number: the advisory lock that only one writer of a database holds.
_WRITER_LOCK: Final = 0x7061706572
_READERS: Final = 4

Record = dict[str, Any]
Refresh = Callable[[psycopg.AsyncConnection[Any]], Awaitable[None]]


@cache
def sql(name: str) -> bytes:
    """The statement ``sql/<name>.sql`` of the exchange."""
    return statement("ops.paper", name).encode()


class LedgerError(Exception):
    """The database could not be reached, or did not do what it was asked; whether it did is not known."""


class AnotherWriter(Missing):
    """Another paper exchange writes to this database."""


class Ledger:
    """Reads from a small pool, writes on one connection that is made anew when it breaks."""

    def __init__(self, settings: PaperSettings) -> None:
        self._url = settings.database_url.get_secret_value()
        self._options = connection_options("paper")
        self._patience = settings.paper_takeover_seconds
        self._readers = AsyncConnectionPool[psycopg.AsyncConnection[Record]](
            self._url,
            min_size=1,
            max_size=_READERS,
            open=False,
            kwargs={
                "autocommit": True,
                "options": self._options,
                "row_factory": dict_row,
                "connect_timeout": CONNECT_SECONDS,
            },
            check=AsyncConnectionPool.check_connection,
            name="paper-readers",
        )
        self._writer: psycopg.AsyncConnection[Any] | None = None
        self._exclusive = asyncio.Lock()
        self.on_connect: Refresh | None = None
        """Called with each new connection of the writer: what is kept in memory may be older than the tables then."""

    async def open(self) -> None:
        """Connect; AnotherWriter when a second exchange runs on this database."""
        async with self._exclusive:
            await self._connected()
        await self._readers.open(wait=True, timeout=2.0 * CONNECT_SECONDS)

    async def close(self) -> None:
        """End all connections."""
        async with self._exclusive:
            if self._writer is not None:
                await self._writer.close()
                self._writer = None
        await self._readers.close()

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
        """The writer's connection, for one who has it alone. LedgerError when it breaks; the next gets a new one."""
        async with self._exclusive:
            try:
                yield await self._connected()
            except psycopg.Error as error:
                if self._writer is not None and (self._writer.broken or self._writer.closed):
                    self._writer = None
                raise LedgerError(str(error)) from error

    async def read(self, name: str, values: Mapping[str, object]) -> list[Record]:
        """All rows of ``sql/<name>.sql``; LedgerError when the database is away."""
        try:
            async with self._readers.connection() as connection:
                cursor = await connection.execute(sql(name), values)
                return await cursor.fetchall()
        except psycopg.Error as error:
            raise LedgerError(str(error)) from error

    async def _connected(self) -> psycopg.AsyncConnection[Any]:
        if self._writer is not None and not self._writer.closed:
            return self._writer
        writer = await psycopg.AsyncConnection.connect(
            self._url, autocommit=True, options=self._options, connect_timeout=CONNECT_SECONDS
        )
        deadline = asyncio.get_running_loop().time() + self._patience
        while not await _locked(writer):
            # A predecessor that was just killed still holds it until the database notices.
            if asyncio.get_running_loop().time() > deadline:
                await writer.close()
                raise AnotherWriter("another paper exchange writes to this database: end it first")
            await asyncio.sleep(0.05)
        if self.on_connect is not None:
            await self.on_connect(writer)
        self._writer = writer
        return writer


async def _locked(connection: psycopg.AsyncConnection[Any]) -> bool:
    cursor = await connection.execute(sql("try_writer_lock"), {"key": _WRITER_LOCK})
    row = await cursor.fetchone()
    return row is not None and bool(row[0])


async def load_holdings(
    connection: psycopg.AsyncConnection[Any],
    *,
    order_ids: Iterable[str],
    accounts: Iterable[str],
    assets: Iterable[str],
    now: datetime,
    lagging_since: datetime,
) -> Holdings:
    """The state that these orders are decided against."""
    holdings = Holdings()
    values = {
        "order_ids": list(order_ids),
        "accounts": list(accounts),
        "assets": list(assets),
        "now": now,
        "lagging_since": lagging_since,
    }
    cursor = connection.cursor(row_factory=tuple_row)
    await cursor.execute(sql("load_holdings"), values, prepare=True)
    for kind, party, asset, amount in await cursor.fetchall():
        if kind == "known":
            holdings.known.add(party)
        elif kind == "owner":
            holdings.owners[party] = asset
        else:
            target = {
                "balance": holdings.balances,
                "reserved": holdings.reserved,
                "lagging": holdings.lagging,
            }[kind]
            # What lags comes in two rows: by the setting, and by what conduct did to single orders.
            target[party, asset] = target.get((party, asset), 0) + amount
    return holdings


async def write_rows(connection: psycopg.AsyncConnection[Any], rows: Rows) -> None:
    """Write everything at once; committed when this returns."""
    values = {
        "orders": _json(rows.orders),
        "trades": _json(rows.trades),
        "entries": _json(rows.entries),
        "books": _json([book_row(token_id, book) for token_id, book in rows.books.items()]),
        "deltas": _json(
            [
                {"party": party, "asset": asset, "amount": amount}
                for (party, asset), amount in rows.deltas.items()
            ]
        ),
    }
    await connection.execute(sql("write_batch"), values, prepare=True)


def _json(content: list[dict[str, object]]) -> str:
    return orjson.dumps(content).decode()


def book_row(token_id: str, book: Book) -> dict[str, object]:
    """A book as its table keeps it."""
    return {
        "token_id": token_id,
        "bids": [[str(level.price), level.shares] for level in book.bids],
        "asks": [[str(level.price), level.shares] for level in book.asks],
        "taken_at": book.taken_at.isoformat(),
    }
