"""From a plan to its order, or to its end where no order can be made of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson
import pytest

from ops.simulation import ground
from ops.simulation.furnishing import wallet_of
from schemas.enums import CopyState, Reason, RejectReason, Side
from streams.copy_execution.books import Lot
from streams.tables.plans import NewOrder, Plan
from streams.trading.attempts import at_tick
from streams.trading.booking import Fill, book_sell, settle
from streams.trading.identity import salt_of, timestamp_ms_of
from streams.trading.terms import PlanEnd, signed_order
from tests.rules.situations import settings

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
WALLET = wallet_of("M-1")


def plan(side: Side = Side.BUY, **changes: Any) -> Plan:
    buys = side is Side.BUY
    columns = {
        "copy_order_id": "C-1", "account_id": "M-1", "allocation_id": "A-1", "side": side, "token_id": "7" * 77,
        "amount_usdc": Decimal(5) if buys else None, "shares_left": None if buys else Decimal("10.009"),
        "limit_price": Decimal("0.52"), "attempts": 0, "decided_at": NOW, "deadline": NOW,
        "tick": Decimal("0.01"), "former_attempt": 0, "former_limit": None, "leader_price": None, "settings": None,
    }  # fmt: skip
    return ground.made(Plan, columns | changes)


def made(of: Plan, bid: str | None = None) -> NewOrder:
    order = signed_order(of, WALLET, None if bid is None else Decimal(bid))
    assert isinstance(order, NewOrder)
    return order


def test_the_same_plan_gives_the_same_bytes() -> None:
    """Hash and body; another attempt, another copy order, another moment gives others."""
    assert made(plan()) == made(plan())
    sell = Side.SELL
    again = plan(sell, former_attempt=1, former_limit=Decimal("0.52"), attempts=1)
    others = {made(each).order_hash for each in (plan(sell), plan(sell, copy_order_id="C-2"), again)}
    assert len(others) == 3


def test_the_order_says_what_the_plan_says() -> None:
    """Amount and limit of a BUY; of a SELL whole cents of shares; salt and time stamp from copy order and attempt."""
    buy = made(plan())
    assert (buy.amount_usdc, buy.shares, buy.limit_price, buy.attempt) == (
        Decimal(5),
        None,
        Decimal("0.52"),
        1,
    )
    sell = made(plan(Side.SELL))
    assert (sell.amount_usdc, sell.shares, sell.limit_price) == (None, Decimal("10.00"), Decimal("0.52"))
    said = orjson.loads(buy.body)["order"]
    assert (said["salt"], said["timestamp"]) == (salt_of("C-1", 1), str(timestamp_ms_of(NOW, 1)))
    assert timestamp_ms_of(NOW, 3) == timestamp_ms_of(NOW, 1) + 2


@pytest.mark.parametrize(
    ("side", "decided", "tick", "limit"),
    [
        (Side.BUY, "0.52", "0.1", "0.5"),
        (Side.SELL, "0.52", "0.1", "0.6"),
        (Side.SELL, "0.95", "0.1", "0.9"),
        (Side.SELL, "0.501", "0.01", "0.51"),
    ],
)
def test_the_limit_is_brought_onto_the_tick_of_now(side: Side, decided: str, tick: str, limit: str) -> None:
    """Of a BUY never above the decided one, of a SELL never below it, and never 1."""
    order = made(plan(side, limit_price=Decimal(decided), tick=Decimal(tick)))
    assert order.limit_price == Decimal(limit)


def test_a_later_attempt_slips_from_the_best_bid() -> None:
    """By the settings of the following."""
    later = plan(
        Side.SELL,
        attempts=1,
        former_attempt=1,
        former_limit=Decimal("0.45"),
        leader_price=Decimal("0.5"),
        settings=settings().model_dump(),
    )
    assert made(later, "0.60").limit_price == Decimal("0.55")
    assert made(later).limit_price == Decimal("0.45")
    assert made(later).attempt == 2


@pytest.mark.parametrize(
    ("changes", "words", "reason"),
    [
        ({"tick": None}, "the market is not known", Reason.MARKET_UNKNOWN),
        ({"neg_risk": None}, "the market is not known", Reason.MARKET_UNKNOWN),
        ({"shares_left": Decimal("0.009")}, "nothing is left to sell", Reason.NOTHING_TO_SELL),
        ({"shares_left": None}, "nothing is left to sell", Reason.NOTHING_TO_SELL),
    ],
)
def test_a_plan_without_an_order_ends_with_its_reason(
    changes: dict[str, Any], words: str, reason: Reason
) -> None:
    """Skipped before anything was tried, unfilled after it."""
    assert signed_order(plan(Side.SELL, **changes), WALLET, None) == PlanEnd(
        "C-1", CopyState.SKIPPED, words, reason
    )
    for tried in ({"attempts": 1}, {"former_attempt": 1, "former_limit": Decimal("0.5")}):
        ended = signed_order(plan(Side.SELL, **changes, **tried), WALLET, None)
        assert ended == PlanEnd("C-1", CopyState.UNFILLED, words, reason)


def test_what_the_exchange_would_refuse_ends_as_refused() -> None:
    """Terms that no order can have."""
    ended = signed_order(plan(limit_price=Decimal("0.0001")), WALLET, None)
    assert isinstance(ended, PlanEnd)
    assert (ended.state, ended.reason) == (CopyState.REJECTED, None)
    assert ended.reject_reason in set(RejectReason)


def test_a_cent_of_a_share_is_enough_to_sell() -> None:
    """And a cent of a dollar to buy, as far as we are concerned."""
    assert made(plan(Side.SELL, shares_left=Decimal("0.01"))).shares == Decimal("0.01")


def test_salt_and_time_stamp_never_change() -> None:
    """Orders of earlier versions must be found again by the same bytes."""
    assert (salt_of("C-1", 1), salt_of("C-1", 2)) == (3006702760959218, 7501657479493456)
    decided = datetime(2026, 11, 22, 12, 0, 0, 1999, tzinfo=UTC)
    assert [timestamp_ms_of(decided, attempt) for attempt in (1, 2)] == [1795348800001, 1795348800002]


@pytest.mark.parametrize(
    ("leader_price", "bid", "limit"),
    [("0.02", "0.58", "0.53"), ("0.50", "0.50", "0.45"), ("0.50", "0.40", "0.45"), ("0.50", None, "0.45")],
)
def test_r13_a_first_sale_slips_from_the_better_of_leaders_price_and_bid(
    leader_price: str, bid: str | None, limit: str
) -> None:
    """A leader who sells to himself at 2¢ takes nobody with him."""
    decided = Decimal("0.016") if leader_price == "0.02" else Decimal("0.45")
    first = plan(
        Side.SELL,
        limit_price=decided,
        leader_price=Decimal(leader_price),
        settings=settings().model_dump(),
    )
    assert made(first, bid).limit_price == Decimal(limit)
    assert made(replace(first, settings=None), bid).limit_price == max(decided, Decimal("0.02"))


def test_our_own_signer_refuses_what_the_plan_does_not_allow() -> None:
    """A second attempt of a BUY."""
    refused = signed_order(plan(former_attempt=1), WALLET, None)
    assert refused == PlanEnd("C-1", CopyState.UNFILLED, "our own signer refused: ATTEMPT")


def test_a_refusal_by_the_rules_of_building_keeps_its_words() -> None:
    """The copy order is rejected, with the exchange's reason and the words."""
    ended = signed_order(plan(limit_price=Decimal("0.0001")), WALLET, None)
    assert isinstance(ended, PlanEnd)
    assert (ended.copy_order_id, bool(ended.cause)) == ("C-1", True)
    assert made(plan()).plan == plan()


def test_r01_an_attempt_is_made_on_the_price_step_told_last() -> None:
    """Where none was told, or the same, the plan stays."""
    assert at_tick(plan(), None) == at_tick(plan(), Decimal("0.01")) == plan()
    assert at_tick(plan(), Decimal("0.001")) == plan(tick=Decimal("0.001"))


def test_what_leaves_a_lot_is_negative() -> None:
    """Shares and cost of a sale and of a payout, and the part of the cost down to the micro."""
    lot = Lot("m", Decimal(3), Decimal(10), Decimal(3))
    sold = book_sell(lot, Fill(Decimal(1), Decimal(4), Decimal("0.4")), Decimal(0))
    assert (sold.shares, sold.cost_usdc, sold.cash_usdc) == (Decimal(-1), Decimal("-3.333333"), Decimal(4))
    assert (sold.lot, sold.realised_usdc) == (
        replace(lot, shares=Decimal(2), cost_usdc=Decimal("6.666667")),
        Decimal("0.666667"),
    )
    paid = settle(lot, Decimal("0.5"))
    assert (paid.lot, paid.shares, paid.cost_usdc) == (None, Decimal(-3), Decimal(-10))
    assert (paid.cash_usdc, paid.realised_usdc) == (Decimal("1.5"), Decimal("-8.5"))
