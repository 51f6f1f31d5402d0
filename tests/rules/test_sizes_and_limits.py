"""The numbers of RULES §3 to §5, one by one: rooms, budgets, carry, limits, fees."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal, localcontext
from typing import Any

import pytest

from schemas.enums import CopyState, Reason, Side
from schemas.money import EXACT
from streams.copy_execution.books import Carried, OpenBuys, apply_decision
from streams.copy_execution.circumstances import circumstances
from streams.copy_execution.limit_price import buy_limit, sell_limit
from streams.trading.booking import Fill, book_order, empty_lot, fee
from tests.rules.situations import (
    MARKET,
    NOW,
    OTHER_TOKEN,
    TOKEN,
    account,
    allocation,
    answer,
    books,
    lot,
    seconds,
    sell,
    settings,
    trade,
)


@pytest.mark.parametrize(
    ("room", "changes"),
    [
        (Reason.TRADE_LIMIT, {"max_per_trade_usdc": "15"}),
        (Reason.BUDGET, {"budget_usdc": "45"}),
        (Reason.LOSS_LIMIT, {"max_loss_usdc": "45"}),
        (Reason.MARKET_LIMIT, {"max_per_market_usdc": "45"}),
        (Reason.DAY_LIMIT, {"max_per_day_usdc": "22"}),
    ],
)
def test_each_limit_counts_what_is_used_of_it(room: Reason, changes: dict[str, Any]) -> None:
    """With 20 in a lot, 10 in an open order and 7 bought today, each limit leaves 15."""
    own = books({TOKEN: lot(cost="20")}, {OTHER_TOKEN: OpenBuys(1, Decimal(10))}, day_spent_usdc=Decimal(7))
    decision = answer(trade(size="2000"), allocation(**changes), own=own)
    assert decision.reduced_by is room
    assert (room, Decimal(15)) in decision.rooms
    # 14.28 × 1.05 = 14.994, up to 15.00, and 0.01 more: one cent too much.
    assert (decision.amount_usdc, decision.reserve_usdc) == (Decimal("14.27"), Decimal("15.00"))


def test_reserved_cash_and_the_live_cap_leave_less() -> None:
    """Free money is cash less the reserves of all leaders; the live day cap leaves what it leaves."""
    money = account("100", reserved_usdc=Decimal(85))
    assert answer(trade(size="2000"), money=money).reduced_by is Reason.BALANCE
    money = account("100", live_day_room_usdc=Decimal(15))
    assert answer(trade(size="2000"), money=money).reduced_by is Reason.LIVE_DAY_CAP


def test_of_equal_rooms_the_first_is_named() -> None:
    """Ties go to the order of the list."""
    following = allocation(max_per_trade_usdc="15", budget_usdc="15", max_per_day_usdc="15")
    assert answer(trade(size="2000"), following, money=account("15")).reduced_by is Reason.TRADE_LIMIT


def test_a_budget_in_percent_counts_cash_and_lots() -> None:
    """Cash includes reserves; the part is cut down to the micro; of both budgets the smaller counts."""
    money = account("100.000001", reserved_usdc=Decimal(50), lots_cost_usdc=Decimal(23))
    following = allocation(budget_percent="33", budget_usdc="1000")
    assert (Reason.BUDGET, Decimal("40.590000")) in answer(trade(size="2000"), following, money=money).rooms
    following = allocation(budget_percent="33", budget_usdc="40")
    assert (Reason.BUDGET, Decimal(40)) in answer(trade(size="2000"), following, money=money).rooms


def test_small_wishes_are_carried_until_they_are_large_enough() -> None:
    """Two wishes of 0.60 are one copy of 1.20; what was kept is cleared by the BUY that goes out."""
    own, money, of = books(), account(), trade(size="12")
    first = answer(of, own=own, money=money)
    assert (first.reason, first.carried_usdc, first.carried_since) == (
        Reason.CARRIED,
        Decimal("0.600000"),
        NOW,
    )
    apply_decision(first, of, MARKET, money, own)
    later = circumstances(of, NOW + timedelta(hours=1), MARKET).now
    second = answer(trade(size="12", traded_at=later), own=own, money=money, now=later)
    assert second.amount_usdc == Decimal("1.20")
    apply_decision(second, of, MARKET, money, own)
    assert own.carried == {}
    assert own.at_work_usdc == money.reserved_usdc == second.reserve_usdc


@pytest.mark.parametrize(("late", "counts"), [(timedelta(0), True), (timedelta.resolution, False)])
def test_what_is_carried_lives_for_a_day(late: timedelta, counts: bool) -> None:
    """At 24 hours it still counts, an instant later it does not."""
    own = books()
    own.carried[TOKEN] = Carried(Decimal("0.6"), NOW - timedelta(hours=24) - late)
    decision = answer(trade(size="12"), own=own)
    assert (decision.state is CopyState.PLANNED) == counts


def test_a_raise_happens_once_an_entry() -> None:
    """A wish under the minimum is raised to it, but not on top of what is held or being bought."""
    following = allocation(below_minimum="raise")
    assert answer(trade(size="2"), following).amount_usdc == Decimal("1.00")
    own = books(open_buys={TOKEN: OpenBuys(1, Decimal(1))})
    assert answer(trade(size="2"), following, own=own).reason is Reason.BELOW_MINIMUM


def test_limits_lie_on_the_tick_and_within_their_bounds() -> None:
    """A BUY's limit never passes the price band or 1 less a tick; a SELL's never falls under its floor or a tick."""
    with localcontext(EXACT):
        tick = Decimal("0.01")
        assert buy_limit(Decimal("0.501"), tick, settings()) == Decimal("0.52")
        assert buy_limit(Decimal("0.6"), tick, settings(max_price="0.605")) == Decimal("0.60")
        assert buy_limit(Decimal("0.985"), tick, settings(max_price="0.999")) == Decimal("0.99")
        assert sell_limit(Decimal("0.501"), Decimal("0.501"), tick, settings()) == Decimal("0.46")
        floor = settings(exit_min_percent="95")
        assert sell_limit(Decimal("0.6"), Decimal("0.2"), tick, floor) == Decimal("0.57")
        assert sell_limit(Decimal("0.012"), Decimal("0.012"), tick, settings()) == Decimal("0.01")
        assert sell_limit(
            Decimal("0.999"), Decimal("0.999"), tick, settings(exit_min_percent="100")
        ) == Decimal("0.99")


def test_a_fee_is_at_least_one_step() -> None:
    """0.00001 where there is a rate, nothing where there is none, a half step up."""
    tiny, half = Decimal("0.001"), Decimal("0.5")
    assert fee(Decimal("0.01"), tiny, Decimal("0.05")) == Decimal("0.00001")
    assert fee(Decimal(1000), half, Decimal(0)) == 0
    assert fee(Decimal("1.434"), half, Decimal("0.05")) == Decimal("0.01793")


def test_a_sale_never_exceeds_the_lot() -> None:
    """Booking more than is held is a programmer's error, not a negative lot."""
    with pytest.raises(ValueError, match="may not exceed the lot"):
        book_order(
            lot("1", "1"),
            Side.SELL,
            [Fill(Decimal(2), Decimal(1), Decimal("0.5"))],
            Decimal(0),
            empty_lot("m"),
        )


def test_what_went_unsold_is_made_up_by_the_next_sale() -> None:
    """The target fell with the first sale, though nothing was sold; the second sells down to its own target."""
    own = books({TOKEN: lot("40", "20", target_shares=Decimal(20))})
    decision = answer(sell("50", leader_before=Decimal(100)), own=own)
    assert (decision.target_shares, decision.shares) == (Decimal("10.000000"), Decimal("30.00"))


def test_a_remainder_worth_under_a_dollar_is_sold_too() -> None:
    """What would stay is dropped when it is worth less than 1 USDC at the trade's price."""
    own = books({TOKEN: lot("40", "20")})
    assert answer(sell("95", price="0.5", leader_before=Decimal(100)), own=own).target_shares == 2
    assert answer(sell("95", price="0.499", leader_before=Decimal(100)), own=own).target_shares == 0


def test_an_age_is_exact() -> None:
    """A trade's age is kept to the microsecond: no rounding makes it younger."""
    late = trade(traded_at=NOW - seconds(60) - timedelta(microseconds=1))
    assert answer(late).checks[-1] == ("TOO_OLD", False, Decimal("60.000001"), 60)
