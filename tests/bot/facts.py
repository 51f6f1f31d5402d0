"""Made views for the screens' tests: one person, their money."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from schemas.enums import Venue
from schemas.views import AccountView, UserView
from tests.bot.stage import START

USER = UserView(user_id="U-0000001", label="Alice", telegram_id=7_001, created_at=START)


def account(venue: Venue = Venue.PAPER, **more: Any) -> AccountView:
    """Somebody's money at a venue."""
    facts: dict[str, Any] = {
        "account_id": "M-0000001",
        "venue": venue,
        "state": "open",
        "wallet": "0x" + "11" * 20,
        "cash_usdc": Decimal("913.2"),
        "reserved_usdc": Decimal(2),
        "free_usdc": Decimal("911.2"),
        "at_work_usdc": Decimal(62),
        "realised_usdc": Decimal("1.1"),
        "opened_at": START,
    }
    return AccountView(**facts | more)
