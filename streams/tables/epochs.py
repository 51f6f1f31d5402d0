"""One trading worker at a time: whoever holds the highest epoch; an older one stops by itself (DESIGN §8)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from streams.tables.asking import Question, Rows, ask
from streams.tables.pool import Pool
from streams.tables.queries import query

# A process stopped inside a transaction loses it after this, so that a newer worker can begin (next order ≤ 15 s).
HANG_MS: Final = 4_000
HOLD: Final = "trading/hold_epoch"
BEAT: Final = "trading/beat"


class EpochLost(Exception):
    """A newer worker has begun: this one may not write any more, and ends."""


async def take_epoch(pool: Pool, worker: str) -> int:
    """Begin as the newest worker. Waits for transactions of the one before."""
    async with pool.connection() as connection:
        answers = await ask(connection, [("trading/take_epoch", {"worker": worker})], commit=True)
    ((epoch,),) = answers["trading/take_epoch"]
    return int(epoch)


@asynccontextmanager
async def writing(pool: Pool, epoch: int) -> AsyncIterator[AsyncConnection[TupleRow]]:
    """A transaction that commits only while ``epoch`` is the newest. Raises ``EpochLost`` before anything is done."""
    async with pool.connection() as connection:
        await hold_epoch(connection, epoch)
        yield connection


async def hold_epoch(connection: AsyncConnection[TupleRow], epoch: int) -> None:
    """Make this transaction one of ``epoch``; raises ``EpochLost``."""
    held = await ask(connection, [holding(epoch)])
    check_held(held, epoch)


def holding(epoch: int) -> Question:
    """The question that makes a transaction one of ``epoch``; its answer is for ``check_held``."""
    return HOLD, {"epoch": epoch, "hang_ms": str(HANG_MS)}


def check_held(answers: Mapping[str, Rows], epoch: int) -> None:
    """Raises ``EpochLost`` when a newer worker has begun: nothing of this transaction may be committed."""
    if not answers[HOLD]:
        raise EpochLost(f"epoch {epoch} is over")


async def beat(pool: Pool, epoch: int) -> None:
    """Say that the worker lives; raises ``EpochLost``.

    With its commit in one piece: a process stopped in its midst would keep the newer one from beginning.
    """
    async with pool.connection() as connection:
        answers = await ask(connection, [(BEAT, {"epoch": epoch})], commit=True)
    if not answers[BEAT]:
        raise EpochLost(f"epoch {epoch} is over")


async def mark_ready(pool: Pool, epoch: int) -> None:
    """The worker has finished its start-up."""
    async with writing(pool, epoch) as connection:
        await connection.execute(query("trading/mark_ready"), {"epoch": epoch})


async def bound_prefix(pool: Pool) -> tuple[str, str] | None:
    """Cluster id and topic prefix the database belongs to; None before it was bound (SAFETY R32)."""
    async with pool.connection() as connection:
        row = await (await connection.execute(query("trading/binding"))).fetchone()
    return None if row is None else (str(row[0]), str(row[1]))
