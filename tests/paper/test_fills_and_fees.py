"""Fill models and the fee formula, against their definitions."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops.paper.fees import fee_micro
from ops.paper.fills import FillModel, Match, Wish, depleted, match, shares_for, usdc_of
from ops.paper.tokens import Book, Level

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
PRICES = st.decimals("0.0001", "0.9999", places=4) | st.decimals(
    "0.00000000000000000001", "0.99999999999999999999", places=20
)
AMOUNTS = st.integers(1, 10**12)


def _book(bids: list[tuple[str, int]], asks: list[tuple[str, int]]) -> Book:
    def levels(side: list[tuple[str, int]]) -> tuple[Level, ...]:
        return tuple(Level(Decimal(price), shares * 1_000_000) for price, shares in side)

    return Book(levels(bids), levels(asks), NOON)


@given(AMOUNTS, st.decimals("0.0001", "0.9999", places=4))
def test_a_buy_spends_exactly_what_it_says(usdc: int, price: Decimal) -> None:
    """Promise: size × price of a BUY's fill, to the nearest micro, is what was spent; never a micro-share too many."""
    shares = shares_for(usdc, price)
    assert usdc_of(shares, price) == usdc
    exact = Fraction(usdc) / Fraction(price)
    assert 0 <= shares - exact + 1 <= 2


@given(AMOUNTS, PRICES, st.decimals("0", "1", places=4))
def test_fees_follow_the_formula(shares: int, price: Decimal, rate: Decimal) -> None:
    """Promise: C · rate · p · (1 − p), half up to five decimals, at least 0.00001 where there is a rate."""
    exact = Fraction(shares, 10**6) * Fraction(rate) * Fraction(price) * (1 - Fraction(price))
    rounded = int(exact * 10**5 + Fraction(1, 2)) * 10
    assert fee_micro(shares, price, rate) == (max(rounded, 10) if rate > 0 else 0)


@pytest.mark.parametrize(
    ("shares", "price", "rate", "exponent", "fee"),
    [
        ("100", "0.50", "0.07", "1", "1.75"),  # the exchange's own examples
        ("100", "0.50", "0.05", "1", "1.25"),
        ("100", "0.50", "0", "1", "0"),
        ("0.01", "0.01", "0.04", "1", "0.00001"),
        ("100", "0.50", "0.07", "2", "0.4375"),
        ("100", "0.36", "0.05", "0.5", "2.4"),  # R33: an exponent below 1 makes fees larger
    ],
)
def test_known_fees(shares: str, price: str, rate: str, exponent: str, fee: str) -> None:
    """Promise: worked examples, with the exponent of the market."""
    micro = int(Decimal(shares) * 1_000_000)
    assert fee_micro(micro, Decimal(price), Decimal(rate), Decimal(exponent)) == Decimal(fee) * 1_000_000


def test_limit_fills_whole_at_the_limit() -> None:
    """Promise: `limit` is pessimistic and the same every time."""
    buy = Wish("BUY", "usdc", 10_000_000, Decimal("0.57"))
    assert match(FillModel.LIMIT, buy, Decimal("0.1"), None) == [Match(buy.limit, 17_543_859, 10_000_000)]
    sell = Wish("SELL", "shares", 17_540_000, Decimal("0.6"))
    assert match(FillModel.LIMIT, sell, None, None) == [Match(sell.limit, 17_540_000, 10_524_000)]


@pytest.mark.parametrize(("amount", "half"), [(10_000_000, 5_000_000), (10_010_000, 5_000_000), (10_000, 0)])
def test_limit_half_fills_half_down_to_a_hundredth(amount: int, half: int) -> None:
    """Promise: `limit_half` is the model of the vectors: half, rounded down to 0.01; of 0.01 nothing."""
    [*fills] = match(FillModel.LIMIT_HALF, Wish("SELL", "shares", amount, Decimal("0.5")), None, None)
    assert [fill.shares for fill in fills] == ([half] if half else [])


def test_last_trade_fills_at_the_last_price_if_that_is_no_worse() -> None:
    """Promise: better than the limit: at the last price; worse or unknown: not at all."""
    buy = Wish("BUY", "usdc", 1_000_000, Decimal("0.50"))
    sell = Wish("SELL", "shares", 1_000_000, Decimal("0.50"))
    last = FillModel.LAST_TRADE
    assert [fill.price for fill in match(last, buy, Decimal("0.4"), None)] == [Decimal("0.4")]
    assert [fill.price for fill in match(last, sell, Decimal("0.6"), None)] == [Decimal("0.6")]
    assert match(last, buy, Decimal("0.51"), None) == match(last, sell, Decimal("0.49"), None) == []
    assert match(last, buy, None, None) == []


def test_a_book_is_walked_from_its_best_level_and_loses_what_was_taken() -> None:
    """Promise: `book` takes the best levels first, up to the limit, and the next order finds the rest."""
    book = _book([("0.52", 20), ("0.50", 10)], [("0.54", 7), ("0.60", 5), ("0.70", 100)])
    buy = Wish("BUY", "usdc", 5_000_000, Decimal("0.60"))
    fills = match(FillModel.BOOK, buy, None, book)
    assert fills == [
        Match(Decimal("0.54"), 7_000_000, 3_780_000),
        Match(Decimal("0.60"), 2_033_333, 1_220_000),
    ]
    left = depleted(book, "BUY", fills)
    assert left.asks == (Level(Decimal("0.60"), 2_966_667), Level(Decimal("0.70"), 100_000_000))
    assert left.bids == book.bids
    again = match(FillModel.BOOK, buy, None, left)
    assert sum(fill.usdc for fill in again) == 1_780_000
    sell = Wish("SELL", "shares", 25_000_000, Decimal("0.51"))
    assert match(FillModel.BOOK, sell, None, book) == [Match(Decimal("0.52"), 20_000_000, 10_400_000)]
    assert match(FillModel.BOOK, buy, None, None) == []


@given(
    st.lists(st.tuples(PRICES, AMOUNTS), max_size=6),
    AMOUNTS,
    st.decimals("0.0001", "0.9999", places=4),
    st.booleans(),
)
def test_a_walk_never_exceeds_wish_limit_or_level(
    levels: list[tuple[Decimal, int]], amount: int, limit: Decimal, buys: bool
) -> None:
    """Promise: never more than wished, never beyond the limit, never more than a level holds."""
    merged = {price: Level(price, shares) for price, shares in levels}
    ordered = tuple(merged[price] for price in sorted(merged, reverse=not buys))
    book = Book((), ordered, NOON) if buys else Book(ordered, (), NOON)
    wish = Wish("BUY", "usdc", amount, limit) if buys else Wish("SELL", "shares", amount, limit)
    fills = match(FillModel.BOOK, wish, None, book)
    assert sum(fill.usdc if buys else fill.shares for fill in fills) <= amount
    for fill in fills:
        assert fill.shares <= merged[fill.price].shares
        assert fill.price <= limit if buys else fill.price >= limit
        assert fill.usdc == int((fill.shares * fill.price).to_integral_value(ROUND_HALF_UP))
