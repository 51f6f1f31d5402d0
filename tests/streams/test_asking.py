"""Several statements in one round trip: one send, the rows of each, faults raised, the commit with them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from streams.tables import one_send
from streams.tables.asking import Connection, Question, ask, one_trip
from streams.tables.pool import open_pool

CLOCK: Question = ("decision/switch_and_clock", {})
WAKE: Question = ("decision/wake", {"channels": ["polycool_tested"]})


@contextmanager
def traced(connection: Connection, path: Path) -> Iterator[list[str]]:
    """What libpq wrote and read in the block, each message as `F` or `B` and its name, in order."""
    messages: list[str] = []
    with path.open("w") as file:
        connection.pgconn.trace(file.fileno())
        try:
            yield messages
        finally:
            connection.pgconn.untrace()
    for line in path.read_text().splitlines():
        parts = line.split("\t")
        if len(parts) >= 4 and parts[1] in {"F", "B"}:
            name = f"{parts[1]} {parts[3]}"
            messages.append(f"{name} {parts[4].strip()}" if name == "B CommandComplete" else name)


def test_the_installed_psycopg_is_the_one_that_was_read() -> None:
    """Another one is used as it is, statement by statement; this tells that it is time to read it."""
    assert one_send.known()


@pytest.mark.parametrize("commit", [False, True])
async def test_statements_leave_in_one_piece_and_answer_each(
    database_url: str, tmp_path: Path, *, commit: bool
) -> None:
    """Three statements and their commit: all is written before the first answer is waited for, one Sync behind it, the
    transaction begun once; a statement without rows answers with none."""
    pool = await open_pool(database_url, "streams", max_size=1, min_size=1)
    questions = [CLOCK, WAKE, ("markets/drop_old_leader_values", {"hours": 1})]
    async with pool, pool.connection() as connection:
        await ask(connection, [CLOCK], commit=True)
        with traced(connection, tmp_path / "trace") as messages:
            answers = await ask(connection, questions, commit=commit)
        assert connection.info.transaction_status.name == ("IDLE" if commit else "INTRANS")
    ways = [message[0] for message in messages]
    assert ways == sorted(ways, reverse=True), messages
    assert messages.count("F Sync") == messages.count("B ReadyForQuery") == 1
    ended = [message for message in messages if message.startswith("B CommandComplete")]
    assert len(ended) == len(questions) + 1 + commit, ended
    assert len(answers["decision/switch_and_clock"]) == 1
    assert answers["markets/drop_old_leader_values"] == []


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("begun", [False, True])
async def test_the_commit_goes_with_the_statements(
    database_url: str, monkeypatch: pytest.MonkeyPatch, *, begun: bool, known: bool
) -> None:
    """Durable when it returns, whether or not the transaction had begun before; what comes later is another one. So it
    is with a psycopg that nobody has read, too."""
    monkeypatch.setattr(one_send, "KNOWN", known)
    pool = await open_pool(database_url, "streams", max_size=1, min_size=1)

    async def commit_and_fail() -> None:
        async with pool.connection() as connection:
            if begun:
                await ask(connection, [CLOCK])
            async with one_trip(connection, commit=True):
                await connection.execute("SELECT set_config('polycool.tested', 'kept', false)")
            assert connection.info.transaction_status.name == "IDLE"
            raise RuntimeError("after the commit")

    async with pool:
        with pytest.raises(RuntimeError, match="after the commit"):
            await commit_and_fail()
        async with pool.connection() as connection:
            # A setting of the session is undone with its transaction, and stays with its commit.
            row = await (
                await connection.execute("SELECT current_setting('polycool.tested', true)")
            ).fetchone()
    assert row == ("kept",)


@pytest.mark.parametrize("known", [True, False])
async def test_a_fault_is_raised_and_nothing_is_committed(
    database_url: str, monkeypatch: pytest.MonkeyPatch, *, known: bool
) -> None:
    """The fault is told, what stands behind it does not happen, and the connection can be used on."""
    monkeypatch.setattr(one_send, "KNOWN", known)
    pool = await open_pool(database_url, "streams", max_size=1, min_size=1)

    async def fail(connection: Connection) -> None:
        async with one_trip(connection, commit=True):
            await connection.execute("SELECT set_config('polycool.tested', 'kept', false)")
            await connection.execute("SELECT 1 / 0")

    async with pool:
        async with pool.connection() as connection:
            with pytest.raises(psycopg.errors.DivisionByZero):
                await fail(connection)
            await connection.rollback()
        async with pool.connection() as connection:
            row = await (
                await connection.execute("SELECT current_setting('polycool.tested', true)")
            ).fetchone()
    assert row in ((None,), ("",))


async def test_a_trip_that_is_cancelled_before_it_begins_leaves_nothing_behind(database_url: str) -> None:
    """Who waits for the connection and is cancelled: the next one's statements are sent."""
    pool = await open_pool(database_url, "streams", max_size=1, min_size=1)
    async with pool, pool.connection() as connection:
        async with connection.lock:
            waiting = asyncio.create_task(ask(connection, [CLOCK], commit=True))
            await asyncio.sleep(0)
            waiting.cancel()
            await asyncio.wait([waiting])
        row = await (await connection.execute("SELECT 7")).fetchone()
    assert waiting.cancelled()
    assert row == (7,)


async def test_a_connection_left_in_pipeline_mode_is_nobodys(database_url: str) -> None:
    """Found by a campaign (seed 52): a batch was cancelled by a rebalance in the middle of a pipeline, its connection
    went back in pipeline mode, and the next trade's COPY failed: a dead letter instead of an answer."""
    pool = await open_pool(database_url, "streams", max_size=1, min_size=1)
    try:
        async with pool.connection() as cancelled:
            cancelled.pgconn.enter_pipeline_mode()
        async with (
            pool.connection() as another,
            another.cursor() as cursor,
            cursor.copy(b"COPY (SELECT 1) TO STDOUT") as copied,
        ):
            assert [bytes(row) async for row in copied] == [b"1\n"]
    finally:
        await pool.close()
