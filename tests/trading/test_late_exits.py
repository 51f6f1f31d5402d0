"""A purchase nobody knows the end of does not hold up the exit, and is sold too when it comes after it (SAFETY R6)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.trading.ground import LEADER, Ground
from tests.waiting import eventually

QUICK = {"post_seconds": 0.5, "reconcile_seconds": 0.1, "repeats_max": 0, "sweep_seconds": 0.2}
ARRIVES_LATE = {"deed": "wait_before", "times": 1, "seconds": 15}


def _exits(ground: Ground) -> list[dict[str, Any]]:
    return ground.world.rows("SELECT * FROM exit_orders ORDER BY decided_at")


async def _posted(ground: Ground, copies: int) -> None:
    """The last purchase is out: what comes after it finds it under way."""
    await eventually(lambda: [order["posts"] for order in ground.orders()] == [1] * copies)


async def _exit_filled(ground: Ground) -> dict[str, Any]:
    await eventually(lambda: [exit["state"] for exit in _exits(ground)] == ["filled"], 30)
    return _exits(ground)[0]


async def test_r06_an_unknown_add_holds_the_exit_back_for_ten_seconds_only(ground: Ground) -> None:
    """The lot goes on sale 10 s after the add's POST; the add fills after that and is sold at once; nothing is left."""
    await ground.start(**QUICK)
    await ground.followers()
    world = ground.world
    await ground.leader_trades(world.message(LEADER, "BUY", "100", "0.5"))
    await ground.all_ended()
    await ground.conduct(ARRIVES_LATE)
    await ground.leader_trades(world.message(LEADER, "BUY", "100", "0.5", burst_started_at=None))
    await _posted(ground, 2)
    await ground.leader_trades(world.message(LEADER, "SELL", "200", "0.5"))
    assert [copy["state"] for copy in ground.copies()][2] == "waiting"
    await eventually(lambda: ground.copies()[2]["state"] == "filled", 30)
    add, sale = ground.copies()[1:]
    assert add["state"] == "unknown"
    posted = {order["copy_order_id"]: order["posted_at"] for order in ground.orders()}
    waited = (posted[sale["copy_order_id"]] - posted[add["copy_order_id"]]).total_seconds()
    assert 10 <= waited < 20
    late = await _exit_filled(ground)
    assert (late["cause_kind"], late["copy_order_id"]) == ("late_fill", sale["copy_order_id"])
    # What the first sale left as a fraction of a hundredth goes with it.
    assert late["filled_shares"] >= ground.copies()[1]["filled_shares"].quantize(
        Decimal("0.01"), "ROUND_FLOOR"
    )
    assert {lot["shares"] for lot in ground.lots()} == {Decimal(0)}
    assert [copy["state"] for copy in await ground.all_ended()] == ["filled"] * 3
    await ground.assert_books_agree()


async def test_r06_a_first_purchase_that_comes_after_the_exit_is_sold_at_once(ground: Ground) -> None:
    """The leader sold half, there was no lot to sell: half of what comes late is sold, the other half is the target."""
    await ground.start(**QUICK)
    await ground.followers()
    world = ground.world
    await ground.conduct(ARRIVES_LATE)
    await ground.leader_trades(world.message(LEADER, "BUY", "100", "0.5"))
    await _posted(ground, 1)
    await ground.leader_trades(world.message(LEADER, "SELL", "50", "0.5"))
    await eventually(lambda: ground.copies()[1]["state"] == "skipped", 30)
    assert ground.copies()[1]["reason"] == "NOTHING_TO_SELL"
    late = await _exit_filled(ground)
    bought = ground.copies()[0]["filled_shares"]
    (lot,) = ground.lots()
    assert lot["target_shares"] == (bought / 2).quantize(Decimal("0.000001"), "ROUND_FLOOR")
    assert lot["shares"] == bought - late["filled_shares"]
    assert lot["shares"] - lot["target_shares"] < Decimal("0.01")
    # The leader sold at 50¢: the limit is that of the sale as it would have been, 5¢ below.
    assert late["limit_price"] == Decimal("0.45")
    await ground.assert_books_agree()
