"""Orders the database forgot (SAFETY R19): found at the exchange, booked by hand, and no second buy before that."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from streams.tables import found_orders
from tests.copy_execution.world import TOKEN
from tests.trading.ground import LEADER, Ground
from tests.waiting import eventually

FACTS = {"token_id": TOKEN, "market_id": "0x" + "ab" * 32, "tick": "0.01", "fee_rate": "0.05"}


async def start_live(ground: Ground, **changes: Any) -> Any:
    """A worker to whom the exchange of this ground is the real one."""
    return await ground.start(polymarket_url=ground.exchange.url, thin_on_polymarket=False, **changes)


async def live_followers(ground: Ground, count: int = 1) -> None:
    """Followers whose accounts are live and armed."""
    await ground.followers(count, mode="multiplier", multiplier="0.1")
    world = ground.world
    world.run("UPDATE accounts SET venue = 'polymarket', day_cap_usdc = 10000, armed_at = now()")
    world.run("UPDATE copy_trading_allocations SET venue = 'polymarket'")
    world.run("UPDATE switches SET stopped = false, changed_at = '-infinity' WHERE name = 'live'")
    await ground.exchange.admin("PUT", "markets", {"tokens": [FACTS]})


def _restore(ground: Ground, to: Any) -> None:
    """The database as it was at a moment: what was written later is gone, as after a dump of then was put back."""
    gone = (
        "DELETE FROM fills WHERE booked_at > %(to)s",
        "DELETE FROM lot_entries WHERE booked_at > %(to)s",
        "DELETE FROM lots WHERE opened_at > %(to)s",
        "DELETE FROM orders WHERE signed_at > %(to)s",
        "DELETE FROM copy_orders WHERE decided_at > %(to)s",
        "DELETE FROM leader_decisions WHERE decided_at > %(to)s",
        "DELETE FROM notifications WHERE created_at > %(to)s",
        "UPDATE accounts a SET cash_usdc = a.cash_usdc - e.usdc FROM (SELECT account_id, sum(usdc) AS usdc"
        " FROM cash_entries WHERE booked_at > %(to)s GROUP BY account_id) e WHERE e.account_id = a.account_id",
        "DELETE FROM cash_entries WHERE booked_at > %(to)s",
        "UPDATE lots SET shares = (SELECT sum(e.shares) FROM lot_entries e WHERE e.lot_id = lots.lot_id),"
        " target_shares = (SELECT sum(e.shares) FROM lot_entries e WHERE e.lot_id = lots.lot_id),"
        " cost_usdc = (SELECT sum(e.cost_usdc) FROM lot_entries e WHERE e.lot_id = lots.lot_id),"
        " realised_usdc = (SELECT sum(e.realised_usdc) FROM lot_entries e WHERE e.lot_id = lots.lot_id),"
        " closed_at = NULL, closed_by = NULL",
    )
    with psycopg.connect(ground.database_url) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in gone:
            connection.execute(statement.encode(), {"to": to})


async def _traded(ground: Ground, side: str, size: str) -> list[dict[str, Any]]:
    await ground.leader_trades(ground.world.message(LEADER, side, size, "0.5"))
    return await ground.all_ended()


def _now(ground: Ground) -> Any:
    return ground.world.rows("SELECT clock_timestamp() AS now")[0]["now"]


async def test_r19_after_a_restore_every_forgotten_order_is_found_and_nothing_is_bought_twice(
    ground: Ground,
) -> None:
    """Two followers bought; the tables forget it, the trade comes again: no second buy, books as the exchange's."""
    worker = await start_live(ground)
    await live_followers(ground, 2)
    before = _now(ground)
    message = ground.world.message(LEADER, "BUY", "100", "0.5")
    await ground.leader_trades(message)
    await ground.all_ended()
    bought = {order["order_hash"] for order in ground.orders()}
    await ground.stop(worker)
    _restore(ground, before)
    assert ground.orders() == []
    # A later look at the same trade decides another amount, which is another order.
    ground.world.run("""UPDATE copy_trading_allocations SET settings = settings || '{"multiplier": "0.2"}'""")
    await start_live(ground)
    await ground.leader_trades(message)
    copies = await ground.all_ended()
    assert {(copy["state"], copy["reason"]) for copy in copies} == {("skipped", "BUYS_STOPPED")}
    found = ground.world.rows("SELECT order_hash FROM found_orders WHERE booked_at IS NOT NULL")
    assert {row["order_hash"] for row in found} == bought
    assert len(ground.placed()) == 2
    assert [lot["allocation_id"] for lot in ground.lots()] == [None, None], "by hand"
    assert len(ground.world.rows("SELECT 1 FROM notifications WHERE kind = 'order_found'")) == 2
    await ground.assert_books_agree()


async def test_r19_what_is_signed_anew_while_it_is_looked_for_is_ours_and_booked_once(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plan of the dump is signed again, to the same bytes, between the list of what is unknown and its booking by
    hand: nothing is booked by hand, no BUY is stopped, the worker goes on."""
    worker = await start_live(ground)
    await live_followers(ground)
    await _traded(ground, "BUY", "100")
    await ground.stop(worker)
    right, asked = found_orders.unknown, 0

    async def not_signed_yet(pool: Any, order_hashes: Sequence[str]) -> set[str]:
        nonlocal asked
        asked += 1
        return set(order_hashes) if asked <= 4 else await right(pool, order_hashes)

    monkeypatch.setattr(found_orders, "unknown", not_signed_yet)
    await start_live(ground)
    await eventually(lambda: asked > 4)  # its settlement is confirmed by then
    assert [copy["state"] for copy in await _traded(ground, "BUY", "100")] == ["filled", "filled"]
    assert ground.world.rows("SELECT order_hash FROM found_orders") == []
    assert ground.world.rows("SELECT 1 FROM account_stops") == []
    await ground.assert_books_agree()


async def test_r19_a_forgotten_sale_leaves_the_lot_and_the_money_is_there(ground: Ground) -> None:
    """Bought, sold in part, the sale forgotten: the lot is what the exchange has, the next exit sells the rest."""
    worker = await start_live(ground)
    await live_followers(ground)
    await _traded(ground, "BUY", "100")
    before = _now(ground)
    await _traded(ground, "SELL", "40")
    await ground.stop(worker)
    _restore(ground, before)
    assert ground.lots()[0]["shares"] == Decimal("9.615384")
    await start_live(ground)
    await eventually(lambda: ground.world.rows("SELECT 1 FROM found_orders WHERE booked_at IS NOT NULL"))
    await ground.assert_books_agree()
    await ground.leader_trades(ground.world.message(LEADER, "SELL", "60", "0.5", before="60"))
    copies = await ground.all_ended()
    assert copies[-1]["state"] == "filled"
    await ground.assert_books_agree()


async def test_r19_a_buy_waits_until_the_exchange_shows_the_accounts_orders(ground: Ground) -> None:
    """Its trades cannot be listed: the BUY waits; once they can be, it goes. An account without surprises is not
    stopped."""
    worker = await start_live(ground)
    await live_followers(ground)
    await ground.stop(worker)
    await ground.conduct({"deed": "answer_instead", "method": "GET", "path": "/data/orders", "status": 500})
    await start_live(ground)
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    await eventually(lambda: [order["state"] for order in ground.orders()] == ["signed"])
    assert ground.placed() == []
    await ground.conduct()
    assert [copy["state"] for copy in await ground.all_ended()] == ["filled"]
    assert ground.world.rows("SELECT 1 FROM account_stops") == []


async def test_r19_a_database_that_is_behind_what_it_was_is_noticed(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failover to a replica that lags, without a restart of ours: accounts are looked through anew."""
    await start_live(ground)
    await live_followers(ground)
    assert (await _traded(ground, "BUY", "100"))[0]["state"] == "filled"
    right = found_orders.write_position

    async def behind(pool: Any) -> Decimal | None:
        position = await right(pool)
        return None if position is None else position - 10**9

    await ground.conduct({"deed": "answer_instead", "method": "GET", "path": "/data/orders", "status": 500})
    monkeypatch.setattr(found_orders, "write_position", behind)
    told = "SELECT 1 FROM orders WHERE state = 'signed'"
    await eventually(lambda: _asked_again(ground))
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5", burst_started_at=None))
    await eventually(lambda: ground.world.rows(told))
    assert len(ground.placed()) == 1
    await ground.conduct()
    assert [copy["state"] for copy in await ground.all_ended()] == ["filled", "filled"]


async def _asked_again(ground: Ground) -> bool:
    conduct = await ground.exchange.admin("GET", "conduct")
    return bool(conduct["rules"][0]["used"])
