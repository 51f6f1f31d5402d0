"""copy_leader and smart_trader never mix: every role, side and kind, and each role's messages at the other's stage."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from itertools import product

import pytest

from schemas.enums import AddressType, Side, Source, TradeKind
from schemas.trades import LeaderTraded, SmartTraded
from streams.copy_execution.agent import CopyExecution
from streams.kafka.guard import Received
from streams.smart_trader.agent import Recommend
from streams.tables.pool import open_pool
from tests.copy_execution.world import World, clock, stage, wallet
from tests.streams.door import fill
from tests.streams.sorter import Sorter, leaders, smart

LEADER, SMART = AddressType.COPY_LEADER, AddressType.SMART_TRADER
ROLE_SETS = ((), (LEADER,), (SMART,), (LEADER, SMART))
MOVES = tuple(product(Side, [kind for kind in TradeKind if kind is not TradeKind.UNDONE]))


@pytest.mark.parametrize("roles", ROLE_SETS, ids=lambda roles: "+".join(roles) or "none")
async def test_a_trade_goes_to_the_topics_of_its_wallets_roles_and_no_other(
    sorter: Sorter, roles: tuple[AddressType, ...]
) -> None:
    """Whatever its side and kind. B-28: without a role it is let go, and nothing of it is stored."""
    who = wallet(1)
    if roles:
        sorter.watch(who, *roles)
    bodies = []
    for side, kind in MOVES:
        priced = {} if kind is TradeKind.TRADE else {"price": None, "usdc": None}
        bodies.append(fill(who, side=side.value, kind=kind.value, **priced))
    handled = await sorter.sort(*bodies)

    assert len(leaders(handled)) == (len(MOVES) if LEADER in roles else 0)
    assert len(smart(handled)) == (len(MOVES) if SMART in roles else 0)
    assert handled.dead == []
    stored = await sorter.rows("SELECT leader_number IS NULL AS smart_only FROM trades")
    assert len(stored) == (len(MOVES) if roles else 0)
    for table, role in (("leader_positions", LEADER), ("smart_traders_positions", SMART)):
        held = await sorter.rows(f"SELECT wallet FROM {table}")
        assert len(held) == (1 if role in roles else 0), "B-37: a smart trader's positions are kept too"


async def test_b28_nobody_watched_means_nobody(sorter: Sorter) -> None:
    """An empty list lets everything go; a wallet that lost its roles too."""
    sorter.watch(wallet(2), LEADER)
    sorter.watch(wallet(2), version=2)
    handled = await sorter.sort(*(fill(wallet(number)) for number in range(1, 20)))
    assert (handled.sends, handled.dead) == ([], [])
    assert await sorter.rows("SELECT 1 FROM trades") == []


@pytest.fixture
async def world_of_a_smart_trader(database_url: str) -> AsyncIterator[tuple[World, CopyExecution, Recommend]]:
    """A smart trader, a market, a follower, and both stages."""
    world = World.on(database_url)
    pool = await open_pool(database_url, "streams", max_size=3, min_size=1)
    yield world, stage(pool), Recommend(pool, threshold_usdc=Decimal(1), told=lambda _outcome: None)
    await pool.close()
    world.owner.close()


@pytest.mark.parametrize(("side", "kind", "source"), [(*move, source) for move in MOVES for source in Source])
async def test_a_smart_traders_message_at_the_wrong_stage_yields_no_copy_order(
    world_of_a_smart_trader: tuple[World, CopyExecution, Recommend],
    side: Side,
    kind: TradeKind,
    source: Source,
) -> None:
    """Put straight onto copy_leader, in both forms; nobody follows who is no leader, so nobody is answered."""
    world, copying, _ = world_of_a_smart_trader
    who = wallet(5)
    world.run("INSERT INTO watched_addresses (wallet, version) VALUES (%s, 1)", who)
    world.run("INSERT INTO wallet_roles (wallet, role, since_version) VALUES (%s, 'smart_trader', 1)", who)
    world.market()
    told = world.message(who, side.value, kind=kind, source=source)
    forms = [told.encode(), SmartTraded(**told.model_dump() | {"number": 2, "first_entry": True}).encode()]
    handled = await copying.handle(
        [Received("copy_leader", 0, n, who.encode(), raw, clock()) for n, raw in enumerate(forms)]
    )
    assert len(handled.dead) == 1, "the form of the other topic cannot be read here"
    assert world.copies() == []


async def test_a_following_of_who_is_no_leader_any_more_is_not_answered(
    world_of_a_smart_trader: tuple[World, CopyExecution, Recommend],
) -> None:
    """Even where a following is left that should not be there: the executor looks at the role again."""
    world, copying, _ = world_of_a_smart_trader
    who = world.leader(wallet(5))
    world.market()
    world.follow(world.account("ann"), who)
    world.run("UPDATE wallet_roles SET role = 'smart_trader' WHERE wallet = %s", who)
    told = world.message(who)
    await copying.handle([Received("copy_leader", 0, 0, who.encode(), told.encode(), clock())])
    assert world.copies() == []


async def test_a_signal_leads_to_no_order_and_a_leaders_trade_to_no_signal(
    world_of_a_smart_trader: tuple[World, CopyExecution, Recommend],
) -> None:
    """What copying writes and what recommending writes are different tables."""
    world, copying, recommending = world_of_a_smart_trader
    leader = world.leader(wallet(5))
    world.market()
    world.follow(world.account("ann"), leader)
    told = world.message(leader)
    await copying.handle([Received("copy_leader", 0, 0, leader.encode(), told.encode(), clock())])
    assert world.rows("SELECT 1 FROM smart_signals UNION ALL SELECT 1 FROM smart_decisions") == []
    copies = len(world.copies())

    seen = SmartTraded(**LeaderTraded.model_dump(told) | {"wallet": wallet(6), "first_entry": True})
    handled = await recommending.handle(
        [Received("smart_trader", 0, 0, wallet(6).encode(), seen.encode(), clock())]
    )
    assert not handled.sends
    assert len(world.rows("SELECT 1 FROM smart_signals")) == 1
    assert len(world.copies()) == copies
    assert world.rows("SELECT 1 FROM orders UNION ALL SELECT 1 FROM manual_orders") == []
