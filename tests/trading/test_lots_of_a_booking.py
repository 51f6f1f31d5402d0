"""What a booking does to lots: what a late purchase owes to the leader's sales since, and each entry. No database."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from schemas.enums import AllocationState, Side
from streams.tables.bookings import OpenLot
from streams.trading.booking import Booking, Fill, empty_lot
from streams.trading.entries import Entries
from streams.trading.lot_books import book_fill, close_order, opened_by, stored
from streams.trading.owed_exits import SellSince, Since
from tests.rules.situations import settings
from tests.trading.test_entries import TOKEN, held, seen
from tests.trading.test_entry_rows import FILL, entries_of, matched
from tests.trading.test_order_ends import HASH, ending, order

D = Decimal
SOLD = SellSince("C-2", D(50), D("0.6"), D(100), D("0.52"))


def owing(on_sale: str = "0", sell: SellSince = SOLD, lot: OpenLot | None = None, **changes: Any) -> Entries:
    buy = order(Side.BUY, token_id=TOKEN, number=8, amount_usdc=D(5), **changes)
    entries = entries_of(lot or held(), {HASH: Since((sell,), D(on_sale), settings())})
    entries.book(buy, matched(seen("10")))
    return entries


def test_r06_what_the_leader_sold_of_a_late_purchase_is_sold() -> None:
    """He sold half since: half of the 10 is no target and is sold by an exit order like that SELL."""
    entries = owing()
    assert entries.touched[0].row()["target_shares"] == D(15)
    (row,) = entries.new_exits
    assert row.pop("exit_order_id").startswith("X")
    assert row == {
        "cause_kind": "late_fill", "cause_ref": FILL, "copy_order_id": "C-2", "allocation_id": "A-1",
        "account_id": "M-1", "user_id": "U-1", "venue": "paper", "token_id": TOKEN, "shares": D(5),
        "limit_price": D("0.52"), "cause": "a purchase was filled after the leader had sold",
    }  # fmt: skip


def test_r06_what_is_on_sale_already_is_not_sold_again() -> None:
    """By open SELLs, or by exit orders of the same lot in this very booking; a cent of a share is sold still."""
    assert [row["shares"] for row in owing("2").new_exits] == [D(3)]
    assert [row["shares"] for row in owing("4.99").new_exits] == [D("0.01")]
    assert owing("5").new_exits == []
    entries = owing()
    other = "0x" + "cd" * 32
    entries.new_exits += [
        {"allocation_id": "A-1", "token_id": "8", "shares": D(100)},
        {"allocation_id": "A-2", "token_id": TOKEN, "shares": D(100)},
    ]
    entries.since = {other: Since((SOLD,), D(0), settings())}
    again = replace(seen("10", name="T-2"), order_hash=other)
    entries.book(order(Side.BUY, token_id=TOKEN, number=9, order_hash=other), matched(again))
    assert (entries.touched[0].row()["target_shares"], entries.new_exits[-1]["shares"]) == (D(20), D(5))


def test_r11_an_ended_following_sells_nothing_by_itself() -> None:
    """The target is lowered, the rest is by hand; without a fill nothing is owed."""
    ended = owing(allocation_state=AllocationState.ENDED)
    assert (ended.touched[0].row()["target_shares"], ended.new_exits) == (D(15), [])
    entries = entries_of(held(), {HASH: Since((SOLD,), D(0), settings())})
    entries.book(order(Side.BUY, token_id=TOKEN), ending())
    assert (entries.touched[0].row()["target_shares"], entries.new_exits) == (D(10), [])


def test_r06_a_limit_that_was_never_planned_is_on_the_markets_grid() -> None:
    """The order's tick, else the one kept with the lot."""
    nothing_planned, coarse = replace(SOLD, limit_price=None), held(tick=D("0.1"))
    assert owing(sell=nothing_planned, lot=coarse).new_exits[0]["limit_price"] == D("0.55")
    assert owing(sell=nothing_planned, lot=coarse, tick=None).new_exits[0]["limit_price"] == D("0.6")


def test_a_lot_keeps_an_entry_of_each_change_and_how_it_ended() -> None:
    """A change of one column alone is an entry; none of any is not."""
    for changed in ("shares", "cost_usdc", "realised_usdc", "fee_usdc"):
        lot = stored(held())
        lot.take("taken_back", "r", Booking(lot.held, **{changed: D(2)}))
        amounts = {"shares": D(0), "cost_usdc": D(0), "realised_usdc": D(0), "fee_usdc": D(0)} | {
            changed: D(2)
        }
        assert lot.entries == [{"cause": "taken_back", "ref": "r"} | amounts]
        assert (lot.realised_usdc, lot.fees_usdc) == (
            D("0.5") + amounts["realised_usdc"],
            D("0.25") + amounts["fee_usdc"],
        )
        assert lot.closed_by is None
    lot = stored(held())
    lot.take("buy", "r", Booking(lot.held))
    assert lot.entries == []
    for cause, closed_by in (("sell", "sold"), ("payout", "resolved"), ("dust", "dust")):
        lot.take(cause, "r", Booking(None))
        row = lot.row()
        assert (row["closed_by"], row["shares"], row["cost_usdc"], row["target_shares"]) == (
            closed_by,
            0,
            0,
            0,
        )
        assert row["adds"] == 2


def test_a_fill_of_a_sale_takes_no_more_than_the_lot_holds() -> None:
    """The money is what came in, its fee the fill's own; the same number of shares is no more."""
    for shares, usdc in (("12", "6"), ("10", "5")):
        lot = stored(held())
        booking = book_fill(lot, Side.SELL, Fill(D(shares), D(usdc), D("0.5"), D("0.3")), D(0), "r")
        assert (booking.shares, booking.cash_usdc, booking.fee_usdc) == (D(-10), D(usdc) - D("0.3"), D("0.3"))
        assert [(entry["cause"], entry["ref"]) for entry in lot.entries] == [("sell", "r")]
        assert close_order(lot, Side.SELL, "0xh", filled=True, opened_lot=False) == Booking(
            None, -D(0), -D(0)
        )
        assert close_order(lot, Side.SELL, "0xh", filled=True, opened_lot=False) == Booking(None)
        assert lot.closed_by == "sold"


def test_a_fill_whose_fee_nobody_reports_costs_by_the_rate() -> None:
    """Shares × rate × p × (1 − p) of what is sold; what is copied leaves the target."""
    lot, rate = stored(held()), D("0.1")
    assert lot.held is not None
    assert lot.held.market_id == "m"
    assert book_fill(lot, Side.BUY, Fill(D(4), D(2), D("0.5")), rate, "r").fee_usdc == D("0.1")
    assert book_fill(lot, Side.SELL, Fill(D(4), D(2), D("0.5")), rate, "r").fee_usdc == D("0.1")
    assert (lot.held.shares, lot.held.target_shares) == (D(10), D(14))
    assert book_fill(lot, Side.SELL, Fill(D(12), D(6), D("0.5")), rate, "r").fee_usdc == D("0.25")


def test_a_purchase_of_dust_alone_leaves_an_ended_lot_without_adds() -> None:
    """The lot it opened was empty and of its market."""
    lot = opened_by(order(Side.BUY, token_id=TOKEN), D(0))
    assert (lot.held, lot.lot_id, lot.fees_usdc) == (empty_lot("m"), None, D(0))
    lot.take("dust", "r", Booking(None))
    assert (lot.row()["adds"], lot.row()["closed_by"]) == (0, "dust")
