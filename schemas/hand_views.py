"""Quotes and orders by hand as the API shows them (UX §5)."""

from __future__ import annotations

from schemas.base import Moment
from schemas.enums import CopyState, Reason, RejectReason, Side, Venue
from schemas.money import DecimalText
from schemas.views import View


class QuoteView(View):
    """A price for an order by hand, good once and until ``expires_at``; or ``refusal``: why there is none. ``fee_usdc``
    at most; ``least_shares`` (BUY) and ``least_usdc`` before the fee (SELL) of an order that is filled whole."""

    quote_id: str
    venue: Venue
    side: Side
    token_id: str
    question: str | None
    outcome: str | None
    position_id: str | None
    amount_usdc: DecimalText | None
    shares: DecimalText | None
    best_price: DecimalText | None
    limit: DecimalText | None
    depth_usdc: DecimalText | None
    fee_usdc: DecimalText | None
    least_shares: DecimalText | None
    least_usdc: DecimalText | None
    refusal: Reason | None
    asked_at: Moment
    expires_at: Moment | None


class OrderView(View):
    """An order by hand, in the states of a copy. ``sentence`` says why it was not done, in the reader's language, where
    nothing was sent; ``decided_value`` and ``decided_limit`` are the figures in it, what was looked at and what was
    allowed. ``words`` are the exchange's own; ``cause`` is what our log says of its last step. ``settling``: what was
    filled is not confirmed on the chain yet."""

    order_id: str
    quote_id: str
    venue: Venue
    side: Side
    token_id: str
    question: str | None
    outcome: str | None
    position_id: str | None
    amount_usdc: DecimalText | None
    shares: DecimalText | None
    limit: DecimalText
    reserve_usdc: DecimalText | None
    state: CopyState
    reason: Reason | None
    reject_reason: RejectReason | None
    cause: str
    sentence: str | None = None
    decided_value: DecimalText | None = None
    decided_limit: DecimalText | None = None
    words: str | None = None
    filled_shares: DecimalText
    usdc: DecimalText
    fee_usdc: DecimalText
    realised_usdc: DecimalText
    late_fill: bool
    settling: bool = False
    order_hash: str | None
    asked_at: Moment
    ended_at: Moment | None
