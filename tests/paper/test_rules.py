"""Ticks, rounding and minimums: what the SDK makes is taken with exactly its limit, what is off the grid is not."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from polymarket._internal.actions.orders.limit import _compute_limit_order_amounts
from polymarket._internal.actions.orders.market import _compute_market_order_amounts

from ops.paper.orders import OrderType, PostedOrder
from ops.paper.refusals import Refusal
from ops.paper.rules import limit_steps, refuse_amounts, refuse_expiration
from ops.paper.signing import OrderFields
from ops.paper.tokens import AMOUNT_DECIMALS, Side, Token

TICKS = sorted(AMOUNT_DECIMALS)
ID = "0x" + "ab" * 32


def token(tick: Decimal = Decimal("0.01"), min_buy: int = 1_000_000, min_rest: int = 5_000_000) -> Token:
    """A token with this tick and these minimums (micro)."""
    return Token(
        token_id="7" * 77,
        market_id="m",
        condition_id="0x" + "11" * 32,
        question="?",
        outcome="Yes",
        tick=tick,
        min_buy_micro=min_buy,
        min_rest_micro=min_rest,
        fee_rate=Decimal("0.05"),
        fee_exponent=Decimal(1),
        neg_risk=False,
        accepting_orders=True,
        closed=False,
        seconds_delay=0,
        end_at=None,
        last_price=None,
        last_side=None,
        payout_micro=None,
        resolved_at=None,
    )


def posted(
    side: Side, maker: int, taker: int, order_type: OrderType = "FAK", *, expiration: int = 0
) -> PostedOrder:
    """An order of these amounts."""
    zero = b"\x00" * 32
    fields = OrderFields(
        1, "0x" + "aa" * 20, "0x" + "aa" * 20, 7, maker, taker, 0 if side == "BUY" else 1, 0, 1, zero, zero
    )
    return PostedOrder(fields, "7", side, order_type, expiration, False, "owner", b"")


@st.composite
def _grid_prices(draw: st.DrawFn) -> tuple[Decimal, Decimal]:
    tick = draw(st.sampled_from(TICKS))
    return tick, tick * draw(st.integers(1, int(1 / tick) - 1))


@given(_grid_prices(), st.integers(1, 10_000_000), st.sampled_from(["BUY", "SELL"]))
def test_market_orders_of_the_sdk_keep_their_limit(
    grid: tuple[Decimal, Decimal], cents: int, side: Literal["BUY", "SELL"]
) -> None:
    """Promise: for every tick, price and amount the limit read from the signed amounts is the limit meant."""
    tick, price = grid
    maker, taker = _compute_market_order_amounts(
        amount=Decimal(cents) / 100, price=price, side=side, tick_size=tick
    )
    assume(taker > 0)
    # The SDK itself refuses a BUY so small that its rounding would reach over the finest tick.
    assume(side == "SELL" or maker < taker * (price + Decimal("0.0001")))
    order = posted(side, maker, taker)
    steps = limit_steps(order, token(tick))
    assert steps is not None
    assert Decimal(steps) / 10_000 == price
    assert refuse_amounts(order, ID, token(tick, min_buy=0), None) is None


@given(_grid_prices(), st.integers(500, 10_000_000), st.sampled_from(["BUY", "SELL"]))
def test_limit_orders_of_the_sdk_keep_their_limit(
    grid: tuple[Decimal, Decimal], cents: int, side: Literal["BUY", "SELL"]
) -> None:
    """Promise: likewise for orders that may rest."""
    tick, price = grid
    maker, taker = _compute_limit_order_amounts(
        price=price, size=Decimal(cents) / 100, side=side, tick_size=tick
    )
    order = posted(side, maker, taker, "GTC")
    steps = limit_steps(order, token(tick))
    assert steps is not None
    assert Decimal(steps) / 10_000 == price
    assert refuse_amounts(order, ID, token(tick), None) is None


@given(
    st.sampled_from(TICKS),
    st.integers(1, 10**12),
    st.integers(1, 10**12),
    st.sampled_from(["BUY", "SELL"]),
    st.sampled_from(["FAK", "GTC"]),
)
def test_a_limit_is_never_worse_than_what_was_signed(
    tick: Decimal, maker: int, taker: int, side: Side, order_type: OrderType
) -> None:
    """Promise: for any amounts, a BUY's limit is at most maker/taker, a SELL's at least taker/maker, on the grid."""
    steps = limit_steps(posted(side, maker, taker, order_type), token(tick))
    if steps is None:
        return
    assert steps % token(tick).tick_steps == 0
    assert 0 < steps < 10_000
    if side == "BUY":
        assert steps * taker <= maker * 10_000
    else:
        assert steps * maker <= taker * 10_000


@pytest.mark.parametrize(
    ("side", "maker", "taker", "tick", "order_type"),
    [
        ("BUY", 5_730_000, 10_000_000, "0.01", "GTC"),  # 0.573
        ("BUY", 5_730_000, 10_000_000, "0.01", "FAK"),
        ("BUY", 3_730_000, 10_000_000, "0.005", "GTC"),  # 0.373: a multiple of 0.001 only
        ("SELL", 10_000_000, 5_735_000, "0.01", "FAK"),
        ("BUY", 9_950_000, 10_000_000, "0.01", "GTC"),  # 0.995: above 1 - tick
        ("BUY", 10_000_000, 10_000_000, "0.01", "FAK"),
        ("SELL", 10_000_000, 50_000, "0.01", "FAK"),  # 0.005: below the tick
        ("SELL", 19_690_000, 4_330_000, "0.01", "FAK"),  # 4.33 instead of 4.3318
    ],
)
def test_prices_off_the_grid_are_refused(
    side: Side, maker: int, taker: int, tick: str, order_type: OrderType
) -> None:
    """Promise: a price that is no multiple of the tick, or beyond [tick, 1 - tick], has no limit."""
    assert limit_steps(posted(side, maker, taker, order_type), token(Decimal(tick))) is None


def test_decimals_and_minimums_are_refused_in_the_exchanges_words() -> None:
    """Promise: decimals, the dollar minimum of a market BUY and the share minimum of a resting order."""
    cents = token()

    def words(order: PostedOrder, market_taker_decimals: int | None = None) -> str:
        refusal = refuse_amounts(order, ID, cents, market_taker_decimals)
        assert refusal is not None
        assert refusal.status == 400
        return refusal.error

    assert words(posted("BUY", 5_001_000, 10_002_000)) == (
        "invalid amounts, the market buy orders maker amount supports a max accuracy of 2 decimals, "
        "taker amount a max of 4 decimals"
    )
    assert words(posted("BUY", 5_000_500, 10_001_000, "GTC")) == (
        "invalid amounts, the buy orders maker amount supports a max accuracy of 4 decimals, "
        "taker amount a max of 2 decimals"
    )
    assert words(posted("SELL", 10_001_000, 5_000_500)) == (
        "invalid amounts, the sell orders maker amount supports a max accuracy of 2 decimals, "
        "taker amount a max of 4 decimals"
    )
    assert words(posted("BUY", 990_000, 1_980_000)) == (
        "invalid amount for a marketable BUY order ($0.99), min size: $1"
    )
    assert words(posted("BUY", 2_495_000, 4_990_000, "GTC")) == (
        f"order {ID} is invalid. Size (4.99) lower than the minimum: 5"
    )
    assert words(posted("SELL", 4_990_000, 2_495_000, "GTD")).endswith(
        "Size (4.99) lower than the minimum: 5"
    )
    # A market SELL has no minimum: what is left of a position can always be sold.
    assert refuse_amounts(posted("SELL", 10_000, 5_000), ID, cents, None) is None


def test_the_cap_on_decimals_of_market_orders_is_a_setting() -> None:
    """Promise: with the cap of 4, reported of the real exchange, a fine-tick market BUY with 5 decimals is refused."""
    fine = token(Decimal("0.001"))
    order = posted("BUY", 9_980_000, 10_131_970)
    assert limit_steps(order, fine) == 9_850
    assert refuse_amounts(order, ID, fine, None) is None
    assert isinstance(refuse_amounts(order, ID, fine, 4), Refusal)


def test_only_gtd_carries_an_expiration() -> None:
    """Promise: GTD needs one more than a minute away; any other order with one is refused."""
    now = 1_763_800_000
    for order_type in ("GTC", "FOK", "FAK"):
        assert refuse_expiration(posted("BUY", 1, 1, order_type), now) is None
        refusal = refuse_expiration(posted("BUY", 1, 1, order_type, expiration=now + 600), now)
        assert refusal == Refusal(400, "invalid expiration")
    assert refuse_expiration(posted("BUY", 1, 1, "GTD", expiration=now + 61), now) is None
    for expiration in (0, now, now + 60, 10**15):
        assert refuse_expiration(posted("BUY", 1, 1, "GTD", expiration=expiration), now) is not None
