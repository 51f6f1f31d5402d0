"""Asking several statements in one round trip to the database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from psycopg import AsyncConnection, AsyncCursor
from psycopg.rows import TupleRow

from streams.tables import one_send
from streams.tables.queries import query

Connection = AsyncConnection[TupleRow]
Rows = list[tuple[Any, ...]]
Question = tuple[str, Mapping[str, object]]


async def ask(
    connection: Connection, questions: Sequence[Question], *, commit: bool = False
) -> dict[str, Rows]:
    """Run the statements (``stage/name``, parameters) in order, in one round trip; rows by the statement's name.

    Each sees what was committed when it began, so a lock taken by one counts for those behind it. With ``commit`` the
    transaction's commit goes with them, and is durable when this returns.
    """
    if not questions:
        if commit:
            await connection.commit()
        return {}
    async with one_trip(connection, commit=commit):
        asked = [
            (name, await connection.execute(query(name).encode(), parameters, prepare=True))
            for name, parameters in questions
        ]
    return {name: await cursor.fetchall() if _has_rows(cursor) else [] for name, cursor in asked}


def _has_rows(cursor: AsyncCursor[TupleRow]) -> bool:
    """Whether the statement answers with rows; ``description`` would make an object of each column to tell."""
    return cursor.pgresult is not None and cursor.pgresult.nfields > 0


@asynccontextmanager
async def one_trip(connection: AsyncConnection[Any], *, commit: bool = False) -> AsyncIterator[None]:
    """What is executed in the block goes out together at its end, with ``commit`` the transaction's commit too.

    The rows of its cursors can be read after it. A fault of a statement is raised at the end of the block.
    """
    if not one_send.KNOWN:
        async with connection.pipeline():
            yield
            if commit:
                await connection.commit()
        return
    with one_send.in_one_piece(connection):
        async with connection.pipeline():
            one_send.begin(connection)
            yield
            if commit:
                one_send.commit(connection)
