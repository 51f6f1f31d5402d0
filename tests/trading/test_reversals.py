"""A match that fails on the chain after it was booked is taken back (DESIGN §8 `reversed`, SAFETY R14)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.trading.conftest import MakeGround
from tests.trading.ground import LEADER, Ground
from tests.waiting import eventually

QUICK = {"sweep_seconds": 0.1, "settle_after_seconds": 0.2, "attempt_pauses": (0.3,)}
OTHER_LEADER = "0x1" + "cd" * 19 + "e"
D = Decimal


@pytest.fixture
async def ground(make_ground: MakeGround) -> Ground:
    """An exchange at which nothing settles by itself: a match fails when the test says so."""
    return await _made(make_ground)


async def _made(make_ground: MakeGround, **settings: str) -> Ground:
    ground = await make_ground(POLYCOOL_PAPER_CONFIRMED_AFTER_SECONDS="600", **settings)
    ground.world.market()
    return ground


async def _fails(ground: Ground, number: int = -1) -> None:
    """The exchange's trade of this number, or its newest, fails on the chain."""
    trades = ground.world.rows("SELECT trade_id FROM paper.trades ORDER BY matched_at")
    await ground.exchange.admin("POST", "fail", {"trade_id": str(trades[number]["trade_id"])})


async def _reversed(ground: Ground, count: int = 1) -> list[dict[str, Any]]:
    rows = "SELECT * FROM reversals ORDER BY found_at"
    await eventually(lambda: len(ground.world.rows(rows)) == count, 30)
    return ground.world.rows(rows)


def _exits(ground: Ground) -> list[dict[str, Any]]:
    return ground.world.rows("SELECT * FROM exit_orders ORDER BY decided_at")


async def test_r14_a_purchase_taken_back_leaves_neither_lot_nor_cost(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its shares and its price go back by rows of their own, its day is free again, its owner is told."""
    monkeypatch.setattr("streams.trading.settler._AGAIN_SECONDS", 0.2)
    await ground.start(**QUICK)
    await ground.followers(max_per_day_usdc="5.5")
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    await ground.all_ended()
    await _fails(ground)
    (row,) = await _reversed(ground)
    (order,), (lot,) = ground.orders(), ground.lots()
    (copy,) = ground.copies()
    assert (copy["state"], copy["reversed"], order["state"]) == ("filled", True, "failed")
    assert (lot["shares"], lot["cost_usdc"], lot["closed_by"], lot["realised_usdc"]) == (0, 0, "reversed", 0)
    assert row["cash_usdc"] == copy["filled_usdc"] + copy["fee_usdc"]
    assert [fill["status"] for fill in ground.world.rows("SELECT status FROM fills")] == ["FAILED"]
    (told,) = ground.world.rows("SELECT * FROM notifications WHERE kind = 'reversed'")
    assert told["body"]["side"] == "BUY"
    await ground.assert_books_agree()
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    copies = await ground.all_ended()
    assert copies[1]["state"] == "filled"
    await ground.assert_books_agree()


async def test_r14_a_sale_taken_back_is_sold_again(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """The leader is flat: the shares return to the lot and are sold by an exit order that names its cause."""
    monkeypatch.setattr("streams.trading.settler._AGAIN_SECONDS", 0.2)
    await ground.start(**QUICK)
    await ground.followers()
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    await ground.all_ended()
    await ground.leader_trades(ground.world.message(LEADER, "SELL", "100", "0.5"))
    copies = await ground.all_ended()
    await _fails(ground)
    await _reversed(ground)
    await eventually(lambda: [exit["state"] for exit in _exits(ground)] == ["filled"])
    (sale,) = _exits(ground)
    assert (sale["cause_kind"], sale["copy_order_id"]) == ("reversed_sale", copies[1]["copy_order_id"])
    assert sale["filled_shares"] == copies[1]["filled_shares"]
    assert {lot["shares"] for lot in ground.lots()} == {D(0)}
    assert [copy["reversed"] for copy in ground.copies()] == [False, True]
    orders = [order for order in ground.orders() if order["side"] == "SELL"]
    assert [order["exit_order_id"] for order in orders] == [None, sale["exit_order_id"]]
    told = ground.world.rows("SELECT kind FROM notifications WHERE kind LIKE 'exit_%%' OR kind = 'reversed'")
    assert sorted(row["kind"] for row in told) == ["exit_filled", "reversed"]
    await ground.assert_books_agree()


async def test_r14_nothing_is_sold_again_once_the_following_has_ended(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """[Stop, keep positions] sells neither: the shares are back in a lot, and stay."""
    monkeypatch.setattr("streams.trading.settler._AGAIN_SECONDS", 0.2)
    await ground.start(**QUICK)
    await ground.followers()
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    await ground.all_ended()
    await ground.leader_trades(ground.world.message(LEADER, "SELL", "100", "0.5"))
    await ground.all_ended()
    ground.world.run("UPDATE copy_trading_allocations SET state = 'ended', ended_at = now()")
    await _fails(ground)
    await _reversed(ground)
    assert _exits(ground) == []
    assert [lot["closed_at"] is None for lot in ground.lots()] == [False, True]
    await ground.assert_books_agree()


async def test_r14_a_purchase_taken_back_after_its_sale_is_a_shortfall(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lot stays at 0, never below: the account lacks the shares, once, and its live BUYs stop."""
    monkeypatch.setattr("streams.trading.settler._AGAIN_SECONDS", 0.2)
    await ground.start(**QUICK)
    (allocation,) = await ground.followers()
    world = ground.world
    world.leader(OTHER_LEADER)
    world.follow("u0-paper", OTHER_LEADER)
    await ground.leader_trades(world.message(LEADER, "BUY", "100", "0.5"))
    await ground.all_ended()
    await ground.leader_trades(world.message(OTHER_LEADER, "BUY", "100", "0.5"))
    await ground.leader_trades(world.message(LEADER, "SELL", "100", "0.5"))
    bought = (await ground.all_ended())[0]["filled_shares"]
    await _fails(ground, 0)
    (row,) = await _reversed(ground)
    (missing,) = world.rows("SELECT * FROM shortfalls")
    assert (row["shortfall_shares"], missing["shares"]) == (bought, bought)
    lots = world.rows("SELECT * FROM lots WHERE allocation_id = %s", allocation)
    assert [(lot["shares"], lot["cost_usdc"]) for lot in lots] == [(D(0), D(0))]
    assert [stop["cause"] for stop in world.rows("SELECT * FROM account_stops")] == ["shortfall"]
    assert world.rows("SELECT 1 FROM notifications WHERE kind = 'shortfall'")
    # Cash is the exchange's; the shares of the other lot are not there.
    (account,) = world.rows("SELECT wallet, cash_usdc FROM accounts")
    assert D((await ground.exchange.balances(account["wallet"]))["USDC"]) == account["cash_usdc"]


async def test_r14_an_exit_order_outlives_its_worker(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """Posted and unanswered when the worker ends: the next one finds it by its trades; sold once."""
    monkeypatch.setattr("streams.trading.settler._AGAIN_SECONDS", 0.2)
    worker = await ground.start(**QUICK)
    await ground.followers()
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    await ground.all_ended()
    await ground.leader_trades(ground.world.message(LEADER, "SELL", "100", "0.5"))
    await ground.all_ended()
    await ground.conduct({"deed": "wait_after", "seconds": 20, "times": 1})
    await _fails(ground)
    await eventually(lambda: [order["state"] for order in ground.orders()][-1:] == ["submitting"])
    await eventually(lambda: len(ground.placed()) == 3)
    assert [exit["state"] for exit in _exits(ground)] == ["submitting"]
    await ground.stop(worker)
    await ground.start(**QUICK)
    await eventually(lambda: [exit["state"] for exit in _exits(ground)] == ["filled"])
    assert len(ground.placed()) == 3
    assert {lot["shares"] for lot in ground.lots()} == {D(0)}
    await ground.assert_books_agree()


async def test_r14_an_exit_order_taken_back_is_sold_again_too(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sale fails, the sale after it fails: each return has an exit order of its own, like the leader's SELL."""
    monkeypatch.setattr("streams.trading.settler._AGAIN_SECONDS", 0.2)
    await ground.start(**QUICK)
    await ground.followers()
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    await ground.all_ended()
    await ground.leader_trades(ground.world.message(LEADER, "SELL", "100", "0.5"))
    await ground.all_ended()
    await _fails(ground)
    await _reversed(ground)
    await eventually(lambda: [exit["state"] for exit in _exits(ground)] == ["filled"])
    await _fails(ground)
    first, second = await _reversed(ground, 2)
    await eventually(lambda: [exit["state"] for exit in _exits(ground)] == ["filled", "filled"])
    exits = _exits(ground)
    assert [exit["cause_ref"] for exit in exits] == [first["fill_id"], second["fill_id"]]
    assert second["exit_order_id"] == exits[0]["exit_order_id"]
    assert {exit["copy_order_id"] for exit in exits} == {ground.copies()[1]["copy_order_id"]}
    assert {lot["shares"] for lot in ground.lots()} == {D(0)}
    await ground.assert_books_agree()


async def test_r14_one_of_several_fills_is_taken_back_while_the_exit_goes_on(
    make_ground: MakeGround, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half fills: the first attempt's fill fails while later attempts run; its shares are sold by an exit order beside
    them, never more than the lot holds."""
    monkeypatch.setattr("streams.trading.settler._AGAIN_SECONDS", 0.2)
    ground = await _made(make_ground, POLYCOOL_PAPER_FILL_MODEL="limit_half")
    await ground.start(**(QUICK | {"attempt_pauses": (1.0,)}))
    await ground.followers()
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    await ground.all_ended()
    held = ground.lots()[0]["shares"]
    await ground.leader_trades(ground.world.message(LEADER, "SELL", "100", "0.5"))
    await eventually(lambda: ground.copies()[1]["filled_shares"] > 0)
    await _fails(ground, 1)
    (row,) = await _reversed(ground)
    assert ground.copies()[1]["state"] in ("planned", "submitting")
    copies = await ground.all_ended()
    await eventually(lambda: [exit["state"] for exit in _exits(ground)] == ["partial"], 30)
    (sale,) = _exits(ground)
    assert sale["shares"] == row["shares"]
    (order,) = [order for order in ground.orders() if order["state"] == "failed"]
    assert order["filled_shares"] == row["shares"]
    left = ground.lots()[0]["shares"]
    assert left == held - copies[1]["filled_shares"] + row["shares"] - sale["filled_shares"]
    assert left > 0
    await ground.assert_books_agree()


async def test_r14_a_late_fill_that_fails_on_the_chain_is_taken_back(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It came after the proof of absence, was booked, and did not settle: nothing of it stays."""
    monkeypatch.setattr("streams.trading.settler._LATE_EVERY_SECONDS", 0.2)
    proof = {
        "post_seconds": 0.5,
        "reconcile_seconds": 0.1,
        "repeats_max": 0,
        "proof_looks": 2,
        "proof_seconds": 0.5,
    }
    await ground.start(**(QUICK | proof))
    await ground.followers()
    await ground.conduct({"deed": "wait_before", "seconds": 4, "times": 1})
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    (copy,) = await ground.all_ended()
    assert copy["reason"] == "NOT_FOUND"
    await eventually(lambda: ground.copies()[0]["late_fill"])
    await _fails(ground)
    await _reversed(ground)
    assert [(lot["shares"], lot["cost_usdc"]) for lot in ground.lots()] == [(D(0), D(0))]
    assert [order["state"] for order in ground.orders()] == ["killed"]
    await ground.assert_books_agree()


async def test_r14_a_sale_that_was_out_while_its_purchase_was_taken_back_is_a_shortfall(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sale is answered late: the purchase is taken back first, so what it sold is missing, and is said so."""
    monkeypatch.setattr("streams.trading.settler._AGAIN_SECONDS", 0.2)
    await ground.start(**QUICK)
    (allocation,) = await ground.followers()
    world = ground.world
    world.leader(OTHER_LEADER)
    world.follow("u0-paper", OTHER_LEADER)
    await ground.leader_trades(world.message(LEADER, "BUY", "100", "0.5"))
    await ground.all_ended()
    # The wallet holds another's shares of the token, so the exchange can take the purchase back after the sale.
    await ground.leader_trades(world.message(OTHER_LEADER, "BUY", "100", "0.5"))
    await ground.all_ended()
    await ground.conduct({"deed": "wait_after", "seconds": 6, "times": 1})
    await ground.leader_trades(world.message(LEADER, "SELL", "100", "0.5"))
    await eventually(lambda: len(ground.placed()) == 3)
    await _fails(ground, 0)
    (row,) = await _reversed(ground)
    assert row["shortfall_shares"] == 0, "the sale was booked before"
    (sale,) = [copy for copy in await ground.all_ended() if copy["side"] == "SELL"]
    (missing,) = world.rows("SELECT * FROM shortfalls")
    assert missing["shares"] == sale["filled_shares"] > 0
    assert [stop["cause"] for stop in world.rows("SELECT * FROM account_stops")] == ["shortfall"]
    assert world.rows("SELECT 1 FROM notifications WHERE kind = 'shortfall'")
    assert all(lot["shares"] == 0 for lot in ground.lots() if lot["allocation_id"] == allocation)
