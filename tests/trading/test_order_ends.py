"""What becomes of a copy order when one of its orders is over: every way out, its reason, its attempts, its pause."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from ops.simulation import ground
from schemas.enums import AllocationState, CopyState, OrderState, Reason, RejectReason, Side
from streams.tables.bookings import OrderToBook
from streams.tables.orders import Note
from streams.trading.attempts import FINAL_REFUSALS, limit_of_attempt, pause_after, uses_an_attempt
from streams.trading.endings import After, AttemptRules, Ending, Filled, after_order
from streams.trading.verdicts import dropped, fills_of_order, learnt
from streams.venues.answers import Answer, Verdict
from tests.rules.situations import settings

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
RULES = AttemptRules((2.0, 5.0, 15.0, 30.0), 60.0)
NOTHING = Filled(Decimal(0), Decimal(0))
HASH = "0x" + "ab" * 32


def order(side: Side = Side.SELL, **changes: Any) -> OrderToBook:
    buys = side is Side.BUY
    columns = {
        "order_hash": HASH, "order_state": OrderState.SUBMITTING, "proven": False, "attempt": 1, "token_id": "7",
        "side": side, "account_id": "M-1", "copy_order_id": "C-1", "trade_id": "t", "allocation_id": "A-1",
        "user_id": "U-1", "follower": None, "leader": "0x" + "1e" * 20, "number": 1, "traded_at": NOW,
        "market_id": "m", "copy_state": CopyState.SUBMITTING, "amount_usdc": Decimal(5) if buys else None,
        "shares": None if buys else Decimal(10), "attempts": 0, "filled_shares": Decimal(0),
        "filled_usdc": Decimal(0), "fee_usdc": Decimal(0), "realised_usdc": Decimal(0), "attempts_max": 5,
        "allocation_state": AllocationState.ACTIVE, "known_market_id": "m", "tick": Decimal("0.01"),
        "fee_rate": Decimal(0),
    }  # fmt: skip
    return replace(ground.made(OrderToBook, columns), **changes)


def ending(state: OrderState = OrderState.KILLED, **more: Any) -> Ending:
    return Ending(HASH, state, "a cause", **more)


def sold(
    filled: str = "0", ago: float | None = None, *, of: OrderToBook | None = None, by: Ending | None = None
) -> After:
    fills = Filled(Decimal(filled), Decimal(filled) / 2)
    return after_order(of or order(), by or ending(), fills, ago, RULES)


def bought(shares: str, usdc: str, by: Ending | None = None) -> After:
    return after_order(order(Side.BUY), by or ending(), Filled(Decimal(shares), Decimal(usdc)), None, RULES)


@pytest.mark.parametrize(
    ("usdc", "state"), [("5", "filled"), ("4.990001", "filled"), ("4.99", "partial"), ("0.01", "partial")]
)
def test_a_buy_is_filled_when_under_a_cent_of_it_is_left(usdc: str, state: str) -> None:
    """One attempt; what a FAK leaves is given back."""
    assert bought("10", usdc) == After(CopyState(state), "a cause", 1)


def test_a_buy_without_a_fill_says_why() -> None:
    """Killed, not found, refused, stopped before its POST."""
    assert bought("0", "0") == After(CopyState.UNFILLED, "a cause", 1)
    gone = ending(reason=Reason.NOT_FOUND)
    assert bought("0", "0", gone) == After(CopyState.UNFILLED, "a cause", 1, Reason.NOT_FOUND)
    refused = ending(OrderState.REJECTED, reject_reason=RejectReason.TICK)
    assert bought("0", "0", refused) == After(
        CopyState.REJECTED, "a cause", 1, reject_reason=RejectReason.TICK
    )
    nameless = bought("0", "0", ending(OrderState.REJECTED))
    assert nameless.reject_reason is RejectReason.OTHER
    for reason, state in ((Reason.TOO_OLD, CopyState.EXPIRED), (Reason.PAUSED, CopyState.SKIPPED)):
        stopped = ending(OrderState.DROPPED, reason=reason)
        assert bought("0", "0", stopped) == After(state, "a cause", 0, reason)


@pytest.mark.parametrize(("filled", "state"), [("10", "filled"), ("9.990001", "filled"), ("9.99", "planned")])
def test_a_sell_is_filled_when_under_a_cent_of_a_share_is_left(filled: str, state: str) -> None:
    """Else it is tried again."""
    after = sold(filled)
    assert (after.state, after.attempts) == (CopyState(state), 1)
    assert after.ended is (state == "filled")


@pytest.mark.parametrize(("tried", "pause"), [(0, 2.0), (1, 5.0), (2, 15.0), (3, 30.0)])
def test_r01_a_sell_is_tried_again_after_its_pause(tried: int, pause: float) -> None:
    """2, 5, 15, then 30 seconds; the count goes up; a refusal is an attempt like any other."""
    again = sold(of=order(attempts=tried))
    assert again == After(CopyState.PLANNED, "tried again: a cause", tried + 1, next_attempt_seconds=pause)
    refused = sold(of=order(attempts=tried), by=ending(OrderState.REJECTED, reject_reason=RejectReason.TICK))
    assert (refused.state, refused.attempts) == (CopyState.PLANNED, tried + 1)


def test_r01_after_the_last_attempt_it_ends() -> None:
    """Unfilled, partial with what was sold, or rejected when the last was refused."""
    last = order(attempts=4)
    assert sold(of=last) == After(CopyState.UNFILLED, "a cause", 5)
    assert sold("3", of=last) == After(CopyState.PARTIAL, "a cause", 5)
    refused = sold(of=last, by=ending(OrderState.REJECTED, reject_reason=RejectReason.TICK))
    assert refused == After(CopyState.REJECTED, "a cause", 5, reject_reason=RejectReason.TICK)


@pytest.mark.parametrize("refusal", sorted(FINAL_REFUSALS))
def test_r01_what_no_attempt_can_change_ends_at_once(refusal: RejectReason) -> None:
    """BANNED, REGION, NO_BOOK."""
    after = sold(by=ending(OrderState.REJECTED, reject_reason=refusal))
    assert after == After(CopyState.REJECTED, "a cause", 1, reject_reason=refusal)


def test_r11_an_ended_following_makes_no_further_attempt() -> None:
    """What is left stays by hand."""
    ended = order(allocation_state=AllocationState.ENDED)
    assert sold(of=ended) == After(CopyState.UNFILLED, "a cause", 1)


def test_r11_a_sell_that_the_last_look_stops_ends_with_its_reason() -> None:
    """Skipped before its first attempt, unfilled after it, partial when something was sold."""
    stopped = ending(OrderState.DROPPED, reason=Reason.FOLLOWING_ENDED)
    assert sold(by=stopped) == After(CopyState.SKIPPED, "a cause", 0, Reason.FOLLOWING_ENDED)
    second = order(attempt=2, attempts=1)
    assert sold(of=second, by=stopped) == After(CopyState.UNFILLED, "a cause", 1, Reason.FOLLOWING_ENDED)
    assert sold("3", of=second, by=stopped) == After(CopyState.PARTIAL, "a cause", 1, Reason.FOLLOWING_ENDED)


@pytest.mark.parametrize(
    ("refusal", "ago", "uses"),
    [
        (RejectReason.NOT_ENOUGH, 0.0, False),
        (RejectReason.NOT_ENOUGH, 60.0, False),
        (RejectReason.NOT_ENOUGH, 60.1, True),
        (RejectReason.NOT_ENOUGH, None, True),
        (RejectReason.TICK, 1.0, True),
        (None, 1.0, True),
    ],
)
def test_r01_the_venues_lag_uses_up_no_attempt(
    refusal: RejectReason | None, ago: float | None, uses: bool
) -> None:
    """NOT_ENOUGH within 60 s of a purchase of the token."""
    assert uses_an_attempt(refusal, ago, 60.0) is uses
    after = sold(ago=ago, by=ending(OrderState.REJECTED, reject_reason=refusal))
    assert after.attempts == int(uses)
    assert after.state is CopyState.PLANNED


def test_the_last_pause_holds_for_all_beyond() -> None:
    """And the first for none yet."""
    assert [pause_after(n, (2.0, 5.0)) for n in (0, 1, 2, 3, 9)] == [2.0, 2.0, 5.0, 5.0, 5.0]


def test_a_later_attempts_limit_follows_the_best_bid_on_todays_grid() -> None:
    """Slipping 5 cents at most from the bid; without a bid the former limit, brought onto the grid; never 1."""
    cent, own = Decimal("0.01"), settings()

    def limit(bid: str | None, former: str = "0.444") -> Decimal:
        best = None if bid is None else Decimal(bid)
        return limit_of_attempt(Decimal("0.5"), best, Decimal(former), cent, own)

    assert limit("0.6") == Decimal("0.55")
    assert limit(None) == Decimal("0.45")
    assert limit(None, "0.999") == Decimal("0.99")


def test_an_answer_is_learnt_as_it_is() -> None:
    """Killed and refused are ends; accepted and unknown are noted."""
    killed = learnt(HASH, Answer(Verdict.KILLED, "no match"))
    assert killed == Ending(HASH, OrderState.KILLED, "nobody sold at its limit or better", words="no match")
    refused = learnt(HASH, Answer(Verdict.REJECTED, "tick", RejectReason.TICK))
    assert refused == Ending(
        HASH, OrderState.REJECTED, "refused by the exchange", words="tick", reject_reason=RejectReason.TICK
    )
    nameless = learnt(HASH, Answer(Verdict.REJECTED))
    assert isinstance(nameless, Ending)
    assert nameless.reject_reason is RejectReason.OTHER
    accepted = learnt(HASH, Answer(Verdict.ACCEPTED, "live", trade_ids=("T",)))
    assert accepted == Note(HASH, OrderState.ACCEPTED, "accepted, not matched yet", "live", ("T",))
    for verdict in (Verdict.UNKNOWN, Verdict.WAIT):
        unknown = learnt(HASH, Answer(verdict, "hm"))
        assert unknown == Note(HASH, OrderState.UNKNOWN, "the answer does not say what became of it", "hm")


def test_what_was_stopped_never_went_out() -> None:
    """Dropped, with its reason; and only an order's own fills are its."""
    stopped = dropped(HASH, Reason.PAUSED)
    assert stopped == Ending(
        HASH, OrderState.DROPPED, "stopped by the last look before its POST", reason=Reason.PAUSED
    )
    assert fills_of_order([], HASH) == ()
