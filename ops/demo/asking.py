"""The demo's questions to the database: read-only, one SQL file each."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from psycopg.rows import DictRow, dict_row

from ops.statements import statement

Row = dict[str, Any]


class Questions:
    """One connection that only reads."""

    def __init__(self, connection: psycopg.AsyncConnection[DictRow]) -> None:
        self._connection = connection

    async def rows(self, name: str) -> list[Row]:
        """All rows of `ops/demo/sql/<name>.sql`."""
        return await (await self._connection.execute(statement("ops.demo", name).encode())).fetchall()

    async def row(self, name: str) -> Row:
        """The only row of a question that always has one."""
        return (await self.rows(name))[0]


@asynccontextmanager
async def questions(database_url: str) -> AsyncIterator[Questions]:
    """Questions to this database; psycopg.OperationalError when it is away."""
    async with await psycopg.AsyncConnection.connect(
        database_url, autocommit=True, row_factory=dict_row, options="-c default_transaction_read_only=on"
    ) as connection:
        yield Questions(connection)
