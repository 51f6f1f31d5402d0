"""What holds at every instant of any run: limits, money, lots, one answer per trade and allocation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import cycle

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.allocations import AllocationSettings
from schemas.enums import Side, TradeKind
from schemas.money import EXACT, ZERO, floor_cents, floor_micro
from schemas.trades import TradeSeen
from streams.copy_execution.inputs import Account, LeaderValue, Market
from streams.trading.booking import Fill
from streams.what_if.events import MarketResolved
from streams.what_if.fill_models import FillModel, Order, fills_of
from streams.what_if.following import Following
from streams.what_if.run import Run
from tests.rules.chances import any_settings, markets, message_runs
from tests.rules.situations import (
    FOLLOWER,
    LEADER,
    MARKET,
    NOW,
    OTHER_TOKEN,
    TOKEN,
    account,
    allocation,
    message,
)

SECOND_LEADER = "0x" + "2e" * 20
# Less than the largest budgets, so that cash binds too.
START = Decimal(60)


class Moody:
    """Fills a drawn part of each order at a drawn price within its limit, and looks at the books while it is open."""

    def __init__(self, moods: Iterator[tuple[int, int]]) -> None:
        self._moods = moods
        self.followings: list[Following] = []

    def fill(self, order: Order) -> tuple[Fill, ...]:
        within_limits(self.followings)
        part, better = next(self._moods)
        taken = floor_cents(order.quantity * part / 4)
        room = order.limit if order.side is Side.BUY else 1 - order.limit
        step = floor_micro(EXACT.divide(room * better, Decimal(10)))
        price = order.limit - step if order.side is Side.BUY else order.limit + step
        if taken == 0 or not 0 < price < 1:
            return ()
        if order.side is Side.BUY:
            return (Fill(floor_micro(EXACT.divide(taken, price)), taken, price),)
        return (Fill(taken, floor_micro(EXACT.multiply(taken, price)), price),)

    def best_bid(self, order: Order) -> Decimal:
        return order.limit


def within_limits(followings: list[Following]) -> None:
    for following in followings:
        chosen, books = following.allocation.settings, following.books
        assert chosen.budget_usdc is not None
        assert books.at_work_usdc <= chosen.budget_usdc
        if chosen.max_loss_usdc is not None:
            # Were all that is at work lost at once, it would still be within the bound (SAFETY R3).
            assert books.realised_usdc - books.at_work_usdc >= -chosen.max_loss_usdc
        if chosen.max_per_market_usdc is not None:
            assert all(used <= chosen.max_per_market_usdc for used in books.market_at_work.values())
        if chosen.max_per_day_usdc is not None:
            assert all(spent <= chosen.max_per_day_usdc for spent in following.spent.values())
        assert following.account.cash_usdc >= following.account.reserved_usdc >= 0


def add_up(followings: list[Following]) -> None:
    """Totals are the sums of their parts, and cash is what came less what is in lots."""
    cash = START
    for following in followings:
        books = following.books
        cost = sum((lot.cost_usdc for lot in books.lots.values()), ZERO)
        assert books.open_buys == {}
        assert books.at_work_usdc == cost == sum(books.market_at_work.values(), ZERO)
        cash += books.realised_usdc - cost
        for lot in books.lots.values():
            assert lot.shares >= Decimal("0.01")
            assert lot.cost_usdc >= 0
            assert lot.target_shares >= 0
            assert lot.selling_shares == 0
    assert followings[0].account.cash_usdc == cash
    assert followings[0].account.reserved_usdc == 0


@settings(max_examples=300, deadline=None)
@given(
    messages=message_runs((LEADER, SECOND_LEADER)),
    first=any_settings(),
    second=any_settings(),
    market=markets(),
    other=markets("0xother"),
    moods=st.lists(st.tuples(st.sampled_from([4, 4, 3, 1, 0]), st.integers(0, 9)), min_size=1, max_size=8),
)
def test_limits_hold_at_every_instant(
    *,
    messages: list[TradeSeen],
    first: AllocationSettings,
    second: AllocationSettings,
    market: Market,
    other: Market,
    moods: list[tuple[int, int]],
) -> None:
    """Two followings of one purse, any fills: spend stays within every limit while orders are open and after, books
    add up to the micro, each trade has one answer per allocation."""
    purse = Account(FOLLOWER, START)
    one = replace(allocation(), settings=first)
    two = replace(allocation(), settings=second, allocation_id="A-2", leader=SECOND_LEADER)
    followings = [Following(one, purse), Following(two, purse)]
    fills = Moody(cycle(moods))
    fills.followings = followings
    values = {LEADER: Decimal(2000), SECOND_LEADER: Decimal(50)}
    run = Run(followings, {TOKEN: market, OTHER_TOKEN: other}, {}, fills, timedelta(seconds=1))
    answered: Counter[tuple[str, str]] = Counter()
    for each in messages:
        run.leader_values = {key: value_now(usdc, each) for key, usdc in values.items()}
        copies = run.take(each)
        answered.update((copy.trade_id, copy.allocation_id) for copy in copies)
        within_limits(followings)
        add_up(followings)
    trades = {each.trade_id for each in messages if each.kind is TradeKind.TRADE}
    assert {trade_id for trade_id, _ in answered} == trades
    assert set(answered.values()) <= {1}


def value_now(usdc: Decimal, message: TradeSeen) -> LeaderValue:
    return LeaderValue(usdc, message.traded_at)


@settings(max_examples=200, deadline=None)
@given(
    message_runs(),
    any_settings(),
    st.sampled_from([Decimal(payout) for payout in ("0", "0.3", "1")]),
    st.integers(0, 25),
)
def test_r03_no_run_loses_more_than_its_bound(
    messages: list[TradeSeen], chosen: AllocationSettings, payout: Decimal, resolved_after: int
) -> None:
    """Whatever fills and payouts come, the value at the start less that in the end is at most ``max_loss_usdc``."""
    bound = chosen.max_loss_usdc or Decimal(50)
    bounded = chosen.model_copy(update={"max_loss_usdc": bound})
    following = Following(replace(allocation(), settings=bounded), account(str(START)))
    run = Run([following], {TOKEN: MARKET, OTHER_TOKEN: MARKET}, {}, fills_of(FillModel.LIMIT), timedelta(0))
    for number, each in enumerate(messages):
        run.take(each)
        if number == resolved_after:
            for token_id in (TOKEN, OTHER_TOKEN):
                following.settle(token_id, payout)
    for token_id in (TOKEN, OTHER_TOKEN):
        following.settle(token_id, ZERO)
    assert START - following.account.cash_usdc <= bound


def test_r03_twenty_lost_markets_in_a_row() -> None:
    """A budget frees itself with every lost lot; the bound of loss does not."""
    following = Following(allocation(multiplier="1", max_loss_usdc="100"), account("700"))
    tokens = [str(n) * 35 for n in range(11, 31)]
    markets_of = {token: replace(MARKET, market_id=f"m-{token[:2]}") for token in tokens}
    run = Run([following], markets_of, {}, fills_of(FillModel.LIMIT), timedelta(0))
    for number, token in enumerate(tokens):
        run.take(message(f"t-{number}", Side.BUY, "60", token_id=token, at=NOW + timedelta(minutes=number)))
        run.take(MarketResolved(markets_of[token].market_id, {token: ZERO}))
    lost = 700 - following.account.cash_usdc
    assert Decimal(97) < lost <= 100


def test_the_same_topic_again_changes_nothing() -> None:
    """Messages that come again yield no copy order and leave the books alone."""
    following = Following(allocation(), account(str(START)))
    run = Run([following], {TOKEN: MARKET}, {}, fills_of(FillModel.LIMIT), timedelta(seconds=1))
    messages = [
        message(str(n), Side.BUY if n % 3 else Side.SELL, "50", at=NOW + timedelta(minutes=n))
        for n in range(1, 9)
    ]
    assert [copy.trade_id for each in messages for copy in run.take(each)] == [str(n) for n in range(1, 9)]
    before = (following.account.cash_usdc, dict(following.books.lots))
    assert [copy for each in messages for copy in run.take(each)] == []
    assert (following.account.cash_usdc, following.books.lots) == before
