"""Lists in one round trip: the scope, the query and the clock leave together, and rows come as their text on the wire,
made by Postgres: nothing here reads or makes their values.

What leaves together is one transaction, so the scope holds for the query and for nothing after it. Prepared once per
connection and set of filters: a filter that is not asked for is not in the statement.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any, Final, NamedTuple

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg_pool import AsyncConnectionPool
from starlette.responses import Response

from api.database import ROLE, STATEMENT_MS, Scope, query
from api.lanes import Lanes, Rows

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
_VALUE: Final = re.compile(rb"%\((\w+)\)s")
_FILTER: Final = re.compile(rb"\(%\((\w+)\)s::[\w\[\]]+ IS NULL OR ")


class Found(NamedTuple):
    """Rows as text, each with its place in the list, and the database's time."""

    rows: Rows
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


@cache
def positional(statement: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The statement with `$1` for the first name, and so on; the names in that order."""
    names: dict[str, int] = {}

    def place(found: re.Match[bytes]) -> bytes:
        return b"$%d" % names.setdefault(found[1].decode(), len(names) + 1)

    return _VALUE.sub(place, statement), tuple(names)


class QuickReads:
    """Connections for lists alone."""

    def __init__(self, url: str, *, size: int, wait_seconds: float) -> None:
        self._pool: AsyncConnectionPool[psycopg.AsyncConnection[Any]] = AsyncConnectionPool(
            make_conninfo(url, options=planning(), application_name=f"{ROLE} lists"),
            min_size=0,
            max_size=size,
            timeout=wait_seconds,
            reconnect_timeout=wait_seconds,
            kwargs={"autocommit": True},
            open=False,
        )
        self.lanes = Lanes(self._pool, size=size, wait_seconds=wait_seconds)

    async def open(self) -> None:
        """Begin to connect; does not wait for the database."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        """Give the connections back."""
        await self.lanes.close()
        await self._pool.close()

    async def rows(self, scope: Scope, name: str, /, **values: object) -> Found:
        """All rows of a query in a scope. Raises psycopg.OperationalError or PoolTimeout when the database is away."""
        absent = frozenset(key for key, value in values.items() if value is None)
        statement, names = positional(narrowed(name, absent))
        enter, about = positional(query("enter_scope_said"))
        scoped = {"user_id": scope.user_id or "", "operator": "on" if scope.operator else "off"}
        (clock,), rows = await self.lanes.ask(
            [
                (enter, [scoped[each].encode() for each in about]),
                (statement, [_text(values[each]) for each in names]),
            ]
        )
        as_of = clock[2]
        assert as_of is not None, "the clock always has a row"
        return Found(rows, as_of.decode())


def _text(value: object) -> bytes:
    """A value as Postgres reads it from text; words of closed sets need no quotes in an array."""
    if isinstance(value, list):
        return b"{" + b",".join(_text(each) for each in value) + b"}"
    return (value.isoformat() if isinstance(value, datetime) else str(value)).encode()


def moment(text: bytes) -> datetime:
    """A time as it came, for a cursor."""
    return datetime.fromisoformat(text.decode().replace("Z", "+00:00"))


def page_of(items: Iterable[bytes], next_cursor: str | None, as_of: str) -> Response:
    """A page of a list as its view would say it; the items are JSON."""
    following = b"null" if next_cursor is None else b'"%b"' % next_cursor.encode()
    body = b'{"items":[%b],"next_cursor":%b,"as_of":"%b"}' % (b",".join(items), following, as_of.encode())
    return Response(body, media_type="application/json")
