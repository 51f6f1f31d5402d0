"""Grades of signals: what a share was worth then, net of fees; late with the true time, too late not at all. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.smart_trader.grading import LATE_MAX, Due, Grade, Horizon, Score, fee, grade, score

D = Decimal
AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def due(horizon: Horizon = Horizon.HOUR, **changes: Any) -> Due:
    """A signal at 41¢ in a market with 5 % fees, bid 45¢ a second after it was due."""
    known: dict[str, Any] = {
        "signal_id": "S-1", "wallet": "0x1", "horizon": horizon, "due_at": AT, "average_price": D("0.41"),
        "fee_rate": D("0.05"), "bid": D("0.45"), "seen_at": AT + timedelta(seconds=1), "payout": None,
        "resolved_at": None,
    }  # fmt: skip
    return Due(**(known | changes))


def graded(one: Due, now: datetime = AT + MINUTE) -> Grade:
    """The grade, which there is."""
    found = grade(one, now)
    assert found is not None
    return found


def test_a_signal_is_worth_the_bid_less_both_fees() -> None:
    """4¢ gross; fees 0.05 × 0.41 × 0.59 and 0.05 × 0.45 × 0.55."""
    found = graded(due())
    assert (found.price, found.gross_usdc, found.net_usdc) == (D("0.45"), D("0.04"), D("0.01553"))
    assert found.graded_at == AT + timedelta(seconds=1)


def test_what_ended_is_worth_its_payout_and_costs_no_second_fee() -> None:
    """At the end, and at an hour or a day where the market is over by then."""
    for horizon in Horizon:
        found = graded(due(horizon, bid=None, seen_at=None, payout=D(1), resolved_at=AT - MINUTE))
        assert (found.gross_usdc, found.net_usdc) == (D("0.59"), D("0.577905"))
        assert found.graded_at == AT
    lost = graded(due(Horizon.END, payout=D(0), resolved_at=AT))
    assert (lost.gross_usdc, lost.net_usdc) == (D("-0.41"), D("-0.422095"))


def test_a_price_from_before_the_time_does_not_count() -> None:
    """It is waited for."""
    assert grade(due(seen_at=AT - timedelta(seconds=1)), AT + MINUTE) is None
    assert grade(due(bid=None), AT + MINUTE) is None


@pytest.mark.parametrize("horizon", list(LATE_MAX))
def test_late_by_a_bounded_time_is_graded_with_the_true_time(horizon: Horizon) -> None:
    """To the bound; beyond it the signal has no grade at this horizon, and that is kept."""
    bound = AT + LATE_MAX[horizon]
    assert graded(due(horizon, seen_at=bound), bound).graded_at == bound
    missed = graded(due(horizon, seen_at=bound + MINUTE), bound + MINUTE)
    assert (missed.price, missed.gross_usdc, missed.net_usdc) == (None, None, None)
    assert graded(due(horizon, bid=None), bound + MINUTE).price is None
    resolved_later = due(horizon, bid=None, payout=D(1), resolved_at=bound + MINUTE)
    assert graded(resolved_later, bound + MINUTE).price is None


def test_few_grades_say_nothing() -> None:
    """Below five nothing; then the mean of the last twelve."""
    assert score([(D("0.01"), D(0))] * 4) == Score()
    many = [(D("0.02"), D("0.01"))] * 12 + [(D("-1"), D("-1"))] * 5
    assert score(many) == Score(D("0.02"), D("0.01"))


@given(st.decimals("0.000001", "0.999999", places=6), st.decimals(0, 1, places=4))
def test_fees_never_help(price: Decimal, rate: Decimal) -> None:
    """Net is never above gross, and bought and sold at one price it is the fees that are lost."""
    found = graded(due(average_price=price, bid=price, fee_rate=rate))
    assert found.gross_usdc == 0
    assert found.net_usdc == -2 * fee(price, rate) <= 0
