"""Asking several statements in one round trip to the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from streams.tables.queries import query

Connection = AsyncConnection[TupleRow]
Rows = list[tuple[Any, ...]]
Question = tuple[str, Mapping[str, object]]


async def ask(connection: Connection, questions: Sequence[Question]) -> dict[str, Rows]:
    """Run the statements (``stage/name``, parameters) in order, in one round trip; rows by the statement's name.

    Each sees what was committed when it began, so a lock taken by one counts for those behind it.
    """
    if not questions:
        return {}
    async with connection.pipeline():
        asked = [
            (name, await connection.execute(query(name).encode(), parameters, prepare=True))
            for name, parameters in questions
        ]
    return {name: await cursor.fetchall() if cursor.description is not None else [] for name, cursor in asked}
