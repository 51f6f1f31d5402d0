"""Topic ``copy_results``: the end of a copy order."""

from __future__ import annotations

from typing import Literal

from schemas.base import Message, Moment
from schemas.enums import CopyState, Reason, RejectReason, Side, Venue
from schemas.ids import TokenId, TradeId, Wallet
from schemas.money import DecimalText


class CopyFinished(Message):
    """How one trade × one allocation ended; keyed by the follower's wallet.

    ``usdc`` is what was paid (BUY) or received (SELL) before fees, ``shares`` what was filled, ``fee_usdc`` all fees;
    ``reason`` is given for skipped and expired, ``reject_reason`` for rejected.
    """

    schema_version: Literal[1] = 1
    copy_order_id: str
    trade_id: TradeId
    allocation_id: str
    user_id: str
    follower: Wallet
    leader: Wallet
    venue: Venue
    side: Side
    token_id: TokenId
    state: CopyState
    reason: Reason | None = None
    reject_reason: RejectReason | None = None
    usdc: DecimalText
    shares: DecimalText
    fee_usdc: DecimalText
    realised_usdc: DecimalText
    finished_at: Moment
