"""Payloads recorded at the exchange are read by our readers; where the archive is not there, these tests say so."""

from __future__ import annotations

from decimal import Decimal

import orjson

from schemas.enums import RejectReason, Side
from streams.venues.answers import Verdict, sort_answer
from streams.venues.reading import (
    read_balance,
    read_book,
    read_cancelled,
    read_order,
    read_own_order,
    read_page,
)
from streams.venues.trades import Settlement, fills_of
from streams.venues.user_events import events_of
from streams.venues.venue import OrderStatus
from tests.venues.recorded import recorded

OURS = "0x1234567890abcdef1234567890abcdef1234567890abcdef1234567890abcdef12"


def test_recorded_answers_to_a_post_are_sorted() -> None:
    """Accepted without a status is unknown, a refusal is one, a 500 is unknown."""
    found = recorded()
    placed = sort_answer(200, orjson.dumps(found["http_order_response_ok.json"]), {}, OURS)
    assert placed.verdict is Verdict.UNKNOWN  # no status: it is looked up
    refused = sort_answer(200, orjson.dumps(found["http_order_response_failed.json"]), {}, OURS)
    assert (refused.verdict, refused.reject_reason) == (Verdict.REJECTED, RejectReason.NOT_ENOUGH)
    broken = sort_answer(500, orjson.dumps(found["http_order_response_error_500.json"]), {}, OURS)
    assert broken.verdict is Verdict.UNKNOWN


def test_recorded_orders_are_read() -> None:
    """One by one and as a page, whatever is null in them."""
    found = recorded()
    one = read_own_order(found["http_open_order.json"])
    assert (one.status, one.side, one.original_shares, one.matched_shares, one.price) == (
        OrderStatus.OPEN, Side.BUY, Decimal(100), Decimal(25), Decimal("0.5"),
    )  # fmt: skip
    sold = read_order(found["http_open_order_sell_fok.json"])
    assert (sold.status, sold.matched_shares) == (OrderStatus.MATCHED, Decimal(50))
    rows, cursor = read_page(found["http_open_orders_page.json"])
    assert [read_own_order(row).matched_shares for row in rows] == [Decimal(0), Decimal(50)]
    assert cursor == "LTE="


def test_recorded_trades_are_read_as_fills() -> None:
    """The taker's order and each maker's, with their own prices and fees."""
    found = recorded()
    fills = fills_of([found["http_trade_report.json"]])
    assert fills[0].order_hash == OURS
    assert (fills[0].shares, fills[0].usdc, fills[0].status) == (
        Decimal(25), Decimal("12.5"), Settlement.CONFIRMED,
    )  # fmt: skip
    assert [fill.shares for fill in fills[1:]] == [Decimal(25), Decimal(5)]
    rows, _ = read_page(found["http_trades_page.json"])
    assert [fill.status for fill in fills_of(rows)] == [Settlement.MINED]


def test_recorded_balances_in_both_units_are_read() -> None:
    """Micro-units without a point, USDC with one; one allowance for all, or none."""
    found = recorded()
    whole = read_balance(found["http_balance_allowance_collateral.json"])
    assert (whole.amount, whole.allowances) == (Decimal(1000), {"": 999_999_999_000_000})
    assert read_balance(found["http_balance_allowance_no_allowance.json"]).amount == Decimal("250.5")


def test_recorded_cancellations_and_books_are_read() -> None:
    """Cancelled or not, and best prices first."""
    found = recorded()
    name = "0xb816482a1234567890abcdef1234567890abcdef1234567890abcdef12345678"
    assert read_cancelled(found["http_cancel_response_ok.json"], name)
    assert not read_cancelled(found["http_cancel_response_failed.json"], name)
    book = read_book(found["clob_book_response.json"])
    assert (book.bids[0].price, book.asks[0].price) == (Decimal("0.50"), Decimal("0.51"))
    assert book.tick is None


def test_recorded_events_of_the_user_stream_name_their_orders() -> None:
    """All that were recorded, older and newer forms: none is let go, each names the order it is about."""
    found = recorded()
    names = [name for name in found if name.startswith(("ws_user_", "user_trade", "order_"))]
    assert len(names) >= 12
    for name in names:
        events = events_of(orjson.dumps(found[name]))
        assert events, name
        assert all(event.order_hashes for event in events), name
    [trade] = events_of(orjson.dumps(found["ws_user_trade_msg.json"]))
    assert (trade.order_hashes, trade.status) == (frozenset({OURS}), Settlement.CONFIRMED)
