"""The restore drill: a real dump, taken while live followers buy, is put back; nothing is bought twice (SAFETY R19)."""

from __future__ import annotations

import asyncio
from pathlib import Path

import psycopg
import pytest

from ops.audit.run import BEGINNING
from ops.audit.tables import table_checks
from ops.backup.drill import drill
from ops.backup.manifest import load
from ops.backup.restore import restore
from ops.backup.take import take
from ops.ground import Ground as Place
from ops.reconcile.asking import Wish, reconcile
from ops.stack.local import Stack
from streams.topology import TopicNames
from tests.trading.ground import LEADER, Ground
from tests.trading.test_forgotten import live_followers, start_live
from tests.waiting import eventually

FOLLOWERS = 3


@pytest.mark.timeout(600)
async def test_r19_a_real_dump_under_load_put_back_buys_nothing_twice(
    ground: Ground, stack: Stack, topics: TopicNames, tmp_path: Path
) -> None:
    """Trades keep coming while the dump is taken and after it; worker ended, dump put back, every trade comes again:
    no second order of any trade, every forgotten order found and booked, books equal to the exchange's, audit clean."""
    place = Place(stack.kafka, ground.database_url, topics, 4)
    worker = await start_live(ground)
    await live_followers(ground, FOLLOWERS)
    messages = [ground.world.message(LEADER, "BUY", "100", "0.5", burst_started_at=None) for _ in range(12)]
    for message in messages[:4]:
        await ground.leader_trades(message)
    taking = asyncio.create_task(take(place, tmp_path))
    for message in messages[4:]:
        await ground.leader_trades(message)
        await asyncio.sleep(0)
    dump, manifest = await taking
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5", burst_started_at=None))
    await ground.all_ended(60)
    placed = {order["order_id"] for order in ground.placed()}
    assert len(placed) > FOLLOWERS * len(messages), "the last trade came after the dump"
    await ground.stop(worker)

    # Under way at the dump, so no account was at rest; what rows alone can say holds.
    tried = await drill(ground.database_url, dump, manifest)
    assert tried.unlike == ()
    assert [check.name for check in tried.checks if not check.holds] == []

    await restore(place, dump, load(dump), "tests", keep_paper=True)
    stopped = {row["name"] for row in ground.world.rows("SELECT name FROM switches WHERE stopped")}
    assert stopped >= {"buys", "halt"}, "nothing goes out before somebody has looked"
    known = {order["order_hash"] for order in ground.orders()}
    assert known < placed, "the dump is older than the last orders"
    await start_live(ground)
    for message in messages:
        await ground.leader_trades(message)
    await ground.all_ended(150)  # what is found by hand first ends with its plan's age

    def found() -> bool:
        rows = ground.world.rows("SELECT order_hash FROM found_orders WHERE booked_at IS NOT NULL")
        return {row["order_hash"] for row in rows} | {o["order_hash"] for o in ground.orders()} >= placed

    await eventually(found, 60)

    async def agree() -> bool:
        await ground.assert_books_agree()
        return True

    await eventually(agree, 60)
    for name in ("buys", "halt"):
        ground.world.run("UPDATE switches SET stopped = false, changed_at = now() WHERE name = %s", name)

    async def at_rest() -> bool:
        seen = await asyncio.to_thread(reconcile, ground.database_url, Wish(None, "tests"), 60.0)
        return {account["outcome"] for account in seen["accounts"]} == {"agrees"}

    await eventually(at_rest, 60, every=0.5)
    assert {order["order_id"] for order in ground.placed()} == placed, "no second order of any trade"
    async with await psycopg.AsyncConnection.connect(ground.database_url, autocommit=True) as connection:
        broken = [name for check in await table_checks(connection, BEGINNING) for name in check.names]
    assert broken == []
