"""Rules that a change of one line could break unnoticed, until mutation testing said so."""

from __future__ import annotations

from decimal import Decimal

from schemas.enums import CopyState, Reason, Side
from streams.copy_execution.books import OpenBuys
from streams.copy_execution.limit_price import buy_limit
from streams.copy_execution.sizing import wish
from tests.rules.situations import TOKEN, answer, books, lot, sell, settings, trade
from tests.rules.situations import allocation as following


def test_no_buy_is_limited_above_one_less_a_tick() -> None:
    """On a coarse grid that is less than the highest price wanted."""
    dear = settings(max_price="0.99", buy_slippage="0.5", buy_slippage_percent="100")
    assert buy_limit(Decimal("0.85"), Decimal("0.1"), dear) == Decimal("0.9")


def test_a_carried_sum_is_added_also_when_the_leader_stakes_all_he_has() -> None:
    """His stake never counts for more than his whole portfolio."""
    own = settings(mode="proportional", budget_usdc="100")
    for stake in ("50", "60"):
        exact = wish(own, Decimal(stake), Decimal(50), Decimal(100), Decimal(3))
        assert exact[0] / exact[1] == Decimal(103)


def test_r06_a_buy_that_is_overdue_holds_no_sale_back() -> None:
    """One that is not overdue does."""
    held = {TOKEN: lot()}
    for overdue, state in ((1, CopyState.PLANNED), (0, CopyState.WAITING)):
        open_buys = {TOKEN: OpenBuys(1, Decimal(5), overdue)}
        assert answer(sell(), own=books(held, open_buys)).state is state


def test_a_decision_says_its_side_and_what_was_looked_at() -> None:
    """Also where nothing comes of it."""
    nothing = answer(sell())
    assert (nothing.side, nothing.reason) == (Side.SELL, Reason.NOTHING_TO_SELL)
    on_sale = answer(sell(), own=books({TOKEN: lot(selling_shares=Decimal(40))}))
    assert (on_sale.side, on_sale.reason, on_sale.target_shares) == (
        Side.SELL,
        Reason.NOTHING_TO_SELL,
        Decimal(0),
    )
    assert on_sale.checks[-1] == (Reason.NOTHING_TO_SELL, False, Decimal(0), None)
    small = answer(trade(size="4"), following(below_minimum="skip"))
    assert (small.side, small.reason, small.wanted_usdc) == (Side.BUY, Reason.BELOW_MINIMUM, Decimal("0.2"))
    kept = answer(trade(size="4"), following(below_minimum="carry"))
    assert (kept.side, kept.reason, kept.wanted_usdc) == (Side.BUY, Reason.CARRIED, Decimal("0.2"))
