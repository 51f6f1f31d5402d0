"""Asking several statements in one round trip to the database."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, nullcontext
from typing import Any, Final

from psycopg import AsyncConnection, AsyncCursor, AsyncPipeline
from psycopg._pipeline_base import BasePipeline
from psycopg.rows import TupleRow

from streams.tables.queries import query

Connection = AsyncConnection[TupleRow]
Rows = list[tuple[Any, ...]]
Question = tuple[str, Mapping[str, object]]

# The text of psycopg's method that is held back (psycopg 3.3), as a digest: another text is left alone.
READ: Final = "e1b241de73fce8e7"


def known() -> bool:
    """Whether the installed psycopg is the one whose sending may be held back."""
    text = inspect.getsource(BasePipeline._communicate_gen)
    return hashlib.sha256(text.encode()).hexdigest()[:16] == READ


HOLDS_BACK: Final = known()


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
    async with connection.pipeline() as pipeline:
        with _held_back(pipeline) if HOLDS_BACK else nullcontext():
            yield
        if commit:
            # The commit is left out by psycopg where nothing has begun: what was held goes first.
            await connection.wait(pipeline._communicate_gen())
            await connection.commit()


@contextmanager
def _held_back(pipeline: AsyncPipeline) -> Iterator[None]:
    """Hand nothing to the socket meanwhile. psycopg sends each statement by itself: the server is woken, answers into
    its buffer and sleeps, statement by statement, and on two cores that costs more than the statements do."""
    held: Any = pipeline
    held._communicate_gen = _nothing
    try:
        yield
    finally:
        del held._communicate_gen


def _nothing() -> Iterator[Any]:
    yield from ()
