"""Several statements in one round trip: one send, the rows of each, faults raised, the commit with them."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from psycopg._pipeline_base import BasePipeline

from streams.tables import asking
from streams.tables.asking import Connection, Question, ask, one_trip
from streams.tables.pool import open_pool

CLOCK: Question = ("decision/switch_and_clock", {})
WAKE: Question = ("decision/wake", {"channels": ["polycool_tested"]})


class Counted:
    """The sends of psycopg's pipeline, counted."""

    def __init__(self) -> None:
        self.sends = 0

    def generator(self, real: Any) -> Any:
        """The method that counts and does what the real one does."""

        def communicate(pipeline: Any) -> Any:
            if pipeline.command_queue:
                self.sends += 1
            return (yield from real(pipeline))

        return communicate


def test_the_installed_psycopg_is_the_one_that_was_read() -> None:
    """Another one is used as it is, statement by statement; this tells that it is time to read it."""
    assert asking.known()


async def test_statements_leave_in_one_piece_and_answer_each(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three statements, one send; a statement without rows answers with none."""
    counted = Counted()
    pool = await open_pool(database_url, "streams", max_size=1, min_size=1)
    async with pool, pool.connection() as connection:
        await ask(connection, [CLOCK])
        monkeypatch.setattr(
            BasePipeline,
            "_communicate_gen",
            counted.generator(BasePipeline._communicate_gen),
        )
        answers = await ask(connection, [CLOCK, WAKE, ("markets/drop_old_leader_values", {"hours": 1})])
    assert counted.sends == 1
    assert len(answers["decision/switch_and_clock"]) == 1
    assert answers["markets/drop_old_leader_values"] == []


@pytest.mark.parametrize("begun", [False, True])
async def test_the_commit_goes_with_the_statements(database_url: str, *, begun: bool) -> None:
    """Durable when it returns, whether or not the transaction had begun before; what comes later is another one."""
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


async def test_a_fault_is_raised_and_nothing_is_committed(database_url: str) -> None:
    """The fault is told, what stands behind it does not happen, and the connection can be used on."""
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
