"""Lists in one round trip: the scope, the query and the clock leave together, and rows come as their text on the wire.

The statements of a pipeline are one transaction, so the scope holds for the query and for nothing after it. Prepared
once per connection and set of filters: a filter that is not asked for is not in the statement.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final, NamedTuple

import orjson
import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool
from starlette.responses import Response

from api.database import ROLE, STATEMENT_MS, Scope, left_as_found, query
from api.wire_text import PlainNumeric, Rfc3339

Row = dict[str, Any]
# A list is 20 rows along an index that has its order. Planned by what the statistics last saw of a table that grows by
# thousands of rows, all rows of a user are read and sorted: 70 ms instead of 0.3. One plan, made once.
_PLANNING: Final = {
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
    "enable_sort": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "plan_cache_mode": "force_generic_plan",
    "jit": "off",
    "timezone": "UTC",
    "datestyle": "ISO",
}
_FILTER: Final = re.compile(rb"\(%\((\w+)\)s::[\w\[\]]+ IS NULL OR ")


class Found(NamedTuple):
    """Rows whose decimals and times are text already, and the database's time."""

    rows: list[Row]
    as_of: str


@cache
def narrowed(name: str, absent: frozenset[str]) -> bytes:
    """The query with its filters as they are asked for: `(%(x)s::t IS NULL OR c)` is true without x, else c."""
    text = query(name)
    at = 0
    while found := _FILTER.search(text, at):
        end = _closing(text, found.start())
        wanted = b"true" if found[1].decode() in absent else b"(" + text[found.end() : end] + b")"
        text, at = text[: found.start()] + wanted + text[end + 1 :], found.start()
    return text


def _closing(text: bytes, opening: int) -> int:
    depth = 0
    for place in range(opening, len(text)):
        depth += {40: 1, 41: -1}.get(text[place], 0)
        if depth == 0:
            return place
    raise ValueError("a bracket of a query is never closed")


def planning() -> str:
    """The `options` of a connection for lists."""
    settings = {"role": ROLE, "statement_timeout": STATEMENT_MS, **_PLANNING}
    return " ".join(f"-c {name}={value}" for name, value in settings.items())


class QuickReads:
    """Connections for lists alone, without transactions of their own."""

    def __init__(self, url: str, *, size: int, wait_seconds: float) -> None:
        self._pool: AsyncConnectionPool[psycopg.AsyncConnection[DictRow]] = AsyncConnectionPool(
            make_conninfo(url, options=planning(), application_name=f"{ROLE} lists"),
            min_size=1,
            max_size=size,
            timeout=wait_seconds,
            reconnect_timeout=wait_seconds,
            kwargs={"row_factory": dict_row, "autocommit": True},
            configure=_speak_text,
            reset=left_as_found,
            open=False,
        )

    async def open(self) -> None:
        """Begin to connect; does not wait for the database."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        """Give the connections back."""
        await self._pool.close()

    async def rows(self, scope: Scope, name: str, /, **values: object) -> Found:
        """All rows of a query in a scope. Raises psycopg.OperationalError or PoolTimeout when the database is away."""
        statement = narrowed(name, frozenset(key for key, value in values.items() if value is None))
        try:
            return await self._asked(scope, statement, values)
        except psycopg.OperationalError:
            # A connection that was kept may have died with the database; whether it is back a new one tells.
            await self._pool.check()
            return await self._asked(scope, statement, values)

    async def _asked(self, scope: Scope, statement: bytes, values: Mapping[str, object]) -> Found:
        about = {"user_id": scope.user_id or "", "operator": "on" if scope.operator else "off"}
        async with self._pool.connection() as connection:
            async with connection.pipeline():
                clock = await connection.execute(query("enter_scope_at"), about, prepare=True)
                cursor = await connection.execute(statement, values, prepare=True)
            row = await clock.fetchone()
            assert row is not None, "the clock always has a row"
            return Found(await cursor.fetchall(), row["now"])


async def _speak_text(connection: psycopg.AsyncConnection[DictRow]) -> None:
    connection.adapters.register_loader("numeric", PlainNumeric)
    connection.adapters.register_loader("timestamptz", Rfc3339)


def moment(text: str) -> datetime:
    """A time as it came, for a cursor."""
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def page_of(rows: Sequence[Row], next_cursor: str | None, as_of: str) -> Response:
    """A page of a list as its view would say it."""
    body = orjson.dumps({"items": list(rows), "next_cursor": next_cursor, "as_of": as_of})
    return Response(body, media_type="application/json")
