"""Made views for the screens' tests: one person, their money, a leader called Alice."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from schemas.enums import AllocationState, Reason, Side, TradeKind, Venue
from schemas.me_views import Standing
from schemas.presets import Preset, preset_settings
from schemas.rule_sentence import rule_sentence
from schemas.views import (
    AccountView,
    AllocationStanding,
    AllocationView,
    UserView,
)
from schemas.wallet_views import (
    CategoryShare,
    LeaderView,
    ResolvedWallet,
    Unknown,
    WalletTradeView,
    WalletView,
)
from schemas.what_if_views import ReasonCount, WhatIfResult, WhatIfState, WhatIfView
from tests.bot.stage import START

D = Decimal
ALICE_WALLET = "0x6031" + "ab" * 16 + "a9c2"
OTHER_WALLET = "0x9c1f" + "cd" * 16 + "44e0"
TOKEN = "7" * 78
QUESTION = "Will X win?"
USER = UserView(user_id="U-0000001", label="Alice", telegram_id=7_001, created_at=START)
STANDING = Standing(buys_stopped=None, lag_seconds=0, checking=0)
ALLOCATION, COPY = "A-0000001", "C-7F3K9QX"
SETTINGS = preset_settings(Preset.CAREFUL, D(100))


def ago(seconds: float) -> Any:
    """A time before the tests' now."""
    return START - timedelta(seconds=seconds)


def english() -> Any:
    from bot.words import texts

    return texts("en")


def account(venue: Venue = Venue.PAPER, **more: Any) -> AccountView:
    """Somebody's money at a venue."""
    facts: dict[str, Any] = {
        "account_id": "M-0000001",
        "venue": venue,
        "state": "open",
        "wallet": "0x" + "11" * 20,
        "cash_usdc": D("913.2"),
        "reserved_usdc": D(2),
        "free_usdc": D("911.2"),
        "at_work_usdc": D(62),
        "realised_usdc": D("1.1"),
        "opened_at": START,
    }
    return AccountView(**facts | more)


def standing(**more: Any) -> AllocationStanding:
    """How a following does."""
    facts: dict[str, Any] = {
        "at_work_usdc": D(38),
        "positions": 3,
        "worth_usdc": D("14.2"),
        "open_usdc": D("-0.4"),
        "realised_usdc": D("3.92"),
        "fees_usdc": D("0.61"),
        "result_usdc": D("3.52"),
        "under_way": 1,
        "copied_today": 6,
        "skipped_today": 9,
        "bought_today_usdc": D(12),
        "skips_today": {Reason.SAME_LEADER_ORDER: 5, Reason.PRICE_BAND: 4},
        "due_today": 15,
        "answered_today": 15,
        "delay_p50_seconds": D("2.4"),
        "delay_p95_seconds": D("5.1"),
        "last_trade_at": ago(240),
        "every_seconds": 180,
    }
    return AllocationStanding(**facts | more)


def following(**more: Any) -> AllocationView:
    """One user follows Alice."""
    facts: dict[str, Any] = {
        "allocation_id": ALLOCATION,
        "user_id": USER.user_id,
        "account_id": "M-0000001",
        "leader": ALICE_WALLET,
        "leader_label": "Alice",
        "venue": Venue.PAPER,
        "state": AllocationState.ACTIVE,
        "version": 7,
        "settings": SETTINGS,
        "starting": False,
        "active_from": ago(90_000),
        "buys_from": None,
        "created_at": ago(90_000),
        "changed_at": ago(80_000),
        "ended_at": None,
        "standing": standing(),
    }
    facts |= more
    facts["sentence"] = rule_sentence(
        english(), facts["settings"], facts["leader_label"] or "this leader", facts["venue"]
    )
    return AllocationView(**facts)


def paused(**more: Any) -> AllocationView:
    """A second leader, who has no name and is paused."""
    facts: dict[str, Any] = {
        "allocation_id": "A-0000002",
        "leader": OTHER_WALLET,
        "leader_label": None,
        "state": AllocationState.PAUSED,
        "standing": standing(
            at_work_usdc=D(24), result_usdc=D("-0.4"), positions=0, worth_usdc=D(0), under_way=0
        ),
    }
    return following(**facts | more)


def wallet(**more: Any) -> WalletView:
    """What is known of Alice."""
    facts: dict[str, Any] = {
        "wallet": ALICE_WALLET,
        "label": "Alice",
        "roles": ("copy_leader", "smart_trader"),
        "loading": False,
        "days": 30,
        "seen_since": ago(80 * 86_400),
        "last_trade_at": ago(240),
        "trades_per_day": D("6.3"),
        "every_seconds": 180,
        "buys": 128,
        "sells": 61,
        "markets": 44,
        "stake_median_usdc": D("14.2"),
        "stake_largest_usdc": D(2300),
        "categories": (
            CategoryShare(category="sports", percent=D(71)),
            CategoryShare(category="politics", percent=D(20)),
        ),
        "price_low": D("0.31"),
        "price_high": D("0.66"),
        "result_usdc": D("812.4"),
        "result_markets": 37,
        "result_without_best_usdc": D("96.1"),
        "value_usdc": None,
        "value_at": None,
        "win_rate": None,
        "buys_over_minimum": 34,
        "allocation_id": None,
        "unknown": (
            Unknown(field="history", why="trades before 3 Sep"),
            Unknown(field="value", why="portfolio value (no proportional copying)"),
        ),
        "as_of": START,
    }
    return WalletView(**facts | more)


def suggested(number: int = 0, **more: Any) -> LeaderView:
    """A suggested leader."""
    facts: dict[str, Any] = {
        "wallet": f"0x{number:040x}" if number else ALICE_WALLET,
        "label": None if number else "Alice",
        "trades_per_day": D("6.34"),
        "stake_median_usdc": D("14.2"),
        "ended_markets": 37,
        "seen_since": ago(80 * 86_400),
        "last_trade_at": ago(240),
        "result_usdc": None if number else D("812.4"),
        "categories": ("sports",),
        "allocation_id": None,
    }
    return LeaderView(**facts | more)


def resolved(number: int = 0, **more: Any) -> ResolvedWallet:
    """An address out of what somebody sent."""
    address = f"0x{number:040x}" if number else ALICE_WALLET
    return ResolvedWallet(**{"wallet": address, "label": None, "known": True, "allocation_id": None} | more)


def their_trade(**more: Any) -> WalletTradeView:
    """A trade of Alice's."""
    facts: dict[str, Any] = {
        "trade_id": "0x1-1",
        "kind": TradeKind.TRADE,
        "side": Side.BUY,
        "token_id": TOKEN,
        "question": QUESTION,
        "outcome": "Yes",
        "size": D("1764.7"),
        "price": D("0.51"),
        "usdc": D(900),
        "tx_hash": None,
        "traded_at": ago(240),
    }
    return WalletTradeView(**facts | more)


def what_if(**more: Any) -> WhatIfView:
    """A what-if of Careful over 30 days, done."""
    facts: dict[str, Any] = {
        "what_if_id": "F-0000001",
        "leader": ALICE_WALLET,
        "leader_label": "Alice",
        "days": 30,
        "preset": Preset.CAREFUL,
        "settings": SETTINGS,
        "sentence": "",
        "state": WhatIfState.DONE,
        "progress": 100,
        "result": WhatIfResult(
            trades=189,
            buys=128,
            buys_copied=41,
            sells=61,
            sells_copied=38,
            skips=(
                ReasonCount(reason=Reason.PRICE_BAND, copies=21),
                ReasonCount(reason=Reason.SAME_LEADER_ORDER, copies=40),
                ReasonCount(reason=Reason.DAY_LIMIT, copies=26),
            ),
            most_at_work_usdc=D("96.4"),
            fees_usdc=D("1.92"),
            result_low_usdc=D("-4.1"),
            result_high_usdc=D("6.8"),
            from_at=ago(30 * 86_400),
            to_at=START,
            assumptions=("Assumes 3 s delay, real fees, no recorded books.",),
        ),
        "cause": None,
        "asked_at": START,
    }
    return WhatIfView(**facts | more)
