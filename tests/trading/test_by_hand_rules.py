"""What a quote offers and whether its order may go, case by case and as properties (UX S13; SAFETY R4, R26)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.enums import CopyState, Reason, Side, Venue
from streams.copy_execution.sizing import reserve
from streams.tables.hands import HandCase, QuoteAsked
from streams.trading.by_hand import BUY_GUARD, SELL_GUARD, Quoted, decide, quote
from streams.venues.venue import BookSeen, Level

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
D = Decimal


def case(**changes: object) -> HandCase:
    """A BUY of 5.00 on paper with 10.00 of cash; a SELL of 3 of 3 shares where ``side`` says so."""
    usual = HandCase(
        "O-1", Side.BUY, D(5), None, D("0.45"), NOW + timedelta(seconds=30), NOW, "M-1", Venue.PAPER, "ready", False,
        None, D(10), D(0), D(0), False, True, False, D("0.05"), D(1), D(3), D(0), False, True,
    )  # fmt: skip
    made = replace(usual, **changes)  # type: ignore[arg-type]
    return made if made.side is Side.BUY else replace(made, amount_usdc=None, shares=made.shares or D(3))


LIVE = {"venue": Venue.POLYMARKET, "armed": True, "live_stopped": False, "day_cap_usdc": D(20)}


@pytest.mark.parametrize(
    ("changes", "state", "reason"),
    [
        ({}, CopyState.PLANNED, None),
        ({"cash_usdc": D("5.26")}, CopyState.PLANNED, None),
        ({"cash_usdc": D("5.25")}, CopyState.SKIPPED, Reason.BALANCE),
        ({"reserved_usdc": D("4.75")}, CopyState.SKIPPED, Reason.BALANCE),
        ({"buys_stopped": True}, CopyState.SKIPPED, Reason.BUYS_STOPPED),
        ({"deadline": NOW - timedelta(microseconds=1)}, CopyState.EXPIRED, Reason.TOO_OLD),
        ({"deadline": NOW}, CopyState.PLANNED, None),
        ({"market_known": False}, CopyState.SKIPPED, Reason.MARKET_UNKNOWN),
        ({"closed": True}, CopyState.SKIPPED, Reason.MARKET_CLOSED),
        ({"min_buy_usdc": D("5.01")}, CopyState.SKIPPED, Reason.BELOW_MINIMUM),
        ({"account_state": "opening"}, CopyState.SKIPPED, Reason.BALANCE),
        # Paper asks for no arming.
        ({"account_stopped": True}, CopyState.PLANNED, None),
        (LIVE, CopyState.PLANNED, None),
        (LIVE | {"armed": False}, CopyState.SKIPPED, Reason.BUYS_STOPPED),
        (LIVE | {"live_stopped": True}, CopyState.SKIPPED, Reason.BUYS_STOPPED),
        (LIVE | {"account_stopped": True}, CopyState.SKIPPED, Reason.BUYS_STOPPED),
        (LIVE | {"day_cap_usdc": None}, CopyState.SKIPPED, Reason.LIVE_DAY_CAP),
        (LIVE | {"spent_today_usdc": D("14.74")}, CopyState.PLANNED, None),
        # SAFETY R26: what was bought by hand fills the cap as copies do.
        (LIVE | {"spent_today_usdc": D("14.75")}, CopyState.SKIPPED, Reason.LIVE_DAY_CAP),
        ({"side": Side.SELL}, CopyState.PLANNED, None),
        # Nothing stops a sale but its quote, its market and what is held.
        ({"side": Side.SELL, "buys_stopped": True, "cash_usdc": D(0)}, CopyState.PLANNED, None),
        ({"side": Side.SELL, "on_sale": D("0.01")}, CopyState.SKIPPED, Reason.NOTHING_TO_SELL),
        ({"side": Side.SELL, "lot_shares": D("2.999999")}, CopyState.SKIPPED, Reason.NOTHING_TO_SELL),
        ({"side": Side.SELL, "closed": True}, CopyState.SKIPPED, Reason.MARKET_CLOSED),
        ({"side": Side.SELL, "deadline": NOW - timedelta(seconds=1)}, CopyState.EXPIRED, Reason.TOO_OLD),
    ],
)  # fmt: skip
def test_r26_each_guard_of_an_order_by_hand(
    changes: dict[str, object], state: CopyState, reason: Reason | None
) -> None:
    """The guards of a copy, at their very edges."""
    decision = decide(case(**changes))
    assert (decision.state, decision.reason) == (state, reason)
    assert (decision.reserve_usdc is None) == (state is not CopyState.PLANNED or "side" in changes)


@pytest.mark.parametrize(
    ("changes", "value", "limit"),
    [
        ({"cash_usdc": D("5.25")}, D("5.26"), D("5.25")),
        ({"cash_usdc": D(3), "reserved_usdc": D(4)}, D("5.26"), D(0)),
        ({"min_buy_usdc": D("5.01")}, D(5), D("5.01")),
        (LIVE | {"spent_today_usdc": D("14.75")}, D("5.26"), D(20)),
        ({"side": Side.SELL, "on_sale": D("0.01")}, D(3), D("2.99")),
        ({"account_state": "opening"}, None, None),
        ({"buys_stopped": True}, None, None),
        ({"closed": True}, None, None),
    ],
)
def test_what_an_order_by_hand_wanted_and_what_was_allowed_is_kept(
    changes: dict[str, object], value: Decimal | None, limit: Decimal | None
) -> None:
    """The figures that people read beside the reason; none where none decided."""
    decision = decide(case(**changes))
    assert (decision.value, decision.limit) == (value, limit)


cents = st.integers(0, 100_000).map(lambda n: D(n).scaleb(-2))


@settings(max_examples=300, deadline=None)
@given(cents, cents, cents.filter(bool), st.sampled_from([D(0), D("0.01"), D("0.05")]), cents)
def test_r04_what_is_planned_fits_what_is_free(
    cash: Decimal, reserved: Decimal, amount: Decimal, rate: Decimal, spent: Decimal
) -> None:
    """Whatever the sums: reserves never exceed cash, nor the live cap; and no order that fits is refused for money."""
    asked = case(
        **LIVE, cash_usdc=cash, reserved_usdc=reserved, amount_usdc=amount, fee_rate=rate, spent_today_usdc=spent,
        min_buy_usdc=D("0.01"),
    )  # fmt: skip
    needed, fits = reserve(amount, rate), decide(asked).state is CopyState.PLANNED
    assert fits == (needed <= cash - reserved and needed <= D(20) - spent)


def asked(**changes: object) -> QuoteAsked:
    usual = QuoteAsked("Q-1", Venue.PAPER, Side.BUY, "7", D(5), None, D("0.01"), D("0.05"), D(1), False, 1)
    return replace(usual, **changes)  # type: ignore[arg-type]


def book(bids: list[tuple[str, str]], asks: list[tuple[str, str]]) -> BookSeen:
    def levels(rows: list[tuple[str, str]]) -> tuple[Level, ...]:
        return tuple(Level(D(price), D(shares)) for price, shares in rows)

    return BookSeen(levels(bids), levels(asks))


def test_n4_a_quote_as_it_is_shown() -> None:
    """UX S13: best offer 44¢, what is offered up to 45¢, limit 45¢, at least 11.11 shares for 5.00."""
    seen = book([("0.42", "10")], [("0.44", "500"), ("0.45", "200"), ("0.46", "900")])
    assert quote(asked(), seen) == Quoted(D("0.44"), D("0.45"), D("310"), D("0.25"), D("11.11"), None)
    sell = asked(side=Side.SELL, amount_usdc=None, shares=D(10))
    assert quote(sell, seen) == Quoted(D("0.42"), D("0.37"), D("4.2"), D("0.13"), None, D("3.70"))


@pytest.mark.parametrize(
    ("changes", "seen", "reason"),
    [
        ({"tick": None}, book([], [("0.4", "1")]), Reason.MARKET_UNKNOWN),
        ({"closed": True}, book([], [("0.4", "1")]), Reason.MARKET_CLOSED),
        ({"amount_usdc": D("0.99")}, book([], [("0.4", "1")]), Reason.BELOW_MINIMUM),
        ({}, book([("0.4", "1")], []), Reason.THIN_MARKET),
        ({}, None, Reason.THIN_MARKET),
        # Above the highest price that an order can have.
        ({}, book([], [("0.995", "1")]), Reason.THIN_MARKET),
    ],
)
def test_n4_where_there_is_nothing_to_offer(
    changes: dict[str, object], seen: BookSeen | None, reason: Reason
) -> None:
    """Each with its reason; no order can be made of it."""
    assert quote(asked(**changes), seen) is reason


prices = st.integers(1, 999).map(lambda n: D(n).scaleb(-3))


@settings(max_examples=300, deadline=None)
@given(prices, st.sampled_from([D("0.01"), D("0.001"), D("0.005")]), st.sampled_from(list(Side)))
def test_n4_the_guard_holds(best: Decimal, tick: Decimal, side: Side) -> None:
    """Never more than the guard away from what was shown, on the grid, and between 0 and 1."""
    levels = (Level(best, D(100)),)
    seen = BookSeen(levels, levels, tick)
    wanted = asked() if side is Side.BUY else asked(side=side, amount_usdc=None, shares=D(10))
    found = quote(wanted, seen)
    if not isinstance(found, Quoted):
        assert side is Side.BUY
        assert found is Reason.THIN_MARKET
        return
    assert found.limit_price % tick == 0
    assert 0 < found.limit_price < 1
    if side is Side.BUY:
        assert best <= found.limit_price <= best + BUY_GUARD
    else:
        assert found.limit_price >= min(best - SELL_GUARD, 1 - tick)
