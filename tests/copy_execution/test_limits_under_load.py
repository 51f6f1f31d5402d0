"""Money is per follower, the trades of leaders come at once: no limit is ever exceeded (SAFETY R4)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from decimal import Decimal
from typing import Any

import pytest

from streams.copy_execution import agent
from streams.copy_execution.agent import CopyExecution
from streams.tables import asking
from streams.tables.books import load_followings
from streams.tables.pool import open_pool
from streams.tables.queries import query
from tests.copy_execution.world import World, received, stage, wallet

ROUNDS = 60
# With the lock in place the second decision cannot come to the barrier; the first goes on after this time.
BARRIER_SECONDS = 0.15


@pytest.fixture
async def two_workers(database_url: str) -> AsyncIterator[list[CopyExecution]]:
    pools = [await open_pool(database_url, "streams", max_size=2) for _ in range(2)]
    yield [stage(pool) for pool in pools]
    for pool in pools:
        await pool.close()


async def test_r04_two_leaders_of_one_follower_share_his_cash(
    world: World, two_workers: list[CopyExecution]
) -> None:
    """Two workers decide for one follower at once, cash for one copy: never more is reserved than there is."""
    leaders = _two_leaders_one_follower(world, cash="7")
    for _ in range(ROUNDS):
        await asyncio.gather(
            *(
                worker.handle(received([world.message(leader)]))
                for worker, leader in zip(two_workers, leaders, strict=True)
            )
        )
        assert _reserved(world) <= 7
        reasons = [copy["reason"] for copy in world.copies() if copy["number"] == world.numbers[leaders[0]]]
        assert sorted(reasons, key=str) == ["BALANCE", None]
        _all_ended(world)


async def test_r04_reserves_stay_within_the_day_cap(world: World, two_workers: list[CopyExecution]) -> None:
    """The live day cap is the account's: two leaders at once do not get it twice."""
    leaders = [world.leader(wallet(1)), world.leader(wallet(2))]
    world.market()
    account = world.account("ann", venue="polymarket", day_cap="8")
    for leader in leaders:
        world.follow(account, leader)
    await asyncio.gather(
        *(
            worker.handle(received([world.message(leader) for _ in range(3)]))
            for worker, leader in zip(two_workers, leaders, strict=True)
        )
    )
    assert _reserved(world) <= 8
    assert {copy["reason"] for copy in world.copies()} == {None, "LIVE_DAY_CAP"}


@pytest.mark.parametrize("locked", [True, False])
async def test_r04_it_is_the_lock_on_the_account_that_does_it(
    world: World, two_workers: list[CopyExecution], monkeypatch: pytest.MonkeyPatch, locked: bool
) -> None:
    """A barrier between reading and writing: with the lock one is planned, without it both are (the control)."""
    leaders = _two_leaders_one_follower(world, cash="7")
    if not locked:
        monkeypatch.setattr(asking, "query", _without_account_lock)
    monkeypatch.setattr(agent, "load_followings", _then_wait(load_followings, asyncio.Barrier(2)))
    await asyncio.gather(
        *(
            worker.handle(received([world.message(leader)]))
            for worker, leader in zip(two_workers, leaders, strict=True)
        )
    )
    assert (_reserved(world) <= 7) is locked


async def test_limits_hold_for_batches_of_many_workers(
    world: World, two_workers: list[CopyExecution]
) -> None:
    """Budget, market and day limits of one allocation, whichever worker decides its leader's trades."""
    leader = world.leader(wallet(1))
    world.market()
    limits: dict[str, Any] = {"budget_usdc": "40", "max_per_market_usdc": "30", "max_per_day_usdc": "21"}
    world.follow(world.account("ann"), leader, mode="multiplier", multiplier="0.1", **limits)
    batches = [[world.message(leader) for _ in range(3)] for _ in range(6)]
    await asyncio.gather(
        *(two_workers[place % 2].handle(received(batch)) for place, batch in enumerate(batches))
    )
    assert len(world.copies()) == 18
    assert Decimal(15) < _reserved(world) <= 21
    assert {copy["reason"] for copy in world.copies()} == {None, "DAY_LIMIT"}


def _two_leaders_one_follower(world: World, cash: str) -> list[str]:
    leaders = [world.leader(wallet(1)), world.leader(wallet(2))]
    world.market()
    account = world.account("ann", cash)
    for leader in leaders:
        world.follow(account, leader, mode="multiplier", multiplier="0.1", min_trade_usdc="5")
    return leaders


def _reserved(world: World) -> Decimal:
    (row,) = world.rows(
        "SELECT coalesce(sum(reserve_usdc), 0) AS usdc FROM copy_orders WHERE ended_at IS NULL"
    )
    return Decimal(row["usdc"])


def _all_ended(world: World) -> None:
    world.run(
        "UPDATE copy_orders SET state = 'unfilled', ended_at = now(), cause = 'test' WHERE ended_at IS NULL"
    )


def _without_account_lock(name: str) -> str:
    text = query(name)
    return text.replace("FOR NO KEY UPDATE", "") if name == "decision/lock_accounts" else text


def _then_wait(
    load: Callable[..., Awaitable[Any]], barrier: asyncio.Barrier
) -> Callable[..., Awaitable[Any]]:
    async def loaded(*given: Any) -> Any:
        found = await load(*given)
        with contextlib.suppress(TimeoutError, asyncio.BrokenBarrierError):
            await asyncio.wait_for(barrier.wait(), BARRIER_SECONDS)
        return found

    return loaded
