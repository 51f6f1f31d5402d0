"""Markets, prices with their age, and results as people see them (UX S11, §5)."""

from __future__ import annotations

from datetime import date

from schemas.base import Moment
from schemas.money import DecimalText
from schemas.views import View


class PriceView(View):
    """The top of the book at ``at``; depth is what stands within a cent of the best price, in USDC. Older than 60 s it
    is no price any more and is not shown."""

    bid: DecimalText | None
    offer: DecimalText | None
    bid_depth_usdc: DecimalText
    offer_depth_usdc: DecimalText
    at: Moment
    age_seconds: DecimalText


class MarketView(View):
    """What a token is."""

    token_id: str
    market_id: str
    question: str | None
    outcome: str | None
    category: str | None
    tick: DecimalText
    min_buy_usdc: DecimalText
    fee_rate: DecimalText
    neg_risk: bool
    end_at: Moment | None
    closed: bool
    payout: DecimalText | None
    resolved_at: Moment | None
    price: PriceView | None


class DayResult(View):
    """Net of fees: what was realised on that day (UTC)."""

    day: date
    net_usdc: DecimalText


class LeaderResult(View):
    """Per leader, or by hand (both null). ``open_usdc`` is null where a price is not known."""

    allocation_id: str | None
    leader: str | None
    leader_label: str | None
    realised_usdc: DecimalText
    open_usdc: DecimalText | None
    fees_usdc: DecimalText
    at_work_usdc: DecimalText


class PnlView(View):
    """Of one venue over ``days`` days; paper and live are never summed. ``worth_usdc`` values what is held at the best
    bid; ``unpriced`` positions have no price younger than 60 s and count in neither worth nor open result."""

    venue: str
    days: int
    worth_usdc: DecimalText
    open_usdc: DecimalText
    unpriced: int
    prices_at: Moment | None
    realised_today_usdc: DecimalText
    realised_usdc: DecimalText
    fees_usdc: DecimalText
    by_day: tuple[DayResult, ...]
    by_leader: tuple[LeaderResult, ...]
    as_of: Moment
