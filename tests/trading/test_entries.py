"""Orders that are over, turned into the rows of one booking: lots, cash, and what is missing. No database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from ops.simulation import ground
from schemas.enums import OrderState, Side
from streams.tables.bookings import OpenLot, OrderToBook
from streams.tables.hands import HandToBook, by_hand
from streams.trading.entries import Entries
from streams.trading.lot_books import LotBook, opened_by, stored
from streams.venues.trades import FillSeen, Settlement
from tests.trading.test_order_ends import HASH, NOW, RULES, ending, order

D = Decimal
TOKEN = "7"


def seen(shares: str, price: str = "0.5", *, name: str = "T-1", rate: str | None = "0") -> FillSeen:
    usdc = (D(shares) * D(price)).quantize(D("0.000001"))
    charged = None if rate is None else D(rate)
    return FillSeen(name, HASH, TOKEN, D(shares), D(price), usdc, charged, Settlement.MATCHED, NOW)


def held(shares: str = "10", cost: str = "4", target: str = "10", **changes: Any) -> OpenLot:
    columns = {
        "lot_id": 9, "allocation_id": "A-1", "account_id": "M-1", "user_id": "U-1", "token_id": TOKEN,
        "market_id": "m", "shares": D(shares), "cost_usdc": D(cost), "target_shares": D(target), "adds": 2,
        "realised_usdc": D("0.5"), "fees_usdc": D("0.25"), "applied_number": 3, "opened_traded_at": NOW,
        "tick": D("0.01"), "fee_rate": D("0.05"), "bought_seconds_ago": 7.0,
    }  # fmt: skip
    return ground.made(OpenLot, columns | changes)


def booked(of: OrderToBook, *fills: FillSeen, lot: OpenLot | None = None) -> Entries:
    lots = {} if lot is None else {(of.allocation_id, TOKEN): stored(lot)}
    entries = Entries(NOW, RULES, lots, set())
    entries.book(of, ending(OrderState.MATCHED, fills=fills))
    return entries


def test_a_lot_is_stored_as_it_was_loaded() -> None:
    """Every column comes back; only what the entries changed differs."""
    lot = held()
    row = stored(lot).row()
    assert row == {
        "allocation_id": "A-1", "account_id": "M-1", "user_id": "U-1", "token_id": TOKEN, "market_id": "m",
        "adds": 2, "opened_traded_at": NOW, "tick": D("0.01"), "fee_rate": D("0.05"), "neg_risk": False,
        "exchange_version": 2, "lot_id": 9, "shares": D(10), "cost_usdc": D(4), "target_shares": D(10),
        "realised_usdc": D("0.5"), "fees_usdc": D("0.25"), "applied_number": 3, "closed_by": None,
    }  # fmt: skip
    assert stored(lot).bought_seconds_ago == 7.0


def test_the_first_fill_opens_a_lot_with_the_market_as_it_is() -> None:
    """Price step, fee rate and market of now; where nobody knows them, the finest step and the token's name."""
    buy = order(Side.BUY, token_id=TOKEN, number=8)
    row = opened_by(buy, D("0.05")).row()
    named = (
        "lot_id",
        "market_id",
        "tick",
        "fee_rate",
        "neg_risk",
        "exchange_version",
        "applied_number",
        "adds",
    )
    assert [row[name] for name in named] == [None, "m", D("0.01"), D("0.05"), False, 2, 8, 0]
    assert (row["opened_traded_at"], row["shares"], row["cost_usdc"], row["realised_usdc"]) == (NOW, 0, 0, 0)
    owner = ("allocation_id", "account_id", "user_id", "token_id")
    assert [row[name] for name in owner] == ["A-1", "M-1", "U-1", TOKEN]
    unknown = replace(
        buy, known_market_id=None, market_id=None, tick=None, exchange_version=None, neg_risk=True
    )
    row = opened_by(unknown, D(0)).row()
    assert (row["market_id"], row["tick"], row["neg_risk"], row["exchange_version"]) == (
        TOKEN,
        D("0.001"),
        True,
        2,
    )
    assert (
        opened_by(replace(unknown, market_id="other", exchange_version=3), D(0)).columns["market_id"]
        == "other"
    )


def test_a_purchase_by_hand_is_nobodys_copy() -> None:
    """Its lot has no allocation, and its account's name stands for one."""
    columns = {name: getattr(order(Side.BUY), name) for name in OrderToBook.__dataclass_fields__}
    hand = HandToBook(**columns | {"allocation_id": by_hand("M-1"), "token_id": TOKEN})
    entries = booked(hand, seen("4"))
    assert [lot.row()["allocation_id"] for lot in entries.touched] == [None]
    assert (entries.hand_orders[0]["state"], entries.copy_orders, entries.outbox) == ("partial", [], [])


def test_a_purchase_adds_to_its_lot() -> None:
    """Shares, cost with the fee, target, one more add, the number of its trade; the money goes."""
    buy = order(Side.BUY, token_id=TOKEN, number=8)
    entries = booked(buy, seen("5", rate="0.1"), lot=held())
    (lot,) = entries.touched
    row = lot.row()
    assert (row["shares"], row["cost_usdc"], row["target_shares"]) == (D(15), D("6.625"), D(15))
    assert (row["adds"], row["applied_number"], row["fees_usdc"]) == (3, 8, D("0.375"))
    assert [(entry["cause"], entry["ref"], entry["shares"], entry["cost_usdc"]) for entry in lot.entries] == [
        ("buy", f"T-1:{HASH}", D(5), D("2.625"))
    ]
    assert entries.cash_rows() == [{"account_id": "M-1", "usdc": D("-2.625")}]
    assert (entries.shortfalls, entries.stops) == ([], [])


def test_a_sale_takes_its_part_and_ends_the_lot_it_empties() -> None:
    """Half of it: half of the cost; all of it: ended as sold, with its result; the leftover of dust is written off."""
    entries = booked(order(shares=D(5), token_id=TOKEN), seen("5", "0.6"), lot=held())
    (lot,) = entries.touched
    assert (lot.row()["shares"], lot.row()["cost_usdc"], lot.row()["realised_usdc"]) == (D(5), D(2), D("1.5"))
    assert (lot.row()["closed_by"], lot.row()["target_shares"], lot.row()["adds"]) == (None, D(10), 2)
    (sold,) = booked(order(token_id=TOKEN), seen("10", "0.6"), lot=held()).touched
    assert (sold.row()["closed_by"], sold.held, sold.realised_usdc) == ("sold", None, D("2.5"))
    (dust,) = booked(order(token_id=TOKEN), seen("9.995", "0.6"), lot=held()).touched
    assert (dust.row()["closed_by"], dust.row()["shares"], dust.row()["adds"]) == ("dust", 0, 2)
    assert [(entry["cause"], entry["ref"]) for entry in dust.entries] == [
        ("sell", f"T-1:{HASH}"),
        ("dust", HASH),
    ]
    assert sum(entry["shares"] for entry in dust.entries) == D(-10)


def test_what_its_owner_sells_by_hand_shrinks_the_target() -> None:
    """Half is sold: the target is half as well, so that the leader's next sale sells its part of the rest."""
    columns = {name: getattr(order(shares=D(5)), name) for name in OrderToBook.__dataclass_fields__}
    (lot,) = booked(HandToBook(**columns | {"token_id": TOKEN}), seen("5"), lot=held()).touched
    assert lot.row()["target_shares"] == D(5)


def test_the_rate_of_a_fee_is_the_fills_own_then_the_markets_then_the_lots() -> None:
    """Where nobody knows it, there is none."""
    sale = order(shares=D(5), token_id=TOKEN)
    fees = [
        booked(sale, seen("5", rate="0.2"), lot=held()).fills[0]["fee_usdc"],
        booked(replace(sale, fee_rate=D("0.1")), seen("5", rate=None), lot=held()).fills[0]["fee_usdc"],
        booked(replace(sale, fee_rate=None), seen("5", rate=None), lot=held()).fills[0]["fee_usdc"],
        booked(replace(sale, fee_rate=None), seen("5", rate=None)).fills[0]["fee_usdc"],
    ]
    assert fees == [D("0.25"), D("0.125"), D("0.0625"), D(0)]


@pytest.mark.parametrize(
    ("there", "missing"), [(None, "10"), ("4", "6"), ("9.5", "0.5"), ("10", None), ("12", None)]
)
def test_r14_a_sale_of_what_was_taken_back_is_a_shortfall(there: str | None, missing: str | None) -> None:
    """The purchase was taken back while its sale was out, so the sale is booked after: the money came in, the shares
    are missing, live BUYs stop, its owner is told; the lot never falls below 0."""
    entries = booked(order(token_id=TOKEN), seen("10"), lot=None if there is None else held(there))
    assert entries.cash_rows() == [{"account_id": "M-1", "usdc": D(5)}]
    fill = {"fill_id": f"T-1:{HASH}", "account_id": "M-1", "token_id": TOKEN}
    if missing is None:
        assert (entries.shortfalls, entries.stops) == ([], [])
        return
    assert entries.shortfalls == [fill | {"shares": D(missing)}]
    assert entries.stops == [{"account_id": "M-1", "cause": "shortfall", "ref": fill["fill_id"]}]
    told = [each for each in entries.notifications if each["kind"] == "shortfall"]
    assert [(each["user_id"], each["event"], each["body"]["shares"]) for each in told] == [
        ("U-1", fill["fill_id"], missing)
    ]
    assert all(lot.row()["shares"] == 0 for lot in entries.touched)


def test_a_fill_is_booked_once_and_a_later_one_is_late() -> None:
    """The same ending again does nothing; one with a fill more books that fill, and says that it came late."""
    sale, lots = order(token_id=TOKEN, shares=D(8)), {("A-1", TOKEN): stored(held())}
    entries = Entries(NOW + timedelta(seconds=1), RULES, lots, {f"T-1:{HASH}"})
    over = replace(sale, proven=True, order_state=OrderState.KILLED)
    entries.book(over, ending(OrderState.MATCHED, fills=(seen("5"),)))
    assert (entries.fills, entries.cash_entries, entries.orders) == ([], [], [])
    entries.book(over, ending(OrderState.MATCHED, fills=(seen("5"), seen("3", name="T-2"))))
    assert [fill["fill_id"] for fill in entries.fills] == [f"T-2:{HASH}"]
    assert [(row["shares"], row["usdc"]) for row in entries.late_fills] == [(D(3), D("1.5"))]
    assert [stop["cause"] for stop in entries.stops] == ["late_fill"]
    assert entries.orders[0]["state"] == "killed"


def test_a_lot_that_has_ended_is_opened_anew_by_a_purchase() -> None:
    """What was sold out in the same booking is no lot any more."""
    lots: dict[tuple[str, str], LotBook] = {("A-1", TOKEN): stored(held())}
    entries = Entries(NOW, RULES, lots, set())
    entries.book(order(token_id=TOKEN), ending(OrderState.MATCHED, fills=(seen("10"),)))
    again = order(Side.BUY, token_id=TOKEN, number=9)
    entries.book(again, ending(OrderState.MATCHED, fills=(seen("4", name="T-2"),)))
    assert [lot.row()["shares"] for lot in entries.touched] == [0, D(4)]
    assert [lot.row()["closed_by"] for lot in entries.touched] == ["sold", None]
