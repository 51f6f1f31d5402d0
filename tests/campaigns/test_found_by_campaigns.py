"""Faults that campaigns found in the trading process, each kept closed by a test of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from schemas.enums import AllocationState, CopyState, OrderState, Reason, Side, Venue
from streams.tables.bookings import OrderToBook
from streams.trading.endings import AttemptRules, Ending
from streams.trading.entries import Entries
from streams.trading.owed_exits import SellSince, Since
from streams.trading.verdicts import dropped
from streams.venues.trades import FillSeen, Settlement
from tests.rules.situations import settings

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ORDER = OrderToBook(
    order_hash="0x" + "ab" * 32, order_state=OrderState.SIGNED, proven=False, attempt=1, token_id="7" * 20,
    side=Side.BUY, account_id="M-1", copy_order_id="C-1", trade_id="0x1-0", allocation_id="A-1", user_id="U-1",
    follower="0x" + "f0" * 20, leader="0x" + "1e" * 20, venue=Venue.PAPER, number=1, traded_at=NOW, market_id="m",
    copy_state=CopyState.SUBMITTING, amount_usdc=Decimal(5), shares=None, attempts=0, filled_shares=Decimal(0),
    filled_usdc=Decimal(0), fee_usdc=Decimal(0), realised_usdc=Decimal(0), attempts_max=5,
    allocation_state=AllocationState.ACTIVE, known_market_id="m", tick=Decimal("0.01"), fee_rate=Decimal(0),
    neg_risk=False, exchange_version=2,
)  # fmt: skip


def _booked(order: OrderToBook) -> Entries:
    entries = Entries(NOW, AttemptRules((2.0,), 60.0), {}, set())
    entries.book(order, dropped(order.order_hash, Reason.PAUSED))
    return entries


def test_an_order_that_was_stopped_ends_as_long_as_it_never_went_out() -> None:
    """The usual case: signed, looked at, stopped."""
    assert [row["state"] for row in _booked(ORDER).copy_orders] == [CopyState.SKIPPED]


@pytest.mark.parametrize("state", [OrderState.SUBMITTING, OrderState.UNKNOWN, OrderState.MATCHED])
def test_an_order_that_went_out_after_all_is_not_dropped(state: OrderState) -> None:
    """Paused, stopped, resumed, found signed, posted: its fill must not be lost under the stop that was late."""
    entries = _booked(replace(ORDER, order_state=state))
    assert (entries.orders, entries.copy_orders, entries.outbox) == ([], [], [])


def test_two_late_purchases_booked_at_once_are_sold_once() -> None:
    """Campaign, seed 41: the exit order of the second sold the first one's shares again, which were another lot's."""
    sale = SellSince("C-9", Decimal(50), Decimal("0.5"), Decimal(50), Decimal("0.45"))
    since = Since((sale,), Decimal(0), settings())
    orders = [
        replace(ORDER, order_hash=name, copy_order_id=name[:5], number=number, order_state=OrderState.UNKNOWN)
        for number, name in enumerate(("0x" + "ab" * 32, "0x" + "cd" * 32), 1)
    ]
    entries = Entries(
        NOW, AttemptRules((2.0,), 60.0), {}, set(), {order.order_hash: since for order in orders}
    )
    for order, shares in zip(orders, ("5.4", "3.666666"), strict=True):
        fill = FillSeen(
            f"T{order.number}", order.order_hash, order.token_id, Decimal(shares), Decimal("0.5"),
            Decimal(shares) / 2, Decimal(0), Settlement.CONFIRMED, NOW,
        )  # fmt: skip
        entries.book(order, Ending(order.order_hash, OrderState.MATCHED, "found by its trades", (fill,)))
    assert [row["shares"] for row in entries.new_exits] == [Decimal("5.40"), Decimal("3.66")]
