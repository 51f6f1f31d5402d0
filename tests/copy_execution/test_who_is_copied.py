"""Whose trades are copied and for whom: roles (promise 3), accounts, and the settings in force."""

from __future__ import annotations

import psycopg
import pytest

from streams.copy_execution.agent import CopyExecution
from streams.tables.pool import Pool
from tests.copy_execution.world import World, received, settings_json, stage, wallet


async def test_a_change_of_settings_counts_from_the_next_decision_on(
    world: World, deciding: CopyExecution
) -> None:
    """Settings are remembered by version: a new version is read, and its number stands in the copy order."""
    leader = world.leader(wallet(1))
    world.market()
    world.follow(world.account("ann"), leader)
    await deciding.handle(received([world.message(leader, ago=25)]))
    world.run(
        "UPDATE copy_trading_allocations SET version = 2, settings = %s",
        psycopg.types.json.Jsonb(settings_json(fixed_amount_usdc="7")),
    )

    await deciding.handle(received([world.message(leader, ago=2)]))

    seen = [(copy["allocation_version"], copy["amount_usdc"]) for copy in world.copies()]
    assert seen == [(1, 5), (2, 7)]


async def test_an_account_that_is_not_open_yet_has_nothing_to_spend(
    world: World, deciding: CopyExecution
) -> None:
    """Answered BALANCE, without a wallet; nothing is said on the topic, which is keyed by wallet."""
    leader = world.leader(wallet(1))
    world.market()
    world.follow(world.account("ann", state="opening"), leader)

    await deciding.handle(received([world.message(leader)]))

    (copy,) = world.copies()
    assert (copy["reason"], copy["follower"]) == ("BALANCE", None)
    assert world.rows("SELECT * FROM outbox") == []


async def test_a_wallet_that_is_no_leader_gets_no_copy_order(world: World, deciding: CopyExecution) -> None:
    """Promise 3: the executor looks at the role itself."""
    leader = world.leader(wallet(1))
    world.market()
    world.follow(world.account("ann"), leader)
    world.run("UPDATE wallet_roles SET to_at = now()")

    await deciding.handle(received([world.message(leader)]))

    assert world.copies() == []
    assert [row["allocations"] for row in world.rows("SELECT * FROM leader_decisions")] == [0]


async def test_the_database_refuses_copy_orders_of_strangers(
    world: World, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise 3: where the executor forgets to look, the trigger still stands; nothing at all is written."""
    leader = world.leader(wallet(1))
    world.market()
    world.follow(world.account("ann"), leader)
    world.run("UPDATE wallet_roles SET role = 'smart_trader'")
    monkeypatch.setattr("streams.copy_execution.agent.first_part", lambda rows, *_: (list(rows), False))

    with pytest.raises(psycopg.errors.CheckViolation, match="no copy_leader"):
        await stage(pool).handle(received([world.message(leader)]))

    assert world.copies() == []
    assert world.rows("SELECT * FROM leader_decisions") == []
