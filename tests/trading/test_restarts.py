"""Database and exchange go away under load and come back: nothing is lost, nothing is bought twice."""

from __future__ import annotations

import asyncio
from pathlib import Path

import psycopg

from ops.stack.local import LocalStack
from tests.conftest import until_ready
from tests.copy_execution.world import World
from tests.trading.ground import LEADER, Ground
from tests.waiting import eventually

FOLLOWERS, TRADES = 5, 12


async def _trade_on(ground: Ground) -> None:
    """The leader buys again and again; a decision that meets a database that is away is made again."""
    for _ in range(TRADES):
        message = ground.world.message(LEADER, "BUY", "100", "0.5", burst_started_at=None)
        while True:
            try:
                await ground.leader_trades(message)
                break
            except psycopg.OperationalError:
                await asyncio.sleep(0.2)


async def _all_bought_once(ground: Ground) -> None:
    copies = await ground.all_ended(60)
    assert len(copies) == FOLLOWERS * TRADES
    assert {copy["state"] for copy in copies} == {"filled"}
    assert len(ground.placed()) == FOLLOWERS * TRADES
    assert len(ground.world.rows("SELECT 1 FROM paper.trades")) == FOLLOWERS * TRADES
    await ground.assert_books_agree()


async def test_the_exchange_is_killed_and_started_again(ground: Ground, tmp_path: Path) -> None:
    """Orders under way are unknown until it answers again; each is bought once."""
    worker = ground.worker_process(tmp_path, repeat_seconds=1)
    await ground.start_process(worker)
    await ground.followers(FOLLOWERS)
    trading = asyncio.create_task(_trade_on(ground))
    await eventually(lambda: len(ground.placed()) > FOLLOWERS)
    ground.exchange.program.kill()
    await trading
    ground.exchange.program.start()
    await until_ready(ground.exchange.program)
    await _all_bought_once(ground)
    assert worker.exit_code() is None


async def test_the_database_is_restarted_under_load(
    ground: Ground, local_stack: LocalStack, database_url: str, tmp_path: Path
) -> None:
    """A power cut of the database: the worker waits it out, or ends and begins anew; each copy is bought once."""
    worker = ground.worker_process(tmp_path, repeat_seconds=1)
    await ground.start_process(worker)
    await ground.followers(FOLLOWERS)
    trading = asyncio.create_task(_trade_on(ground))
    await eventually(lambda: len(ground.placed()) > FOLLOWERS)
    assert local_stack.postgres is not None
    local_stack.postgres.stop(kill=True)
    local_stack.postgres.start()
    local_stack.postgres.wait()
    ground.world.owner.close()
    ground.world.owner = World.on(database_url).owner
    await trading
    await _all_bought_once(ground)
    assert worker.exit_code() is None
