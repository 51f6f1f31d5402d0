"""The way of a copy order through trading: planned, signed, posted, matched, booked."""

from __future__ import annotations

from decimal import Decimal

from tests.trading.ground import LEADER, Ground


async def test_a_planned_buy_is_filled_and_booked(ground: Ground) -> None:
    """One BUY of the leader: every follower's copy order ends filled, lots and cash as at the exchange."""
    await ground.start()
    await ground.followers(3)
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    copies = await ground.all_ended()
    assert [copy["state"] for copy in copies] == ["filled"] * 3
    assert {copy["filled_usdc"] for copy in copies} == {Decimal(5)}
    assert [order["state"] for order in ground.orders()] == ["matched"] * 3
    await ground.assert_books_agree()
