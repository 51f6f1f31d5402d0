"""The door to Postgres: every transaction runs as `polycool_api`, for one user or for an operator.

Row-level security (migration 0003) shows a transaction only what its scope owns, even where a query forgets to ask.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final, TypeVar

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.pq import PipelineStatus
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool
from pydantic import BaseModel

View = TypeVar("View", bound=BaseModel)
Connection = TypeVar("Connection", bound=psycopg.AsyncConnection[Any])
ROLE: Final = "polycool_api"
# A read that takes longer would hold one of few connections; every query here is answered by an index.
STATEMENT_MS: Final = 5_000
# A wait that is over is told by the pool, which takes no negative one.
_LEAST_SECONDS: Final = 0.001


@cache
def query(name: str) -> bytes:
    """The text of `api/queries/<name>.sql`."""
    return files("api.queries").joinpath(f"{name}.sql").read_bytes()


@dataclass(frozen=True, slots=True)
class Scope:
    """For whom a transaction acts: a user sees their own rows, an operator all, nobody what is common."""

    user_id: str | None = None
    operator: bool = False


OPERATOR: Final = Scope(operator=True)
NOBODY: Final = Scope()


class Transaction:
    """Queries by name within one transaction."""

    def __init__(self, connection: psycopg.AsyncConnection[DictRow]) -> None:
        self._connection = connection

    async def rows(self, name: str, /, **values: object) -> list[dict[str, Any]]:
        """All rows of a query."""
        return await (await self._connection.execute(query(name), values)).fetchall()

    async def row(self, name: str, /, **values: object) -> dict[str, Any] | None:
        """The first row, or none."""
        return await (await self._connection.execute(query(name), values)).fetchone()

    async def view(self, view: type[View], name: str, /, **values: object) -> View | None:
        """The first row as a view, or none."""
        row = await self.row(name, **values)
        return None if row is None else view.model_validate(row)

    async def run(self, name: str, /, **values: object) -> int:
        """Carry out a statement; how many rows it touched."""
        return (await self._connection.execute(query(name), values)).rowcount

    async def undo(self) -> None:
        """Let go of what was done so far."""
        await self._connection.rollback()


async def left_as_found(connection: psycopg.AsyncConnection[DictRow]) -> None:
    """Whoever is cancelled in the middle of a pipeline may leave it on: such a connection is closed by the pool."""
    if connection.pgconn.pipeline_status != PipelineStatus.OFF:
        raise psycopg.InterfaceError("the connection was left in pipeline mode")


async def answering(
    pool: AsyncConnectionPool[Connection], seconds: float, greeted: Callable[[Connection], Awaitable[object]]
) -> Connection:
    """A connection of the pool that has answered ``greeted``; to be given back.

    One that the database dropped meanwhile (a restart) is thrown away and the next taken at once: the pool's own check
    stands still after each, for a second and more. Raises psycopg.OperationalError, or PoolTimeout when the database
    is away for so many seconds.
    """
    until = time.monotonic() + seconds
    while True:
        connection = await pool.getconn(max(until - time.monotonic(), _LEAST_SECONDS))
        try:
            await greeted(connection)
        except BaseException as fault:
            await pool.putconn(connection)
            if not isinstance(fault, psycopg.OperationalError) or not connection.closed:
                raise
        else:
            return connection


class Database:
    """A pool of connections with the API's role."""

    def __init__(self, url: str, *, size: int, wait_seconds: float) -> None:
        options = f"-c role={ROLE} -c statement_timeout={STATEMENT_MS} -c plan_cache_mode=force_custom_plan"
        self._pool: AsyncConnectionPool[psycopg.AsyncConnection[DictRow]] = AsyncConnectionPool(
            make_conninfo(url, options=options, application_name=ROLE),
            min_size=1,
            max_size=size,
            timeout=wait_seconds,
            # Another second per connection is too long to wait for a database that went away.
            reconnect_timeout=wait_seconds,
            kwargs={"row_factory": dict_row},
            reset=left_as_found,
            open=False,
        )
        self._wait_seconds = wait_seconds

    async def open(self) -> None:
        """Begin to connect; does not wait for the database."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        """Give the connections back."""
        await self._pool.close()

    def stats(self) -> dict[str, int]:
        """The pool's own figures."""
        return self._pool.get_stats()

    @asynccontextmanager
    async def transaction(self, scope: Scope) -> AsyncIterator[Transaction]:
        """One transaction in a scope. Raises psycopg.OperationalError or PoolTimeout when the database is away."""

        async def enter(connection: psycopg.AsyncConnection[DictRow]) -> None:
            entered = {"user_id": scope.user_id or "", "operator": "on" if scope.operator else "off"}
            await Transaction(connection).run("enter_scope", **entered)

        connection = await answering(self._pool, self._wait_seconds, enter)
        try:
            async with connection:
                yield Transaction(connection)
        finally:
            await self._pool.putconn(connection)
