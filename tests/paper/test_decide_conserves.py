"""Whatever is posted in whatever order: money and shares are only moved, and nobody goes below zero."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from ops.paper.decide import decide
from ops.paper.fills import FillModel
from ops.paper.holdings import CASH, EXCHANGE_PARTIES, Holdings, Rows
from ops.paper.orders import OrderType
from ops.paper.placement import Placed, Placement, Sitting, Terms
from ops.paper.requests import Twist
from ops.paper.rules import limit_steps
from ops.paper.tokens import Book, Level, Side
from tests.paper.test_rules import posted, token

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
PEOPLE = ("0x" + "a1" * 20, "0x" + "b2" * 20)
SIDES: tuple[Side, ...] = ("BUY", "SELL")
TYPES: tuple[OrderType, ...] = ("FAK", "FOK", "GTC")
TOKEN = replace(token(Decimal("0.01"), min_buy=0, min_rest=0), last_price=Decimal("0.4567"))


@st.composite
def _placements(draw: st.DrawFn) -> list[Placement]:
    made: list[Placement] = []
    for number in range(draw(st.integers(1, 25))):
        side = draw(st.sampled_from(SIDES))
        order_type = draw(st.sampled_from(TYPES))
        shares, steps = draw(st.integers(1, 4_000)) * 10_000, draw(st.integers(1, 99))
        usdc = shares * steps // 100
        maker, taker = (usdc, shares) if side == "BUY" else (shares, usdc)
        order = posted(side, max(maker, 1), max(taker, 1), order_type)
        found = limit_steps(order, TOKEN)
        if found is None:
            continue
        person = draw(st.sampled_from(PEOPLE))
        twice = draw(st.integers(0, 9)) == 0 and bool(made)
        order_id = made[-1].order_id if twice else f"0x{number:064x}"
        rest_as = draw(st.sampled_from([None, None, None, "delayed"]))
        percent = draw(st.sampled_from([None, None, 1, 50, 99]))
        limit = Decimal(found) / 10_000
        made.append(Placement(order_id, person, person, "key", order, TOKEN, limit, Twist(rest_as, percent)))
    return made


@settings(max_examples=300, deadline=None)
@given(
    _placements(),
    st.sampled_from(list(FillModel)),
    st.dictionaries(st.sampled_from(PEOPLE), st.integers(0, 60_000_000)),
    st.lists(st.tuples(st.integers(1, 99), st.integers(1, 30_000_000)), max_size=6),
    st.booleans(),
)
def test_random_orders_conserve_money(
    placements: list[Placement],
    model: FillModel,
    cash: dict[str, int],
    levels: list[tuple[int, int]],
    lag: bool,
) -> None:
    """Promise: after any orders, deltas are the transfers, sums are zero, and nobody spent what he had not."""
    rows, terms = Rows(), Terms(model, timedelta(0), timedelta(0), timedelta(seconds=5 if lag else 0))
    holdings = Holdings(owners={person: person for person in PEOPLE})
    holdings.balances.update({(person, CASH): amount for person, amount in cash.items()})
    start = dict(holdings.balances)
    sitting = Sitting(holdings, rows, terms, NOON)
    for placement in placements:
        book = rows.books.get(TOKEN.token_id) or _book(levels)
        decide(placement, book, sitting)
    moved: Counter[tuple[str, str]] = Counter()
    for entry in rows.entries:
        amount = entry["amount"]
        assert isinstance(amount, int)
        assert amount > 0
        moved[str(entry["from_party"]), str(entry["asset"])] -= amount
        moved[str(entry["to_party"]), str(entry["asset"])] += amount
    assert {key: amount for key, amount in moved.items() if amount} == {
        key: amount for key, amount in rows.deltas.items() if amount
    }
    for asset in (CASH, TOKEN.token_id):
        assert sum(amount for (_, held), amount in rows.deltas.items() if held == asset) == 0
        for person in PEOPLE:
            held_now = start.get((person, asset), 0) + rows.deltas.get((person, asset), 0)
            assert held_now == holdings.balances.get((person, asset), 0)
            assert held_now >= holdings.held_back(person, asset) >= 0
            assert person not in EXCHANGE_PARTIES
    assert len({row["order_id"] for row in rows.orders}) == len(rows.orders)


def _book(levels: list[tuple[int, int]]) -> Book:
    sizes = dict(levels)
    asks = tuple(Level(Decimal(cents) / 100, sizes[cents]) for cents in sorted(sizes) if cents > 50)
    bids = tuple(
        Level(Decimal(cents) / 100, sizes[cents]) for cents in sorted(sizes, reverse=True) if cents <= 50
    )
    return Book(bids, asks, NOON)


def test_r01_shares_just_bought_cannot_be_sold_while_the_balance_lags() -> None:
    """Promise (R1): with a balance lag, even inside one batch, a SELL of what was just bought meets no balance."""
    person = PEOPLE[0]
    buy = Placement(
        "0x" + "1" * 64, person, person, "k", posted("BUY", 5_000_000, 10_000_000), TOKEN, Decimal("0.5")
    )
    sell = replace(buy, order_id="0x" + "2" * 64, order=posted("SELL", 10_000_000, 5_000_000))
    for lag, sold in ((timedelta(0), True), (timedelta(seconds=5), False)):
        holdings = Holdings(owners={person: person}, balances={(person, CASH): 10_000_000})
        sitting = Sitting(holdings, Rows(), Terms(FillModel.LIMIT, timedelta(0), timedelta(0), lag), NOON)
        assert isinstance(decide(buy, None, sitting), Placed)
        assert isinstance(decide(sell, None, sitting), Placed) is sold
