"""Every row of one booking: what is stored, what goes out as a message, and what its owner is told. No database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from schemas.copies import CopyFinished
from schemas.enums import CopyState, OrderState, Reason, RejectReason, Side, Venue
from streams.tables.bookings import OpenLot, OrderToBook
from streams.tables.exits import ExitToBook
from streams.tables.hands import HandToBook, by_hand
from streams.trading.endings import After, Ending
from streams.trading.entries import Entries
from streams.trading.lot_books import stored
from streams.trading.owed_exits import Since
from streams.venues.trades import FillSeen, Settlement
from tests.trading.test_entries import TOKEN, held, seen
from tests.trading.test_order_ends import HASH, NOW, RULES, ending, order

D = Decimal
FOLLOWER = "0x" + "f0" * 20
LEADER = "0x" + "1e" * 20
FILL = f"T-1:{HASH}"


def entries_of(lot: OpenLot | None = None, since: Mapping[str, Since] | None = None) -> Entries:
    lots = {} if lot is None else {("A-1", TOKEN): stored(lot)}
    return Entries(NOW, RULES, lots, set(), since or {})


def like(kind: type[OrderToBook], of: OrderToBook, **more: Any) -> Any:
    columns = {name: getattr(of, name) for name in OrderToBook.__dataclass_fields__}
    return kind(**columns | more)


def exit_of(of: OrderToBook) -> ExitToBook:
    made: ExitToBook = like(ExitToBook, of, like_copy_order_id="C-9", cause_kind="late_fill")
    return made


def hand_of(of: OrderToBook) -> HandToBook:
    made: HandToBook = like(HandToBook, of, allocation_id=by_hand("M-1"))
    return made


def matched(*fills: FillSeen, state: OrderState = OrderState.MATCHED, **more: Any) -> Ending:
    return ending(state, fills=fills, **more)


def second_attempt(**changes: Any) -> OrderToBook:
    of = order(token_id=TOKEN, shares=D(5), filled_shares=D(2), filled_usdc=D(1), number=8, attempts=1)
    usual: dict[str, Any] = {"fee_usdc": D("0.1"), "realised_usdc": D("0.3"), "follower": FOLLOWER}
    return replace(of, **usual | changes)


def test_a_sale_in_two_fills_is_booked_row_by_row() -> None:
    """The order's own sums in its row; in the copy order's, the message and the notice those of all attempts."""
    entries, sale = entries_of(held()), second_attempt()
    entries.book(
        sale, matched(seen("1", "0.6", rate="0.1"), seen("2", "0.6", name="T-2", rate="0.1"), words="w")
    )
    sums = {"shares": D(3), "usdc": D("1.8"), "fee_usdc": D("0.072")}
    assert entries.orders == [
        {
            "order_hash": HASH, "state": "matched", "cause": "a cause", "words": "w", "reject_reason": None,
            "trade_ids": "T-1,T-2", **sums,
        }
    ]  # fmt: skip
    assert entries.copy_orders == [
        {
            "copy_order_id": "C-1", "state": "filled", "cause": "a cause", "reason": None, "reject_reason": None,
            "attempts": 2, "next_attempt_seconds": None, "filled_shares": D(5), "filled_usdc": D("2.8"),
            "fee_usdc": D("0.172"), "realised_usdc": D("0.828"), "ended": True,
        }
    ]  # fmt: skip
    first = {
        "fill_id": FILL, "order_hash": HASH, "account_id": "M-1", "side": "SELL", "token_id": TOKEN,
        "shares": D(1), "usdc": D("0.6"), "price": D("0.6"), "fee_usdc": D("0.024"), "status": "MATCHED",
        "matched_at": NOW,
    }  # fmt: skip
    changed = {"fill_id": f"T-2:{HASH}", "shares": D(2), "usdc": D("1.2"), "fee_usdc": D("0.048")}
    assert entries.fills == [first, first | changed]
    assert entries.cash_entries == [
        {"account_id": "M-1", "cause": "sell", "ref": FILL, "usdc": D("0.576")},
        {"account_id": "M-1", "cause": "sell", "ref": f"T-2:{HASH}", "usdc": D("1.152")},
    ]
    assert entries.cash_rows() == [{"account_id": "M-1", "usdc": D("1.728")}]
    (sent,) = entries.outbox
    assert (sent["topic"], sent["key"]) == ("copy_results", FOLLOWER)
    assert CopyFinished.decode(sent["value"]) == CopyFinished(
        copy_order_id="C-1", trade_id="t", allocation_id="A-1", user_id="U-1", follower=FOLLOWER, leader=LEADER,
        venue=Venue.PAPER, side=Side.SELL, token_id=TOKEN, state=CopyState.FILLED, usdc=D("2.8"), shares=D(5),
        fee_usdc=D("0.172"), realised_usdc=D("0.828"), finished_at=NOW,
    )  # fmt: skip
    body = {
        "copy_order_id": "C-1", "allocation_id": "A-1", "side": "SELL", "token_id": TOKEN, "state": "filled",
        "reason": None, "reject_reason": None, "shares": "5", "usdc": "2.8",
    }  # fmt: skip
    assert entries.notifications == [{"user_id": "U-1", "kind": "copy_filled", "event": "C-1", "body": body}]
    assert entries.said == [(sale, After(CopyState.FILLED, "a cause", 2), False)]
    (lot,) = entries.touched
    assert (lot.row()["shares"], lot.row()["cost_usdc"], lot.applied_number) == (D(7), D("2.8"), 3)
    assert entries.known_fills == {FILL, f"T-2:{HASH}"}


def test_a_sale_that_is_tried_again_is_told_and_sends_no_end() -> None:
    """Of a copy order; an exit order is told of when it ends."""
    entries = entries_of(held())
    entries.book(second_attempt(), matched(seen("1")))
    assert entries.copy_orders[0]["state"] == "planned"
    assert (entries.outbox, len(entries.said)) == ([], 1)
    (told,) = entries.notifications
    assert (told["kind"], told["body"]["attempts"], told["body"]["attempts_max"]) == ("copy_trying", "2", "5")
    entries = entries_of(held())
    entries.book(exit_of(second_attempt()), matched(seen("1")))
    assert (entries.exit_orders[0]["state"], entries.notifications, entries.outbox) == ("planned", [], [])
    assert (entries.copy_orders, entries.hand_orders) == ([], [])


def test_an_exit_order_and_one_by_hand_end_without_a_message() -> None:
    """No copy order ended; its owner is told all the same."""
    for of, rows, kind in (
        (exit_of(second_attempt()), "exit_orders", "exit_filled"),
        (hand_of(second_attempt()), "hand_orders", "hand_filled"),
    ):
        entries = entries_of(held())
        entries.lots[of.allocation_id, TOKEN] = stored(held())
        entries.book(of, matched(seen("3")))
        assert [row["state"] for row in getattr(entries, rows)] == ["filled"]
        assert ([told["kind"] for told in entries.notifications], entries.outbox) == ([kind], [])
        assert entries.copy_orders == []


def test_without_a_followers_wallet_there_is_no_message() -> None:
    """Nobody could read it."""
    entries = entries_of(held())
    entries.book(second_attempt(follower=None), matched(seen("3")))
    assert (entries.outbox, [told["kind"] for told in entries.notifications]) == ([], ["copy_filled"])


@pytest.mark.parametrize("over", [{"proven": True}, {"copy_state": CopyState.PARTIAL}])
def test_r05_a_fill_after_the_end_is_late(over: dict[str, Any]) -> None:
    """Whether the order's end was proven or its copy order had ended: booked, told, and live BUYs of the account stop;
    the copy order's state stays."""
    for of, rows in (
        (second_attempt(**over), "late_fills"),
        (exit_of(second_attempt(**over)), "late_exit_fills"),
        (hand_of(second_attempt(**over)), "late_hand_fills"),
    ):
        entries = entries_of()
        entries.lots[of.allocation_id, TOKEN] = stored(held())
        entries.book(of, matched(seen("1", "0.6", rate="0.1")))
        late = {"copy_order_id": "C-1", "shares": D(1), "usdc": D("0.6"), "fee_usdc": D("0.024")}
        assert {name: getattr(entries, name) for name in ("late_fills", "late_exit_fills", "late_hand_fills")} == {
            "late_fills": [], "late_exit_fills": [], "late_hand_fills": [],
            rows: [late | {"realised_usdc": D("0.176")}],
        }  # fmt: skip
        assert entries.stops == [{"account_id": "M-1", "cause": "late_fill", "ref": HASH}]
        (told,) = entries.notifications
        assert (told["kind"], told["event"]) == ("late_fill", f"C-1:{HASH}")
        assert (told["body"]["shares"], told["body"]["state"]) == ("3", of.copy_state.value)
        assert entries.said == [(of, After(of.copy_state, "a fill came after the end", 1), True)]
        assert (entries.copy_orders, entries.exit_orders, entries.hand_orders, entries.outbox) == (
            [],
            [],
            [],
            [],
        )
        again = entries_of(held())
        again.book(of, matched())
        assert (again.orders, again.said, again.stops) == ([], [], [])


def test_what_went_out_is_not_dropped() -> None:
    """Only the exchange can say what became of it; what was only signed is."""
    stopped = ending(OrderState.DROPPED, reason=Reason.PAUSED)
    entries = entries_of(held())
    entries.book(second_attempt(), stopped)
    assert (entries.orders, entries.said, entries.touched) == ([], [], [])
    entries.book(second_attempt(order_state=OrderState.SIGNED), stopped)
    assert (entries.orders[0]["state"], entries.copy_orders[0]["state"]) == ("dropped", "partial")


def test_what_failed_on_the_chain_before_it_was_booked_never_came() -> None:
    """Alone it fails the order; beside another fill it is left out; an order without fills was killed as it says."""
    failed = replace(seen("1"), status=Settlement.FAILED)
    entries = entries_of(held())
    entries.book(second_attempt(), matched(failed))
    row = entries.orders[0]
    assert (row["state"], row["cause"], row["shares"]) == ("failed", "its settlement failed", 0)
    assert (entries.fills, entries.copy_orders[0]["state"]) == ([], "planned")
    entries = entries_of(held())
    entries.book(second_attempt(), matched(failed, seen("2", name="T-2")))
    assert (entries.orders[0]["state"], entries.orders[0]["shares"]) == ("matched", D(2))
    entries = entries_of(held())
    entries.book(second_attempt(), matched(state=OrderState.KILLED))
    assert (entries.orders[0]["state"], entries.orders[0]["cause"]) == ("killed", "a cause")


def test_r01_bought_lately_and_not_there_yet_is_no_attempt() -> None:
    """The lot says how long ago its last purchase was booked."""
    refused = matched(state=OrderState.REJECTED, reject_reason=RejectReason.NOT_ENOUGH)
    for lot, attempts in ((held(), 1), (held(bought_seconds_ago=61.0), 2), (None, 2)):
        entries = entries_of(lot)
        entries.book(second_attempt(), refused)
        assert entries.copy_orders[0]["attempts"] == attempts


def test_an_order_without_a_fill_leaves_its_lot_alone() -> None:
    """No add, no newer number, no entry."""
    for side in Side:
        entries = entries_of(held())
        entries.book(order(side, token_id=TOKEN, number=8), ending())
        (lot,) = entries.touched
        assert (lot.row(), lot.entries) == (stored(held()).row(), [])
        assert entries.cash_rows() == []


def test_two_fills_of_the_purchase_that_opens_a_lot_are_no_add() -> None:
    """One lot, written once, also when a second purchase adds to it; a newer number of the lot stays."""
    entries = entries_of()
    entries.book(
        order(Side.BUY, token_id=TOKEN, number=8), matched(seen("4", rate="0.02"), seen("6", name="T-2"))
    )
    (lot,) = entries.touched
    assert lot.row()["fee_rate"] == D("0.02")
    assert (lot.row()["adds"], lot.row()["shares"], lot.applied_number) == (0, D(10), 8)
    entries.book(order(Side.BUY, token_id=TOKEN, number=5), matched(seen("4", name="T-3")))
    assert entries.touched == [lot]
    assert (lot.row()["adds"], lot.row()["shares"], lot.applied_number) == (1, D(14), 8)


def test_of_a_lot_that_is_gone_the_money_comes_in_less_the_fee() -> None:
    """All of it is a result; cash is summed by account, in order, without those that did not change."""
    entries = entries_of()
    entries.book(second_attempt(), matched(seen("3", "0.6", rate="0.1")))
    assert (entries.copy_orders[0]["realised_usdc"], entries.touched) == (D("2.028"), [])
    entries.book(second_attempt(account_id="M-0"), matched(seen("1", name="T-2")))
    entries.cash["M-2"] = D(0)
    assert entries.cash_rows() == [
        {"account_id": "M-0", "usdc": D("0.5")},
        {"account_id": "M-1", "usdc": D("1.728")},
    ]
