"""What a live BUY needs, all of it, looked at once more right before every POST (SAFETY R9, R11, R26). Pure.

``look_before_post.sql`` asks the same of the tables in the statement that marks the POST; a test holds both together.
SELLs are held by `halt` and the end of their following only: who may buy no more may still get out.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from schemas.enums import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveFacts:
    """As they are now. ``spoken_to``: the setting names the real exchange. ``today_usdc``: the account's live BUYs of
    the day, copied or by hand, this one among them, each as what it may yet cost or did."""

    spoken_to: bool
    switch_allows: bool
    armed: bool
    day_cap_usdc: Decimal | None
    account_is_live: bool
    following_is_live: bool
    today_usdc: Decimal


def live_buy_stopped_by(facts: LiveFacts) -> Reason | None:
    """Why this live BUY is not sent; None when all that it needs is there."""
    allowed = facts.spoken_to and facts.switch_allows
    says_live = facts.account_is_live and facts.following_is_live
    if not (allowed and facts.armed and says_live) or facts.day_cap_usdc is None:
        return Reason.BUYS_STOPPED
    return Reason.LIVE_DAY_CAP if facts.today_usdc > facts.day_cap_usdc else None
