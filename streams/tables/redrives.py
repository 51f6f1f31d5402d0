"""Redrives that operators ask for, and what becomes of their letters."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import psycopg

from streams.tables.queries import query

Connection = psycopg.AsyncConnection[tuple[Any, ...]]


class Run(NamedTuple):
    """A redrive that has not ended; ``now`` is the database's clock, as all its times are."""

    redrive_id: str
    letters: list[int]
    asked_by: str
    asked_at: datetime
    moved_at: datetime
    now: datetime


class Letter(NamedTuple):
    """A letter of a redrive: where it lies, where its message lay, and what has become of it (none: nothing)."""

    letter_id: int
    letter_partition: int
    letter_offset: int
    topic: str
    partition: int
    sha256: str
    state: str | None
    redrive_id: str | None
    sent_offset: int | None
    became: int | None
    changed_at: datetime | None


class UnderWay(NamedTuple):
    """A message that was sent again and is not answered yet."""

    letter_id: int
    topic: str
    partition: int
    offset: int


async def is_the_one(connection: Connection) -> bool:
    """Whether this connection holds the right to redrive, which one process has at a time."""
    return bool((await _rows(connection, "one_redriver"))[0][0])


async def run_at_hand(connection: Connection) -> Run | None:
    """The oldest redrive that has not ended."""
    rows = await _rows(connection, "run_at_hand")
    return Run(*rows[0]) if rows else None


async def letters_of(connection: Connection, run: Run) -> list[Letter]:
    """Its letters in the order they are sent."""
    return [Letter(*row) for row in await _rows(connection, "letters_of_run", letters=run.letters)]


async def begin(connection: Connection, run: Run, letters: Sequence[Letter]) -> None:
    """These are sent next: said before it is done, so that a crash leaves none that was sent unsaid."""
    await _run(connection, "begin_run", redrive_id=run.redrive_id)
    names = [letter.letter_id for letter in letters]
    await _run(connection, "mark_redriving", letters=names, who=run.asked_by, redrive_id=run.redrive_id)


async def unsendable(connection: Connection, letter: Letter, why: str) -> None:
    """Its message cannot be had whole, or is too large; ``why`` says what to do."""
    await _run(connection, "unsendable", letter_id=letter.letter_id, note=why)


async def note_sent(connection: Connection, letter: Letter, partition: int, offset: int) -> None:
    """Where the message lies that was sent."""
    await _run(connection, "note_sent", letter_id=letter.letter_id, partition=partition, offset=offset)


async def under_way(connection: Connection) -> list[UnderWay]:
    """What was sent and is not answered, of whatever redrive."""
    return [UnderWay(*row) for row in await _rows(connection, "under_way")]


async def letters_kept(connection: Connection) -> dict[int, int]:
    """The highest offset of the topic of dead letters that is a row here, by partition."""
    return dict(await _rows(connection, "letters_kept"))


async def answer(connection: Connection, letters: Sequence[int]) -> None:
    """These were handled, and every letter that came of it is a row: each is redriven, or a repeat."""
    await _run(connection, "answer_redriven", letters=list(letters))
    await _run(connection, "run_moved", letters=list(letters))


async def end(connection: Connection, run: Run, cause: str | None) -> None:
    """The redrive is done, or has halted for a cause."""
    state = "done" if cause is None else "halted"
    await _run(connection, "end_run", redrive_id=run.redrive_id, state=state, cause=cause)


async def _rows(connection: Connection, name: str, /, **values: object) -> list[tuple[Any, ...]]:
    cursor = await connection.execute(query(f"letters/{name}").encode(), values)
    return await cursor.fetchall()


async def _run(connection: Connection, name: str, /, **values: object) -> None:
    await connection.execute(query(f"letters/{name}").encode(), values)
