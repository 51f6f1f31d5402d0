"""What holds of every single decision, whatever the inputs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from datetime import timedelta
from decimal import ROUND_DOWN, Decimal, localcontext
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.allocations import AllocationSettings
from schemas.enums import AllocationState, CopyState, Reason, Side
from schemas.money import CENT, EXACT, ZERO, floor_cents, floor_micro
from streams.copy_execution.books import OpenBuys
from streams.copy_execution.buy import AMOUNT, LIMIT_PRICE, MINIMUM
from streams.copy_execution.checks import BUY_CHECKS, SELL_CHECKS, SELL_MARKET_CHECKS
from streams.copy_execution.decision import Decision
from streams.copy_execution.inputs import Market, Switches
from streams.copy_execution.sell import SHARES
from streams.copy_execution.sizing import largest_amount, reserve
from streams.trading.booking import Fill, book_order, empty_lot
from tests.rules.chances import PRICES, RATES, any_settings, markets, numbers
from tests.rules.situations import (
    LEADER,
    NOW,
    OTHER_TOKEN,
    TOKEN,
    account,
    allocation,
    answer,
    books,
    lot,
    trade,
)

BUY_ORDER = [*(name for name, _ in BUY_CHECKS), LIMIT_PRICE, MINIMUM, AMOUNT]
SELL_ORDER = [name for name, _ in (*SELL_CHECKS, *SELL_MARKET_CHECKS)] + [SHARES]


def well_made(decision: Decision, order: Sequence[str]) -> None:
    """The checks are those of the order from its beginning, only the last may have failed; all numbers are decimals."""
    names = [name for name, _, _, _ in decision.checks]
    assert names == list(order[: len(names)])
    assert all(passed for _, passed, _, _ in decision.checks[:-1])
    assert (decision.state is CopyState.PLANNED) == (len(names) == len(order) and decision.checks[-1][1])
    assert (decision.reason is None) == (decision.state in (CopyState.PLANNED, CopyState.WAITING))
    values = [getattr(decision, field.name) for field in fields(decision)]
    values += [value for _, _, *both in decision.checks for value in both]
    assert not any(isinstance(value, float) for value in values)


@given(
    chosen=any_settings(),
    market=markets(),
    price=PRICES,
    size=numbers("0.01", "5000"),
    cash=numbers("0", "400"),
    at_work=numbers("0", "400"),
)
def test_a_buy_stays_within_every_room(
    *,
    chosen: AllocationSettings,
    market: Market,
    price: Decimal,
    size: Decimal,
    cash: Decimal,
    at_work: Decimal,
) -> None:
    """A planned BUY fits every room with its reserve, is as large as wish and rooms allow, and its limit lies on the
    tick, not above the highest price."""
    own = books({OTHER_TOKEN: lot("10", str(at_work))}, day_spent_usdc=at_work)
    following = replace(allocation(), settings=chosen)
    wanted = trade(size=str(size), price=str(price))
    decision = answer(wanted, following, own=own, money=account(str(cash)), market=market, value="10000")
    well_made(decision, BUY_ORDER)
    if decision.state is not CopyState.PLANNED:
        return
    amount, limit, held = decision.amount_usdc, decision.limit_price, decision.reserve_usdc
    assert amount is not None
    assert limit is not None
    assert held is not None
    assert all(held <= room for _, room in decision.rooms)
    assert amount == floor_cents(amount)
    assert amount >= max(chosen.min_trade_usdc, market.min_buy_usdc)
    assert limit % market.tick == 0
    assert market.tick <= limit <= min(chosen.max_price, 1 - market.tick)
    if decision.reduced_by is not None:
        smallest = min(room for _, room in decision.rooms)
        assert reserve(amount + CENT, market.fee_rate) > smallest
        assert decision.reduced_by == next(name for name, room in decision.rooms if room == smallest)


@given(numbers("0.02", "1000000", 4), RATES | numbers("0", "1", 20))
def test_the_largest_amount_is_the_largest(room: Decimal, rate: Decimal) -> None:
    """Its reserve fits, and that of a cent more does not."""
    with localcontext(EXACT):
        amount = largest_amount(room, rate)
        assert amount == floor_cents(amount)
        if amount > 0:
            assert reserve(amount, rate) <= room
        assert reserve(max(amount, ZERO) + CENT, rate) > room


@given(numbers("1", "1000", 2), RATES, st.lists(st.tuples(PRICES, st.integers(1, 9)), min_size=1, max_size=8))
def test_no_fill_costs_more_than_its_reserve(
    amount: Decimal, rate: Decimal, parts: list[tuple[Decimal, int]]
) -> None:
    """However a BUY is cut into fills, at whatever prices, cost and fees stay within the reserve."""
    weight = sum(part for _, part in parts)
    fills = []
    for price, part in parts:
        usdc = floor_micro(EXACT.divide(amount * part, Decimal(weight)))
        fills.append(Fill(floor_micro(EXACT.divide(usdc, price)), usdc, price))
    booked = book_order(None, Side.BUY, fills, rate, empty_lot("market"))
    assert -booked.cash_usdc <= reserve(amount, rate)


@given(
    held=numbers("0.01", "1000"),
    selling=numbers("0", "1"),
    wanted=numbers("0", "1"),
    size=numbers("0.000001", "5000"),
    before=numbers("0", "5000"),
    price=PRICES,
    market=markets(),
    chosen=any_settings(),
)
def test_a_sell_stays_within_the_lot(
    *,
    held: Decimal,
    selling: Decimal,
    wanted: Decimal,
    size: Decimal,
    before: Decimal,
    price: Decimal,
    market: Market,
    chosen: AllocationSettings,
) -> None:
    """Never more is sold than is held and not on sale yet; the target only falls; the limit lies on the tick."""
    on_sale, target = floor_micro(held * selling), floor_micro(held * wanted)
    own = books({TOKEN: lot(str(held), "1", selling_shares=on_sale, target_shares=target)})
    sale = replace(trade(Side.SELL, str(size), str(price)), leader_before=before)
    decision = answer(sale, replace(allocation(), settings=chosen), own=own, market=market)
    if decision.reason is not Reason.NOTHING_TO_SELL:
        well_made(decision, SELL_ORDER)
    assert decision.target_shares is not None
    assert 0 <= decision.target_shares <= target
    assert decision.target_shares == floor_micro(decision.target_shares)
    if decision.state is CopyState.PLANNED:
        assert decision.shares is not None
        assert decision.limit_price is not None
        assert CENT <= decision.shares <= held - on_sale
        assert decision.shares == decision.shares.quantize(CENT, ROUND_DOWN)
        assert decision.limit_price % market.tick == 0
        assert market.tick <= decision.limit_price < 1
        if decision.target_shares == 0:
            assert held - on_sale - decision.shares < CENT


Situation = dict[str, Any]


def _set(**changes: Any) -> Callable[[Situation], None]:
    def change(situation: Situation) -> None:
        situation["settings"].update(changes)

    return change


def _put(key: str, value: Any) -> Callable[[Situation], None]:
    def change(situation: Situation) -> None:
        situation[key] = value

    return change


FAULTS: list[tuple[Reason, Callable[[Situation], None]]] = [
    (Reason.OWN_WALLET, _put("wallet", LEADER)),
    (Reason.COPY_OF_COPY, _put("copy_of_ours", True)),
    (Reason.BEFORE_FOLLOWING, _set(active_from=NOW)),
    (Reason.SOURCE, _put("live_source", False)),
    (Reason.BUYS_STOPPED, _put("switches", Switches(buys_stopped=True))),
    (Reason.PAUSED, _set(state=AllocationState.PAUSED)),
    (Reason.BUYS_OFF, _set(copy_buys=False)),
    (Reason.TOO_OLD, _set(max_age_seconds=1)),
    (Reason.MARKET_UNKNOWN, _put("known", False)),
    (Reason.MARKET_CLOSED, _put("closed", True)),
    (Reason.MARKET_ENDING, _set(min_seconds_to_end=60)),
    (Reason.CATEGORY, _set(blocked_categories=["sPORTS"])),
    (Reason.KEYWORD, _set(blocked_keywords=["WIN?"])),
    (Reason.LEADER_TRADE_SMALL, _set(leader_min_usdc="100.01")),
    (Reason.LEADER_TRADE_LARGE, _set(leader_max_usdc="99.99")),
    (Reason.PRICE_BAND, _set(max_price="0.49")),
    (Reason.SAME_LEADER_ORDER, _put("taken_bursts", {(TOKEN, NOW - timedelta(seconds=2))})),
    (Reason.ALREADY_IN, _set(entries="first_only")),
    (Reason.MAX_ADDS, _set(max_adds=0)),
    (Reason.BELOW_MINIMUM, _set(min_trade_usdc="11")),
    (Reason.TRADE_LIMIT, _set(max_per_trade_usdc="1")),
]


@given(st.sets(st.integers(0, len(FAULTS) - 1), min_size=1))
def test_the_first_check_that_fails_names_the_reason(chosen: set[int]) -> None:
    """Whatever else stands against a BUY, the reason is the first in the order of the rules."""
    assert faulty(chosen).reason is FAULTS[min(chosen)][0]


@pytest.mark.parametrize("place", range(len(FAULTS) - 1))
def test_each_check_comes_before_the_next(place: int) -> None:
    """Of two neighbours in the order of the rules the first names the reason."""
    assert faulty({place, place + 1}).reason is FAULTS[place][0]


def test_an_unknown_portfolio_comes_after_adds_and_before_the_minimum() -> None:
    """In proportion, and only there, the leader's value must be known and above 0."""
    following = allocation(mode="proportional", min_trade_usdc="11", below_minimum="skip")
    assert answer(trade(), following).reason is Reason.LEADER_VALUE_UNKNOWN
    assert answer(trade(), following, value="0").reason is Reason.LEADER_VALUE_UNKNOWN
    assert answer(trade(), following, value="1000000").reason is Reason.BELOW_MINIMUM
    full = books(open_buys={TOKEN: OpenBuys(1, Decimal(1))})
    adding = allocation(mode="proportional", max_adds=0)
    assert answer(trade(), adding, own=full).reason is Reason.MAX_ADDS
    assert answer(trade(), allocation()).state is CopyState.PLANNED


def faulty(chosen: set[int]) -> Decision:
    """The decision about a BUY against which all these stand."""
    situation: Situation = {
        "settings": {"mode": "fixed_amount", "fixed_amount_usdc": "10", "below_minimum": "skip", "live": True}
    }
    for fault in chosen:
        FAULTS[fault][1](situation)
    market = Market("0xmarket", Decimal("0.01"), Decimal("0.05"), category="Sports", question="Will X win?")
    market = replace(market, closed=situation.get("closed", False))
    own = books(open_buys={TOKEN: OpenBuys(1, Decimal(1))}, taken_bursts=situation.get("taken_bursts", set()))
    money = account()
    money.wallet = situation.get("wallet", money.wallet)
    decision = answer(
        trade(),
        allocation(**situation["settings"]),
        money=money,
        own=own,
        market=market if situation.get("known", True) else None,
        switches=situation.get("switches"),
        copy_of_ours=situation.get("copy_of_ours", False),
        live_source=situation.get("live_source", True),
    )
    well_made(decision, BUY_ORDER)
    return decision
