"""Made views of smart trading, orders by hand and live money."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from schemas.enums import CopyState, Side, Venue
from schemas.hand_views import OrderView, QuoteView
from schemas.market_views import MarketView, PriceView
from schemas.me_views import NoticeSettings, NoticeSettingsView
from schemas.signal_views import ScoreView, SignalView
from schemas.wallet_views import WinRateView
from tests.bot.stage import START

WALLET = "0x9c1f" + "0" * 32 + "44e0"
TOKEN = "123456789"


def price(bid: str = "0.42", offer: str = "0.44") -> PriceView:
    """The top of a book."""
    return PriceView(
        bid=Decimal(bid), offer=Decimal(offer), bid_depth_usdc=Decimal(200), offer_depth_usdc=Decimal(310),
        at=START, age_seconds=Decimal(3),
    )  # fmt: skip


def signal(number: int = 1, **more: Any) -> SignalView:
    """A large buy, two minutes old."""
    facts: dict[str, Any] = {
        "signal_id": f"S-000000{number}", "wallet": WALLET, "wallet_label": None, "win_rate": Decimal("0.61"),
        "token_id": TOKEN, "question": "Will X win?", "outcome": "Yes", "category": "sports",
        "end_at": START + timedelta(days=3, hours=2), "usdc": Decimal(2300), "shares": Decimal("5609.75"),
        "average_price": Decimal("0.41"), "fills": 3, "first_entry": True, "first_at": START - timedelta(seconds=140),
        "last_at": START - timedelta(seconds=120), "fresh": True, "price": price(), "moved": Decimal("0.03"),
        "consensus": 2, "held_usdc": Decimal(4100),
        "wallet_win_rate": WinRateView(rate=Decimal("0.61"), least=Decimal("0.54"), ended=204, source="ended"),
        "wallet_score": ScoreView(
            signals=12, after_1h_usdc=Decimal("0.004"), after_24h_usdc=Decimal("0.012"),
            after_24h_net_usdc=Decimal("-0.003"), at_end_usdc=None, at_end_net_usdc=None,
        ),
        "wallet_seen_since": START - timedelta(days=80), "wallet_result_usdc": Decimal("812.40"),
    }  # fmt: skip
    return SignalView(**facts | more)


def quote(**more: Any) -> QuoteView:
    """5.00 USDC at 44¢."""
    facts: dict[str, Any] = {
        "quote_id": "Q-7F3K9QX", "venue": Venue.PAPER, "side": Side.BUY, "token_id": TOKEN,
        "question": "Will X win?", "outcome": "Yes", "position_id": None, "amount_usdc": Decimal(5), "shares": None,
        "best_price": Decimal("0.44"), "limit": Decimal("0.45"), "depth_usdc": Decimal(310),
        "fee_usdc": Decimal("0.2"), "least_shares": Decimal("11.11"), "least_usdc": None, "refusal": None,
        "asked_at": START, "expires_at": START + timedelta(seconds=30),
    }  # fmt: skip
    return QuoteView(**facts | more)


def sale_quote() -> QuoteView:
    """3.84 shares at 50¢."""
    return quote(
        side=Side.SELL, position_id="1", amount_usdc=None, shares=Decimal("3.84"), best_price=Decimal("0.5"),
        limit=Decimal("0.45"), least_shares=None, least_usdc=Decimal("1.72"),
    )  # fmt: skip


def order(**more: Any) -> OrderView:
    """The quote's order, filled."""
    facts: dict[str, Any] = {
        "order_id": "O-7F3K9QX", "quote_id": "Q-7F3K9QX", "venue": Venue.PAPER, "side": Side.BUY, "token_id": TOKEN,
        "question": "Will X win?", "outcome": "Yes", "position_id": None, "amount_usdc": Decimal(5), "shares": None,
        "limit": Decimal("0.45"), "reserve_usdc": Decimal("5.26"), "state": CopyState.FILLED, "reason": None,
        "reject_reason": None, "cause": "filled", "filled_shares": Decimal("11.36"), "usdc": Decimal("4.9984"),
        "fee_usdc": Decimal("0.14"), "realised_usdc": Decimal(0), "late_fill": False, "order_hash": None,
        "asked_at": START, "ended_at": START,
    }  # fmt: skip
    return OrderView(**facts | more)


def market(**more: Any) -> MarketView:
    """The token of all these."""
    facts: dict[str, Any] = {
        "token_id": TOKEN, "market_id": "0x" + "1" * 64, "question": "Will X win?", "outcome": "Yes",
        "category": "sports", "tick": Decimal("0.01"), "min_buy_usdc": Decimal(1), "fee_rate": Decimal("0.05"),
        "neg_risk": False, "end_at": None, "closed": False, "payout": None, "resolved_at": None, "price": price(),
    }  # fmt: skip
    return MarketView(**facts | more)


def notice_settings(**more: Any) -> NoticeSettingsView:
    """As they come, at version 3."""
    return NoticeSettingsView(settings=NoticeSettings(**more), version=3)
