"""The way of a copy order through trading: planned, signed, posted, matched, booked."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from structlog.testing import capture_logs

from schemas.copies import CopyFinished
from tests.copy_execution.world import TOKEN
from tests.trading.conftest import MakeGround
from tests.trading.ground import LEADER, Ground
from tests.waiting import eventually


async def test_a_planned_buy_is_filled_and_booked(ground: Ground) -> None:
    """One BUY of the leader: every follower's copy order ends filled, lots and cash as at the exchange."""
    with capture_logs() as logs:
        await ground.start()
        await ground.followers(3)
        await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
        copies = await ground.all_ended()
        # A line each once its transition is committed: signed and taken, posted, ended.
        lines = [("copy_order", "submitting"), ("posted", None), ("copy_order", "filled")]
        await eventually(lambda: all(_said_of(order, logs) == lines for order in ground.orders()))
    assert [copy["state"] for copy in copies] == ["filled"] * 3
    assert {copy["filled_usdc"] for copy in copies} == {Decimal(5)}
    assert {order["state"] for order in ground.orders()} <= {"matched", "settled"}
    assert all(lot["shares"] > 0 and lot["target_shares"] == lot["shares"] for lot in ground.lots())
    await ground.assert_books_agree()


def _said_of(order: Mapping[str, Any], logs: Sequence[Mapping[str, Any]]) -> list[tuple[str, str | None]]:
    """The lines of an order and its copy, in their order: the event, and the state it came to."""
    names = {order["copy_order_id"], order["order_hash"]}
    return [
        (line["event"], line.get("state"))
        for line in logs
        if line["event"] in ("copy_order", "posted")
        and names & {line.get("copy_order_id"), line.get("order_hash")}
    ]


async def test_a_sell_ends_the_lot_and_realises_the_result(ground: Ground) -> None:
    """The leader leaves: the lot is sold and closed, its result is what came in less what it cost."""
    await ground.start()
    await ground.followers(2)
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    await ground.all_ended()
    await ground.leader_trades(ground.world.message(LEADER, "SELL", "100", "0.6"))
    copies = await ground.all_ended()
    assert [copy["state"] for copy in copies] == ["filled"] * 4
    for lot in ground.lots():
        assert lot["closed_by"] in ("sold", "dust")
        own = [copy for copy in copies if copy["allocation_id"] == lot["allocation_id"]]
        bought, sold = sorted(own, key=lambda copy: copy["side"])
        paid = bought["filled_usdc"] + bought["fee_usdc"]
        assert lot["realised_usdc"] == sold["filled_usdc"] - sold["fee_usdc"] - paid
        assert sold["realised_usdc"] == lot["realised_usdc"]
    await ground.assert_books_agree()


async def test_each_end_is_told_once(ground: Ground) -> None:
    """A result for the topic and a notice for the follower, in the transaction of the booking."""
    await ground.start()
    await ground.followers(2)
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    await ground.all_ended()
    rows = ground.world.rows("SELECT key, value FROM outbox WHERE topic = 'copy_results' ORDER BY key")
    messages = [CopyFinished.decode(bytes(row["value"])) for row in rows]
    assert [message.state for message in messages] == ["filled"] * 2
    assert [row["key"] for row in rows] == sorted(message.follower for message in messages)
    notices = ground.world.rows("SELECT kind, event FROM notifications ORDER BY event")
    assert [notice["kind"] for notice in notices] == ["copy_filled"] * 2
    assert [notice["event"] for notice in notices] == sorted(m.copy_order_id for m in messages)


async def test_half_a_fill_is_partial_and_the_rest_is_given_back(make_ground: MakeGround) -> None:
    """A FAK that matches half: partial, the reserve is free, the lot holds what was bought."""
    ground = await make_ground(POLYCOOL_PAPER_FILL_MODEL="limit_half")
    ground.world.market()
    await ground.start()
    await ground.followers()
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    (copy,) = await ground.all_ended()
    assert copy["state"] == "partial"
    assert copy["filled_usdc"] == Decimal("2.5")
    await ground.assert_books_agree()


async def test_a_waiting_sell_is_decided_when_its_buy_has_ended(ground: Ground) -> None:
    """The leader sells while our BUY is at the exchange: the SELL waits, then sells what was bought (RULES §4)."""
    await ground.start()
    await ground.followers()
    world = ground.world
    await ground.conduct({"deed": "wait_after", "seconds": 2.0, "times": 1})
    await ground.leader_trades(world.message(LEADER, "BUY", "100", "0.5"))
    await eventually(lambda: len(ground.placed()) == 1)
    await ground.leader_trades(world.message(LEADER, "SELL", "100", "0.5"))
    assert [copy["state"] for copy in ground.copies()] == ["submitting", "waiting"]
    copies = await ground.all_ended()
    assert [(copy["side"], copy["state"]) for copy in copies] == [("BUY", "filled"), ("SELL", "filled")]
    assert [lot["closed_at"] is not None for lot in ground.lots()] == [True]
    await ground.assert_books_agree()


async def test_closing_ends_once_nothing_is_left(ground: Ground) -> None:
    """`closing` becomes `ended`, as a version of its own, in the booking that closed the last lot."""
    await ground.start()
    (allocation,) = await ground.followers()
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    await ground.all_ended()
    ground.world.run(
        "UPDATE copy_trading_allocations SET state = 'closing' WHERE allocation_id = %s", allocation
    )
    await ground.leader_trades(ground.world.message(LEADER, "SELL", "100", "0.5"))
    await ground.all_ended()
    row = ground.world.rows("SELECT state, version, ended_at FROM copy_trading_allocations")[0]
    assert (row["state"], row["version"]) == ("ended", 2)
    history = ground.world.rows("SELECT version, state, changed_by FROM allocation_history")
    assert [(each["version"], each["state"], each["changed_by"]) for each in history] == [
        (2, "ended", "trading")
    ]


async def test_orders_settle_on_the_chain(ground: Ground) -> None:
    """Matched is not settled: once its trades are confirmed the order is."""
    await ground.start(settle_after_seconds=0.1, sweep_seconds=0.1)
    await ground.followers()
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))

    def settled() -> bool:
        return [order["state"] for order in ground.orders()] == ["settled"]

    await eventually(settled)
    assert [fill["status"] for fill in ground.world.rows("SELECT status FROM fills")] == ["CONFIRMED"]


async def test_r33_fills_come_from_trades_never_from_the_answers_amounts(make_ground: MakeGround) -> None:
    """An exchange that writes its answer in micro-units yields the same books to the micro (SAFETY R33)."""
    ground = await make_ground(POLYCOOL_PAPER_AMOUNT_UNITS="micro")
    ground.world.market()
    await ground.start()
    await ground.followers()
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    (copy,) = await ground.all_ended()
    assert (copy["state"], copy["filled_usdc"]) == ("filled", Decimal(5))
    await ground.assert_books_agree()


async def test_r30_a_sell_needs_no_market_table(ground: Ground) -> None:
    """While `markets` is empty an exit goes by what the lot kept of its market (SAFETY R30)."""
    await ground.start()
    await ground.followers()
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    await ground.all_ended()
    ground.world.run("DELETE FROM markets")
    await ground.leader_trades(ground.world.message(LEADER, "SELL", "100", "0.5"))
    copies = await ground.all_ended()
    assert [copy["state"] for copy in copies] == ["filled", "filled"]
    await ground.assert_books_agree()


async def test_the_order_posted_is_the_order_stored(ground: Ground) -> None:
    """The stored bytes name the token, the amounts and the hash that the exchange knows."""
    await ground.start()
    await ground.followers()
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    await ground.all_ended()
    (order,) = ground.orders()
    body = json.loads(bytes(order["body"]))
    assert body["order"]["tokenId"] == TOKEN
    assert body["orderType"] == "FAK"
    (theirs,) = ground.world.rows("SELECT order_id, maker_amount FROM paper.orders")
    assert theirs["order_id"] == order["order_hash"]
    assert body["order"]["makerAmount"] == str(theirs["maker_amount"]) == "5000000"
