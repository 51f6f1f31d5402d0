"""Topics ``markets`` and ``leader_values`` (both compacted)."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from schemas.base import Message, Moment
from schemas.ids import TokenId, Wallet
from schemas.money import DecimalText

_Rate = Annotated[DecimalText, Field(ge=0, le=1)]


class MarketSeen(Message):
    """Topic ``markets``: what a token is. ``version`` grows with each change of the token; the highest wins (R23).

    ``market_id`` is the condition id. ``payout`` (0 to 1 USDC per share) is given once the market is resolved on chain
    or closed with a winner at the exchange, never for a proposal (SAFETY R24).
    """

    schema_version: Literal[1] = 1
    version: Annotated[int, Field(ge=1)]
    token_id: TokenId
    market_id: Annotated[str, Field(min_length=1, max_length=100)]
    question: Annotated[str, Field(max_length=2_000)] | None = None
    outcome: Annotated[str, Field(max_length=500)] | None = None
    tick: Annotated[DecimalText, Field(gt=0, lt=1)] = Decimal("0.001")
    min_buy_usdc: Annotated[DecimalText, Field(gt=0)] = Decimal(1)
    min_rest_shares: Annotated[DecimalText, Field(ge=0)] = Decimal(5)
    fee_rate: _Rate = Decimal("0.05")
    neg_risk: bool = False
    exchange_version: Literal[2, 3] = 2
    category: Annotated[str, Field(max_length=200)] | None = None
    end_at: Moment | None = None
    closed: bool = False
    payout: _Rate | None = None
    resolved_at: Moment | None = None


class LeaderValued(Message):
    """Topic ``leader_values``: what a leader's portfolio (cash and positions) was worth at ``taken_at``, in USDC."""

    schema_version: Literal[1] = 1
    wallet: Wallet
    usdc: Annotated[DecimalText, Field(ge=0)]
    taken_at: Moment
