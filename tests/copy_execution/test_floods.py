"""SAFETY R27: above 600 BUYs of a leader within a minute each further one is answered LEADER_FLOOD, SELLs never are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from ops.audit.decisions import decided_again
from schemas.trades import LeaderTraded
from streams.copy_execution.agent import CopyExecution
from streams.copy_execution.crowds import LIGHT_ANSWERS
from streams.copy_execution.flood import MOST_BUYS, Counting, Flood
from streams.copy_execution.flooding import Flooding
from streams.tables.pool import Pool, open_pool
from tests.copy_execution.world import ANY_SOURCE, World, clock, received, wallet

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
FOLLOWERS = 4
FILLS = 2_000
MOST = 5


def _after(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_r27_the_clock_is_the_trades_own() -> None:
    """A minute is a minute of theirs: exactly 60 s later is outside, and one that comes late is measured by its own."""
    counting = Counting(2)

    taken = [counting.take("a", _after(at)) for at in (0, 1, 2, 60, 61, 90, 91, 3)]

    assert taken == [None, None, Flood(3, 2), Flood(3, 2), Flood(3, 2), Flood(3, 2), Flood(4, 2), Flood(4, 2)]
    assert counting.take("b", _after(1)) is None
    assert Counting(2, {"a": [_after(0), _after(1)]}).take("a", _after(60)) is None


async def test_r27_who_has_few_followers_does_not_wait_for_a_crowd(world: World, pool: Pool) -> None:
    """In one batch a crowd's trades come first and a neighbour's last: his copy is committed in a transaction before
    theirs, and each wallet's trades stay in order. With real money among them, the crowd waits for nobody."""
    busy, other = world.leader(wallet(1)), world.leader(wallet(2))
    world.market()
    for number in range(LIGHT_ANSWERS + 1):
        world.follow(world.account(f"u{number}"), busy, mode="multiplier", multiplier="0.001")
    world.follow(world.account("n"), other)
    deciding = CopyExecution(pool, ANY_SOURCE, clock)
    await deciding.handle(received([world.message(busy), world.message(other)]))
    before = {row["copy_order_id"] for row in world.rows("SELECT copy_order_id FROM copy_orders")}

    fills = [world.message(busy), world.message(busy), world.message(other)]
    await deciding.handle(received(fills))

    rows = [
        row
        for row in world.rows(
            "SELECT copy_order_id, leader, number, xmin::text::bigint AS by FROM copy_orders"
        )
        if row["copy_order_id"] not in before
    ]
    assert len(rows) == 2 * (LIGHT_ANSWERS + 1) + 1
    (first,) = (row["by"] for row in rows if row["leader"] == other)
    assert {row["by"] > first for row in rows if row["leader"] == busy} == {True}
    assert world.rows(
        "SELECT array_agg(number ORDER BY decided_at) AS n FROM leader_decisions WHERE leader = %s", busy
    ) == [{"n": [1, 2, 3]}]


async def test_r27_two_thousand_fills_in_a_minute_hold_up_no_neighbour(world: World, pool: Pool) -> None:
    """600 are decided; the other 1,400 wait aside while the neighbours' copies go out, and each gets its answer."""
    busy, others = world.leader(wallet(1)), [world.leader(wallet(number)) for number in (2, 3)]
    world.market()
    for number in range(FOLLOWERS):
        world.follow(world.account(f"u{number}"), busy, mode="multiplier", multiplier="0.001")
    world.follow(world.account("n2"), others[0])
    world.follow(world.account("n3"), others[1])
    start = clock()
    fills = [
        world.message(busy, traded_at=start - timedelta(seconds=59 - number * 58 / FILLS))
        for number in range(FILLS)
    ]
    flooding = Flooding(pool)
    deciding = CopyExecution(pool, ANY_SOURCE, clock)

    await deciding.handle(received([*fills, world.message(busy, "SELL", "5"), *map(world.message, others)]))

    states = {copy["leader"]: copy["state"] for copy in world.copies()}
    assert [states[other] for other in others] == ["planned", "planned"]
    assert _answers(world, busy) == {"decided": MOST_BUYS * FOLLOWERS, "sells": FOLLOWERS}
    while await flooding.round():
        pass
    assert _answers(world, busy) == {
        "decided": MOST_BUYS * FOLLOWERS,
        "flooded": (FILLS - MOST_BUYS) * FOLLOWERS,
        "sells": FOLLOWERS,
    }
    assert world.rows("SELECT * FROM flooded_buys") == []
    (counted,) = world.rows("SELECT count(*) AS n, sum(allocations) AS due FROM leader_decisions")
    assert counted == {"n": FILLS + 3, "due": (FILLS + 1) * FOLLOWERS + 2}
    # No order, no reserve, nothing taken up: an answer only.
    assert world.rows(
        "SELECT DISTINCT state, amount_usdc, reserve_usdc, taken_up, market_id IS NULL AS no_market, follower IS NULL"
        " AS nobody FROM copy_orders WHERE reason = 'LEADER_FLOOD'"
    ) == [
        {
            "state": "skipped", "amount_usdc": None, "reserve_usdc": None, "taken_up": False, "no_market": False,
            "nobody": False,
        }
    ]  # fmt: skip


async def test_r27_a_restart_and_two_workers_count_the_same(
    world: World, database_url: str, pool: Pool
) -> None:
    """Another worker takes over in the middle, messages come again: what is over the limit stays the same ones, each is
    answered once, and both workers answer at a time."""
    leader = world.leader(wallet(1))
    world.market()
    for name in ("ann", "bob"):
        world.follow(world.account(name), leader, mode="multiplier", multiplier="0.1")
    batch = [world.message(leader, ago=30 - number) for number in range(MOST + 3)]
    second_pool = await open_pool(database_url, "streams")
    first, second = (CopyExecution(each, ANY_SOURCE, clock, most_buys=MOST) for each in (pool, second_pool))

    await first.handle(received(batch[: MOST + 1]))
    await second.handle(received(batch))
    await first.handle(received(batch))

    assert _numbers_over(world) == [MOST + 1, MOST + 2, MOST + 3]
    answering = [Flooding(pool), Flooding(second_pool)]
    while any([await each.round() for each in answering]):
        pass
    await first.handle(received(batch))
    assert _numbers_over(world) == []
    over = [copy["number"] for copy in world.copies() if copy["reason"] == "LEADER_FLOOD"]
    assert over == [number for number in range(MOST + 1, MOST + 4) for _ in range(2)]
    assert len(world.copies()) == len(batch) * 2
    ends = world.rows("SELECT convert_from(value, 'UTF8')::json ->> 'reason' AS reason FROM outbox")
    assert [end["reason"] for end in ends].count("LEADER_FLOOD") == len(over)
    await second_pool.close()


async def test_r27_the_answer_says_how_many_and_is_decided_again_the_same(
    world: World, database_url: str, pool: Pool
) -> None:
    """The numbers of the sentence are kept with the decision; the audit makes it once more and sees a false one."""
    leader = world.leader(wallet(1))
    world.market()
    world.follow(world.account("ann"), leader)
    batch = [world.message(leader) for _ in range(MOST + 1)]
    for message in batch:
        _store(world, message)
    await CopyExecution(pool, ANY_SOURCE, clock, most_buys=MOST).handle(received(batch))
    await Flooding(pool).round()

    last = world.copies()[-1]
    assert last["checks"] == [["LEADER_FLOOD", False, MOST + 1, MOST]]
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as audit:
        assert (await decided_again(audit, NOON)).broken == 0
        world.run(
            "UPDATE copy_orders SET inputs = %s WHERE reason = 'LEADER_FLOOD'", _not_over(last["inputs"])
        )
        assert (await decided_again(audit, NOON)).broken == 1


async def test_r27_who_stopped_following_meanwhile_gets_no_answer(world: World, pool: Pool) -> None:
    """The answer counts from when it is given: an ended following yields none, and a lost role none at all."""
    leader = world.leader(wallet(1))
    world.market()
    stays, goes = (world.follow(world.account(name), leader) for name in ("ann", "bob"))
    deciding = CopyExecution(pool, ANY_SOURCE, clock, most_buys=1)
    await deciding.handle(received([world.message(leader), world.message(leader)]))
    world.run(
        "UPDATE copy_trading_allocations SET state = 'ended', ended_at = now() WHERE allocation_id = %s", goes
    )
    await Flooding(pool).round()
    assert [c["allocation_id"] for c in world.copies() if c["reason"] == "LEADER_FLOOD"] == [stays]

    await deciding.handle(received([world.message(leader)]))
    world.run("UPDATE wallet_roles SET to_at = now() WHERE wallet = %s", leader)
    assert await Flooding(pool).round() is True
    assert [row["allocations"] for row in world.rows("SELECT * FROM leader_decisions ORDER BY number")] == [
        2,
        1,
        0,
    ]


async def test_r27_a_taken_name_is_no_obstacle(
    world: World, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the derived name is another copy's, the next one is given."""
    leader = world.leader(wallet(1))
    world.market()
    world.follow(world.account("ann"), leader)
    monkeypatch.setattr("streams.copy_execution.names.copy_order_name", lambda *_key: f"C-000000{_key[-1]}")
    deciding = CopyExecution(pool, ANY_SOURCE, clock, most_buys=1)
    await deciding.handle(received([world.message(leader), world.message(leader)]))

    await Flooding(pool).round()

    assert [copy["copy_order_id"] for copy in world.copies()] == ["C-0000000", "C-0000001"]


def _answers(world: World, leader: str) -> dict[str, int]:
    rows = world.rows(
        "SELECT CASE WHEN side = 'SELL' THEN 'sells' WHEN reason = 'LEADER_FLOOD' THEN 'flooded' ELSE 'decided' END"
        " AS what, count(*) AS n FROM copy_orders WHERE leader = %s GROUP BY 1",
        leader,
    )
    return {row["what"]: row["n"] for row in rows}


def _numbers_over(world: World) -> list[int]:
    return [row["number"] for row in world.rows("SELECT number FROM flooded_buys ORDER BY number")]


def _store(world: World, message: LeaderTraded) -> None:
    """The trade's row as classify writes it, as far as the audit reads it."""
    world.run(
        "INSERT INTO trades (wallet, trade_id, kind, source, side, token_id, size, price, usdc, traded_at, appended_at,"
        " classified_at, content, leader_number, leader_message) VALUES (%s, %s, 'trade', 'chain', %s, %s, %s, %s, %s,"
        " %s, %s, %s, '', %s, %s)",
        message.wallet, message.trade_id, message.side, message.token_id, message.size, message.price, message.usdc,
        message.traded_at, message.appended_at, message.classified_at, message.number, message.encode(),
    )  # fmt: skip


def _not_over(inputs: dict[str, object]) -> str:
    return f'{{"now": "{inputs["now"]}", "flood": [{MOST}, {MOST}]}}'
