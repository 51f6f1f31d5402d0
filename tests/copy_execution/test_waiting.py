"""What waits for the end of a BUY is decided again, in order, by whoever proves that end."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from streams.copy_execution.agent import CopyExecution
from streams.copy_execution.answers import Answer
from streams.tables.pool import Pool
from streams.tables.waiting import decide_waiting
from tests.copy_execution.world import TOKEN, World, clock, received, wallet


async def test_a_sell_is_decided_with_the_lot_that_the_buy_became(
    world: World, deciding: CopyExecution, trading_pool: Pool
) -> None:
    """The BUY's late fill is sold too; the row says since when it waited."""
    leader = world.leader(wallet(1))
    world.market()
    following = world.follow(world.account("ann"), leader)
    await deciding.handle(received([world.message(leader), world.message(leader, "SELL", "100", ago=0.5)]))
    waited = world.copies()[1]
    assert waited["state"] == "waiting"
    _buy_ended(world, following)
    world.lot(following, shares="9.61", cost="5")

    (answer,) = await _again(trading_pool, following)

    assert answer.name == waited["copy_order_id"]
    sell = world.copies()[1]
    assert (sell["state"], sell["shares"], sell["limit_price"]) == (
        "planned",
        Decimal("9.61"),
        Decimal("0.45"),
    )
    assert sell["deadline"] is None
    assert "trade" not in sell["inputs"]
    assert sell["inputs"]["lot"][0] == "9.61"
    assert sell["times"]["waited_since"] == waited["times"]["decided"]
    assert sell["times"]["appended"] == waited["times"]["appended"]
    (lot,) = world.rows("SELECT * FROM lots")
    assert (lot["target_shares"], lot["applied_number"]) == (0, 2)


async def test_the_order_is_kept_up_to_the_next_that_must_wait(
    world: World, deciding: CopyExecution, trading_pool: Pool
) -> None:
    """SELL, BUY, SELL wait: the first two are decided, the second SELL waits for the BUY that was just planned."""
    leader = world.leader(wallet(1))
    world.market()
    following = world.follow(world.account("ann"), leader, mode="multiplier", multiplier="0.1")
    messages = [
        world.message(leader, ago=3),
        world.message(leader, "SELL", "50", ago=2),
        world.message(leader, ago=1),
        world.message(leader, "SELL", "50", ago=0.5),
        world.message(leader, ago=0.2),
    ]
    await deciding.handle(received(messages))
    assert [copy["state"] for copy in world.copies()] == ["planned"] + ["waiting"] * 4
    _buy_ended(world, following)
    world.lot(following, shares="10", cost="5")

    answers = await _again(trading_pool, following)

    assert [answer.message.number for answer in answers] == [2, 3]
    assert [copy["state"] for copy in world.copies()] == [
        "filled", "planned", "planned", "waiting", "waiting",
    ]  # fmt: skip
    assert await _again(trading_pool, following) == []


async def test_the_age_of_a_buy_runs_while_it_waits(
    world: World, deciding: CopyExecution, trading_pool: Pool
) -> None:
    """A BUY that became too old behind a SELL expires, and its follower's topic is told."""
    leader = world.leader(wallet(1))
    world.market()
    following = world.follow(
        world.account("ann"), leader, mode="multiplier", multiplier="0.1", max_age_seconds=1
    )
    batch = [world.message(leader, ago=0.9), world.message(leader, "SELL", "50", ago=0.8)]
    await deciding.handle(received([*batch, world.message(leader, ago=0)]))
    states = [copy["state"] for copy in world.copies()]
    assert states == ["planned", "waiting", "waiting"]
    _buy_ended(world, following)
    # What waits was traded two seconds ago, as if the BUY had taken that long to be proven.
    past = (clock() - timedelta(seconds=2)).isoformat()
    world.run(
        "UPDATE copy_orders SET inputs = jsonb_set(inputs::jsonb, '{trade,traded_at}', to_jsonb(%s::text))::json"
        " WHERE number = 3",
        past,
    )

    await _again(trading_pool, following)

    last = world.copies()[2]
    assert (last["state"], last["reason"]) == ("expired", "TOO_OLD")
    assert last["ended_at"] is not None
    topics = world.rows("SELECT * FROM outbox WHERE value LIKE %s", f"%{last['copy_order_id']}%".encode())
    assert len(topics) == 1


async def test_nothing_is_decided_for_a_following_that_has_ended(
    world: World, deciding: CopyExecution, trading_pool: Pool
) -> None:
    """What waits is left for its end FOLLOWING_ENDED."""
    leader = world.leader(wallet(1))
    world.market()
    following = world.follow(world.account("ann"), leader)
    await deciding.handle(received([world.message(leader), world.message(leader, "SELL", "100", ago=0.5)]))
    _buy_ended(world, following)
    world.lot(following)
    world.run("UPDATE copy_trading_allocations SET state = 'ended', ended_at = now()")

    assert await _again(trading_pool, following) == []
    assert world.copies()[1]["state"] == "waiting"


async def _again(pool: Pool, following: str) -> list[Answer]:
    async with pool.connection() as connection:
        return await decide_waiting(connection, following, TOKEN, clock())


def _buy_ended(world: World, following: str) -> None:
    world.run(
        "UPDATE copy_orders SET state = 'filled', ended_at = now(), cause = 'test', filled_usdc = 5"
        " WHERE allocation_id = %s AND side = 'BUY' AND state = 'planned'",
        following,
    )
