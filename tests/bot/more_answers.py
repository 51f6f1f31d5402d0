"""What the made-up API answers for smart trading, orders by hand, wallet, settings and operators (`answers`)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from schemas.account_views import WithdrawalState
from schemas.enums import Venue
from schemas.me_views import LinkView
from schemas.ops_views import SwitchView
from schemas.views import CopySummary, CreditView
from tests.bot import facts, smart_facts
from tests.bot.more_panels import _address, _checks, _pipeline, _withdrawal
from tests.bot.stage import START, page

ARMED = facts.account(
    Venue.POLYMARKET, account_id="M-0000002", armed_at=START, day_cap_usdc=Decimal(50), free_usdc=Decimal(40)
)
LIVE = ("me", "accounts", "polymarket")


def more_answers(*, listed: bool) -> dict[tuple[str, ...], Any]:
    """Method and path → answer; `listed`: there is something to list."""
    signals = [smart_facts.signal(number) for number in range(1, 8)]
    return {
        ("GET", "me", "accounts"): [facts.account(), ARMED] if listed else [facts.account()],
        ("GET", "signals"): page(signals if listed else []),
        ("POST", "orders"): smart_facts.order(),
        ("GET", "me", "notification-settings"): smart_facts.notice_settings(),
        ("PUT", "me", "notification-settings"): smart_facts.notice_settings(),
        ("PATCH", "me"): facts.USER,
        ("POST", "auth", "link"): LinkView(link="https://polycool.example/me#l-1", expires_at=START),
        ("POST", "me", "accounts", "paper", "credit"): CreditView(
            credit_id="K-0000001", account_id="M-0000001", usdc=Decimal(1000), asked_at=START, booked=False
        ),
        ("POST", *LIVE, "check"): _checks(),
        ("POST", *LIVE, "arm"): ARMED,
        ("POST", *LIVE, "disarm"): ARMED,
        ("POST", *LIVE, "day-cap"): ARMED,
        ("GET", *LIVE, "deposit"): None,
        ("GET", *LIVE, "withdrawals"): page([_withdrawal(WithdrawalState.SENDING)] if listed else []),
        ("POST", *LIVE, "withdrawals"): _withdrawal(WithdrawalState.ASKED),
        ("GET", "me", "withdrawal-addresses"): [_address(1, -1, "Bank"), _address(2, 20)],
        ("POST", "me", "withdrawal-addresses"): _address(3, 24),
        ("GET", "copy-orders", "summary"): CopySummary(
            total=15, answered=15, by_state={}, by_reason={}, bought_usdc=Decimal(24), sold_usdc=Decimal(2),
            fee_usdc=Decimal("0.6"), realised_usdc=Decimal("1.1"), as_of=START,
        ),
        ("GET", "ops", "pipeline"): _pipeline(parts={"broker": "ok", "stages": {"trades_last_minute": 20}}),
        ("GET", "ops", "unknown"): page([]),
        ("GET", "ops", "dead-letters"): page([]),
        ("GET", "ops", "copy-orders"): page([facts.skipped()] * 3),
        ("PUT", "ops", "switches", "buys"): SwitchView(
            name="buys", stopped=True, who="U-0000001", note="a reason", changed_at=START
        ),
    }  # fmt: skip


def named_answer(method: str, parts: list[str], body: bytes) -> Any:
    """One thing by its name, or a price; None where there is none."""
    match (method, parts):
        case ("POST", ["quotes"]):
            return smart_facts.sale_quote() if b"SELL" in body else smart_facts.quote()
        case ("GET", ["signals", name]):
            return smart_facts.signal(int(name[-1]))
        case ("GET", ["markets", _]):
            return smart_facts.market()
        case ("GET", ["orders", _]):
            return smart_facts.order()
        case _:
            return None
