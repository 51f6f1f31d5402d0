"""Fills are booked from the exchange's trades, never from the amounts of an answer (SAFETY R33)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.trading.conftest import MakeGround
from tests.trading.ground import LEADER


@pytest.mark.parametrize("units", ["units", "micro"])
async def test_r33_both_ways_of_writing_an_answers_amounts_give_the_same_books(
    make_ground: MakeGround, units: str
) -> None:
    """An answer in micro-units or in whole ones: the same shares, cost and cash, and the exchange's."""
    ground = await make_ground(POLYCOOL_PAPER_AMOUNT_UNITS=units)
    ground.world.market()
    await ground.start()
    await ground.followers()
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.48"))
    await ground.all_ended()
    (lot,) = ground.lots()
    assert (lot["shares"], lot["cost_usdc"]) == (Decimal(10), Decimal("5.125"))
    await ground.leader_trades(ground.world.message(LEADER, "SELL", "50", "0.48"))
    copies = await ground.all_ended()
    assert (copies[1]["filled_shares"], copies[1]["filled_usdc"]) == (Decimal(5), Decimal("2.15"))
    await ground.assert_books_agree()
