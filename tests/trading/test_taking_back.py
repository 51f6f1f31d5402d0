"""What goes back when a settlement fails, and what is owed of it: sums alone, no database (SAFETY R6, R14)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from streams.trading.owed_exits import SellSince, kept_of
from streams.trading.taking_back import Entry, Held, purchase_taken_back, sale_taken_back, to_sell_again

D = Decimal


def test_r14_a_purchase_leaves_a_lot_as_if_it_had_never_been() -> None:
    """10 of 20 shares that cost 5 of 11: 10 shares for 6 stay, the target follows, no result."""
    back = purchase_taken_back(Held(D(20), D(11), D(20)), Entry(D(10), D(5), D(0), D("0.1")), D(10))
    assert (back.shares, back.cost_usdc, back.target_shares) == (D(-10), D(-5), D(10))
    assert (back.cash_usdc, back.realised_usdc, back.fee_usdc, back.shortfall_shares) == (
        D(5), D(0), D("-0.1"), D(0),
    )  # fmt: skip


@pytest.mark.parametrize(("held", "gone", "missing"), [("0", "0", "10"), ("4", "4", "6"), ("10", "10", "0")])
def test_r14_a_lot_never_falls_below_zero(held: str, gone: str, missing: str) -> None:
    """What the lot has not any more is missing; cash is the price, cost and result add up to it."""
    cost = D(held) / 2
    back = purchase_taken_back(Held(D(held), cost, D(0)), Entry(D(10), D(5), D(0), D(0)), D(10))
    assert (back.shares, back.shortfall_shares) == (-D(gone), D(missing))
    assert back.cash_usdc == D(5) == -back.cost_usdc + back.realised_usdc


def test_r14_dust_that_a_purchase_leaves_is_written_off() -> None:
    """Less than 0.01 shares stay: the lot ends, their cost is the result's."""
    back = purchase_taken_back(Held(D("10.005"), D("5.002"), D(0)), Entry(D(10), D(5), D(0), D(0)), D(10))
    assert (back.dust_shares, back.dust_cost_usdc, back.target_shares) == (D("0.005"), D("0.002"), D(0))


def test_r14_a_sale_returns_with_its_cost() -> None:
    """Exactly what the sale took: shares, cost part and result; its price goes; the target stays lowered."""
    back = sale_taken_back(
        Held(D(0), D(0), D(0)), Entry(D(-10), D(-5), D("0.9"), D("0.1")), D(10), D("5.9"), by_hand=False
    )
    assert (back.shares, back.cost_usdc, back.target_shares) == (D(10), D(5), D(0))
    assert (back.cash_usdc, back.realised_usdc, back.fee_usdc) == (D("-5.9"), D("-0.9"), D("-0.1"))


def test_r14_only_what_lies_above_the_target_is_sold_again() -> None:
    """Shares on sale already, and those the target keeps, are not sold by the exit order."""
    assert to_sell_again(D(10), D(15), D(5), D(0)) == D(10)
    assert to_sell_again(D(10), D(15), D(5), D(4)) == D(6)
    assert to_sell_again(D("0.004"), D("0.004"), D(0), D(0)) == 0


def test_r06_what_was_bought_late_shrinks_with_each_sale_since() -> None:
    """Times (1 − f) of each SELL, down to the micro; nothing once the leader ended flat."""

    def sold(before: str, size: str) -> SellSince:
        return SellSince("C-1", D(size), D("0.5"), D(before), None)

    assert kept_of(D(10), []) == D(10)
    assert kept_of(D(10), [sold("3", "1")]) == D("6.666666")
    assert kept_of(D(10), [sold("100", "50"), sold("50", "10")]) == D(4)
    assert kept_of(D(10), [sold("100", "50"), sold("50", "50")]) == 0
