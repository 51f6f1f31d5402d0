"""Everything there is to say about one copy order (`GET /v1/copy-orders/{id}/why`)."""

from __future__ import annotations

from typing import Any

from schemas.base import Moment
from schemas.enums import CopyState, OrderState, Reason, RejectReason, Side, Source, TradeKind
from schemas.money import DecimalText
from schemas.views import CopyOrderView, View


class WhyTrade(View):
    """The leader's trade. What is null was not kept: the trade itself is forgotten after its time."""

    trade_id: str
    leader: str
    kind: TradeKind | None
    source: Source | None
    side: Side
    token_id: str
    size: DecimalText | None
    price: DecimalText | None
    usdc: DecimalText | None
    tx_hash: str | None
    traded_at: Moment


class WhySeen(View):
    """When it reached us: on the topic, through classify; ``seconds_after`` is from the trade to the topic."""

    appended_at: Moment
    classified_at: Moment | None
    seconds_after: DecimalText


class WhyCheck(View):
    """One check with what was found and what was asked; values as text, null where nothing was asked."""

    name: str
    passed: bool
    value: str | None
    limit: str | None


class WhyRoom(View):
    """What a BUY might still cost by one limit, fee included."""

    name: Reason
    usdc: DecimalText


class WhyDecision(View):
    """What was decided, by which version of the settings, and what was looked at."""

    version: int
    state: CopyState
    reason: Reason | None
    wanted: DecimalText | None
    amount_usdc: DecimalText | None
    shares: DecimalText | None
    limit: DecimalText | None
    reserve_usdc: DecimalText | None
    reduced_by: Reason | None
    rooms: tuple[WhyRoom, ...]
    checks: tuple[WhyCheck, ...]
    inputs: dict[str, Any] | None
    at: Moment


class WhyOrder(View):
    """One attempt at the exchange."""

    order_hash: str
    attempt: int
    state: OrderState
    limit_price: DecimalText
    amount_usdc: DecimalText | None
    shares: DecimalText | None
    posts: int
    reject_reason: RejectReason | None
    words: str | None
    cause: str
    signed_at: Moment
    posted_at: Moment | None
    answered_at: Moment | None
    proven_at: Moment | None


class WhyFill(View):
    """One fill as the exchange reported it."""

    order_hash: str
    shares: DecimalText
    usdc: DecimalText
    price: DecimalText
    fee_usdc: DecimalText
    status: str
    matched_at: Moment


class WhyStep(View):
    """One change of state."""

    from_state: CopyState | None
    to_state: CopyState
    cause: str
    at: Moment


class WhySetting(View):
    """The setting that would change it."""

    name: str
    value: str | None


class WhyView(View):
    """A copy order from the leader's trade to its end, first in one sentence."""

    copy_order: CopyOrderView
    sentence: str
    setting: WhySetting | None
    trade: WhyTrade
    seen: WhySeen
    decision: WhyDecision
    orders: tuple[WhyOrder, ...]
    fills: tuple[WhyFill, ...]
    steps: tuple[WhyStep, ...]
    times: dict[str, Moment | None]
