"""Promise 2 on random worlds: exactly one copy order for each trade × each following not ended, whatever comes."""

from __future__ import annotations

import asyncio
from collections import Counter
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.enums import TradeKind
from schemas.ids import copy_order_name
from schemas.trades import LeaderTraded
from streams.copy_execution import agent, names
from streams.copy_execution.agent import CopyExecution
from streams.tables.pool import open_pool
from tests.copy_execution.world import World, received, stage, wallet

EXAMPLES = 25
_worlds = count(1)

states = st.sampled_from(["active", "active", "paused", "closing", "ended"])
options = st.fixed_dictionaries(
    {},
    optional={
        "mode": st.sampled_from(["fixed_amount", "multiplier", "proportional"]),
        "multiplier": st.sampled_from(["0.001", "0.1", "10"]),
        "fixed_amount_usdc": st.sampled_from(["1", "5", "5000"]),
        "budget_percent": st.sampled_from(["1", "100"]),
        "max_loss_usdc": st.sampled_from(["1", "20"]),
        "max_per_day_usdc": st.sampled_from(["3", "50"]),
        "max_per_market_usdc": st.sampled_from(["3", "50"]),
        "below_minimum": st.sampled_from(["skip", "raise", "carry"]),
        "min_trade_usdc": st.sampled_from(["1", "4"]),
        "blocked_keywords": st.just(['O"Brien\\\t']),
        "copy_sells": st.booleans(),
    },
)
moves = st.tuples(
    st.sampled_from(["BUY", "BUY", "SELL"]),
    st.sampled_from(["0.5", "20", "100", "3000"]),
    st.sampled_from([TradeKind.TRADE, TradeKind.TRADE, TradeKind.TRADE, TradeKind.MERGE]),
    st.sampled_from(["71", "72"]),
    st.sampled_from([0.5, 20, 300]),
)


@given(st.lists(st.tuples(states, options), max_size=5), st.lists(moves, min_size=1, max_size=12), st.data())
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_one_copy_order_for_each_trade_and_following(
    database_url: str, followers: list[tuple[str, dict[str, Any]]], moved: list[Any], data: st.DataObject
) -> None:
    """However the trades are cut into batches and repeated; limits hold in every world."""
    cuts = sorted(data.draw(st.lists(st.integers(0, len(moved)), max_size=3)))
    world = World.on(database_url)
    with world.owner:
        number = next(_worlds)
        leader = world.leader(wallet(number))
        world.run("DELETE FROM markets")
        world.market("71", question="who?", category="x")
        followings = {
            world.follow(
                world.account(f"u{number}x{place}", "200"), leader, **({"multiplier": "0.1"} | chosen)
            ): state
            for place, (state, chosen) in enumerate(followers)
        }
        for name, state in followings.items():
            world.run(
                "UPDATE copy_trading_allocations SET state = %s,"
                " ended_at = CASE WHEN %s = 'ended' THEN now() END WHERE allocation_id = %s",
                state, state, name,
            )  # fmt: skip
        messages = [
            world.message(leader, side, size, kind=kind, token=token, ago=ago)
            for side, size, kind, token, ago in moved
        ]
        parts = [messages[a:b] for a, b in zip([0, *cuts], [*cuts, len(messages)], strict=True)]
        asyncio.run(_decide(database_url, [*parts, messages]))
        _assert_answered(world, leader, messages, [n for n, state in followings.items() if state != "ended"])
        _assert_within_limits(world, leader)


async def test_a_name_that_is_taken_gives_way_to_the_next(
    world: World, deciding: CopyExecution, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two copy orders whose first names meet, in one batch or in two, each get a name of their own."""
    leader = world.leader(wallet(1))
    world.market()
    for user in ("ann", "bob"):
        world.follow(world.account(user), leader, mode="multiplier", multiplier="0.1")

    def meeting(trade_wallet: str, trade_id: str, allocation_id: str, attempt: int = 0) -> str:
        if attempt < 2:
            return f"C-SAME00{attempt}"
        return copy_order_name(trade_wallet, trade_id, allocation_id, attempt)

    monkeypatch.setattr(names, "copy_order_name", meeting)
    await deciding.handle(received([world.message(leader)]))
    await deciding.handle(received([world.message(leader)]))

    found = [copy["copy_order_id"] for copy in world.copies()]
    assert len(set(found)) == 4
    assert found[:2] == ["C-SAME000", "C-SAME001"]


async def test_a_batch_too_large_for_one_transaction_is_answered_in_several(
    world: World, deciding: CopyExecution, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The locks of many followers are not held for a whole batch of a busy leader."""
    leader = world.leader(wallet(1))
    world.market()
    for user in ("ann", "bob"):
        world.follow(world.account(user), leader, mode="multiplier", multiplier="0.1")
    monkeypatch.setattr("streams.copy_execution.batch.ANSWERS_PER_TRANSACTION", 5)
    monkeypatch.setattr(agent, "MESSAGES_PER_TRANSACTION", 4)

    await deciding.handle(received([world.message(leader) for _ in range(9)]))

    assert [copy["number"] for copy in world.copies()] == sorted([*range(1, 10)] * 2)
    assert len({copy["decided_at"] for copy in world.copies()}) == 5


@pytest.mark.parametrize(
    ("limit", "parts"),
    [
        (3, ["polymarket", "paper", "paper"] * 2),
        (5, ["polymarket", "paper"] * 2),
        (100, ["polymarket", "paper"]),
    ],
)
async def test_a_crowd_too_large_for_one_transaction_is_answered_in_parts(
    world: World, deciding: CopyExecution, monkeypatch: pytest.MonkeyPatch, limit: int, parts: list[str]
) -> None:
    """Each follower is answered once, live ones first, and told once; a part that was committed is not done again."""
    leader = world.leader(wallet(1))
    world.market()
    carrying: dict[str, Any] = {"fixed_amount_usdc": "1", "min_trade_usdc": "3"}
    for number in range(7):
        account = world.account(f"u{number}", venue="polymarket" if number > 4 else "paper")
        world.lot(world.follow(account, leader, **carrying))
    monkeypatch.setattr("streams.copy_execution.batch.ANSWERS_PER_TRANSACTION", limit)
    batch = [
        world.message(leader, ago=20),
        world.message(leader, "SELL", "100", kind=TradeKind.REDEEM),
        world.message(leader, ago=1),
    ]

    await deciding.handle(received(batch))

    copies = world.copies()
    assert [copy["reason"] for copy in copies] == ["CARRIED"] * 14
    decided = {
        copy["decided_at"]: copy["venue"] for copy in sorted(copies, key=lambda copy: copy["decided_at"])
    }
    assert list(decided.values()) == parts
    assert [row["usdc"] for row in world.rows("SELECT usdc FROM carried")] == [1] * 7
    assert len(world.rows("SELECT * FROM notifications")) == 7
    assert [row["allocations"] for row in world.rows("SELECT * FROM leader_decisions ORDER BY number")] == [
        7,
        0,
        7,
    ]


async def _decide(url: str, batches: list[list[LeaderTraded]]) -> None:
    pool = await open_pool(url, "streams", max_size=2)
    try:
        for batch in batches:
            assert not (await stage(pool).handle(received(batch))).dead
    finally:
        await pool.close()


def _assert_answered(world: World, leader: str, messages: list[LeaderTraded], living: list[str]) -> None:
    rows = world.rows("SELECT trade_id, allocation_id FROM copy_orders WHERE leader = %s", leader)
    answered = Counter((row["trade_id"], row["allocation_id"]) for row in rows)
    trades = [message.trade_id for message in messages if message.kind is TradeKind.TRADE]
    assert answered == Counter((trade, name) for trade in trades for name in living)
    decided = world.rows("SELECT number, allocations FROM leader_decisions WHERE leader = %s", leader)
    assert {row["number"]: row["allocations"] for row in decided} == {
        message.number: len(living) if message.kind is TradeKind.TRADE else 0 for message in messages
    }


def _assert_within_limits(world: World, leader: str) -> None:
    rows = world.rows(
        "SELECT a.settings, sum(c.reserve_usdc) AS reserved FROM copy_orders c JOIN copy_trading_allocations a"
        " USING (allocation_id) WHERE c.leader = %s AND c.ended_at IS NULL GROUP BY a.allocation_id",
        leader,
    )
    for row in rows:
        reserved, kept = row["reserved"] or Decimal(0), row["settings"]
        assert reserved <= 200
        for limit in ("budget_usdc", "max_loss_usdc", "max_per_day_usdc"):
            assert limit not in kept or reserved <= Decimal(kept[limit])
