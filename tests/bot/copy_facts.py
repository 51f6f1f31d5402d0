"""Made views of what became of trades: copies, their chains, positions, results, sales."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from schemas.enums import CopyState, OrderState, Reason, Side, Source, TradeKind, Venue
from schemas.hand_views import QuoteView
from schemas.market_views import DayResult, PnlView
from schemas.sale_views import SaleLine, SaleView
from schemas.views import CopyOrderView, PositionView
from schemas.why import (
    WhyCheck,
    WhyDecision,
    WhyFill,
    WhyOrder,
    WhyRoom,
    WhySeen,
    WhySetting,
    WhyTrade,
    WhyView,
)
from tests.bot.leader_facts import ALICE_WALLET, ALLOCATION, COPY, QUESTION, TOKEN, USER, D, ago, following
from tests.bot.stage import START


def copy_order(**more: Any) -> CopyOrderView:
    """A filled copy of a purchase."""
    facts: dict[str, Any] = {
        "copy_order_id": COPY,
        "allocation_id": ALLOCATION,
        "allocation_version": 7,
        "user_id": USER.user_id,
        "leader": ALICE_WALLET,
        "leader_label": "Alice",
        "venue": Venue.PAPER,
        "trade_id": "0x1-1",
        "side": Side.BUY,
        "token_id": TOKEN,
        "question": QUESTION,
        "outcome": "Yes",
        "state": CopyState.FILLED,
        "reason": None,
        "reject_reason": None,
        "reduced_by": None,
        "amount_usdc": D(2),
        "shares": None,
        "limit_price": D("0.53"),
        "filled_shares": D("3.84"),
        "usdc": D(2),
        "fee_usdc": D("0.0384"),
        "realised_usdc": D(0),
        "reversed": False,
        "late_fill": False,
        "attempts": 1,
        "traded_at": ago(242.19),
        "seen_at": ago(240),
        "decided_at": ago(239.97),
        "ended_at": ago(239),
    }
    return CopyOrderView(**facts | more)


def skipped(**more: Any) -> CopyOrderView:
    """A purchase that was not copied."""
    facts: dict[str, Any] = {
        "copy_order_id": "C-7F3K9RA",
        "state": CopyState.SKIPPED,
        "reason": Reason.PRICE_BAND,
        "outcome": "No",
        "filled_shares": D(0),
        "usdc": D(0),
        "fee_usdc": D(0),
        "attempts": 0,
        "limit_price": None,
    }
    return copy_order(**facts | more)


def why(**more: Any) -> WhyView:
    """The chain of the filled copy."""
    facts: dict[str, Any] = {
        "copy_order": copy_order(),
        "sentence": "Bought 3.84 Yes for 2.00 USDC at 52.1¢, because Alice bought.",
        "setting": None,
        "trade": WhyTrade(
            trade_id="0x1-1", leader=ALICE_WALLET, kind=TradeKind.TRADE, source=Source.CHAIN, side=Side.BUY,
            token_id=TOKEN, size=D("1764.7"), price=D("0.51"), usdc=D(900), tx_hash="0x" + "12" * 32,
            traded_at=ago(242.19),
        ),
        "seen": WhySeen(appended_at=ago(240), classified_at=ago(239.98), seconds_after=D("2.19")),
        "decision": WhyDecision(
            version=7, state=CopyState.PLANNED, reason=None, wanted=D(2), amount_usdc=D(2), shares=None,
            limit=D("0.53"), reserve_usdc=D("2.04"), reduced_by=None,
            rooms=(
                WhyRoom(name=Reason.BUDGET, usdc=D(62)), WhyRoom(name=Reason.MARKET_LIMIT, usdc=D(10)),
                WhyRoom(name=Reason.DAY_LIMIT, usdc=D(13)), WhyRoom(name=Reason.BALANCE, usdc=D("911.2")),
            ),
            checks=tuple(
                WhyCheck(name=name, passed=True, value=value, limit=limit)
                for name, value, limit in (
                    ("OWN_WALLET", None, None), ("PAUSED", None, None), ("TOO_OLD", "2.19", "30"),
                    ("PRICE_BAND", "0.51", "0.9"),
                )
            ),
            inputs=None, at=ago(239.97),
        ),
        "orders": (
            WhyOrder(
                order_hash="0x4f81" + "00" * 28 + "6da3", attempt=1, state=OrderState.MATCHED, limit_price=D("0.53"),
                amount_usdc=D(2), shares=None, posts=1, reject_reason=None, words=None, cause="matched",
                signed_at=ago(239.96), posted_at=ago(239.95), answered_at=ago(239.84), proven_at=None,
            ),
        ),
        "fills": (
            WhyFill(
                order_hash="0x4f81", shares=D("3.84"), usdc=D(2), price=D("0.5208"), fee_usdc=D("0.0384"),
                status="MATCHED", matched_at=ago(239.8),
            ),
        ),
        "steps": (),
        "times": {},
    }  # fmt: skip
    return WhyView(**facts | more)


def why_skipped() -> WhyView:
    """The chain of the purchase that was not copied."""
    decided = why().decision.model_copy(
        update={
            "state": CopyState.SKIPPED, "reason": Reason.PRICE_BAND, "limit": None, "wanted": None, "rooms": (),
            "checks": (WhyCheck(name="PRICE_BAND", passed=False, value="0.96", limit="0.9"),),
        }
    )  # fmt: skip
    return why(
        copy_order=skipped(),
        sentence="They paid 96¢; you buy only between 10¢ and 90¢.",
        setting=WhySetting(name="max_price", value="0.9"),
        decision=decided,
        orders=(),
        fills=(),
    )


def position(number: int = 1, **more: Any) -> PositionView:
    """Shares of one outcome because of Alice."""
    facts: dict[str, Any] = {
        "position_id": str(number),
        "owner": "leader",
        "allocation_id": ALLOCATION,
        "leader": ALICE_WALLET,
        "leader_label": "Alice",
        "venue": Venue.PAPER,
        "token_id": TOKEN,
        "market_id": "0xm",
        "question": QUESTION,
        "outcome": "Yes",
        "shares": D("3.84"),
        "cost_usdc": D("2.04"),
        "average_price": D("0.5208"),
        "realised_usdc": D(0),
        "fees_usdc": D("0.04"),
        "payout": None,
        "end_at": START + timedelta(days=2),
        "opened_at": ago(240),
        "closed_at": None,
        "closed_by": None,
        "bid": D("0.5"),
        "price_at": ago(3),
        "worth_usdc": D("1.92"),
        "open_usdc": D("-0.12"),
    }
    return PositionView(**facts | more)


def by_hand(number: int = 2, **more: Any) -> PositionView:
    """The same outcome, bought by hand."""
    return position(number, owner="by_hand", allocation_id=None, leader=None, leader_label=None, **more)


def pnl(**more: Any) -> PnlView:
    """Results over 30 days."""
    facts: dict[str, Any] = {
        "venue": "paper",
        "days": 30,
        "worth_usdc": D("58.4"),
        "open_usdc": D("-0.4"),
        "unpriced": 0,
        "prices_at": ago(3),
        "realised_today_usdc": D("1.1"),
        "realised_usdc": D("3.52"),
        "fees_usdc": D("0.61"),
        "by_day": tuple(
            DayResult(day=(START - timedelta(days=29 - day)).date(), net_usdc=D(day % 5 - 2))
            for day in range(30)
        ),
        "by_leader": (),
        "as_of": START,
    }
    return PnlView(**facts | more)


def sale(**more: Any) -> SaleView:
    """Three positions that may be sold, one of them without a buyer."""
    facts: dict[str, Any] = {
        "allocation": following(),
        "lines": tuple(
            SaleLine(position_id=str(number), quote=_quote(number, sells=number != 3), order=None)
            for number in (1, 2, 3)
        ),
        "about_usdc": D("14.05"),
        "sold": 2,
        "unsold": 1,
        "under_way": 0,
    }
    return SaleView(**facts | more)


def _quote(number: int, *, sells: bool) -> QuoteView:
    return QuoteView(
        quote_id=f"Q-000000{number}", venue=Venue.PAPER, side=Side.SELL, token_id=TOKEN, question=QUESTION,
        outcome="Yes", position_id=str(number), amount_usdc=None, shares=D("3.84"),
        best_price=D("0.5") if sells else None, limit=D("0.45") if sells else None, depth_usdc=D(100), fee_usdc=D(0),
        least_shares=None, least_usdc=D("1.7"), refusal=None if sells else Reason.THIN_MARKET, asked_at=START,
        expires_at=START,
    )  # fmt: skip
