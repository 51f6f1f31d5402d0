"""What the generator yields: things that happen, each with its time in micro-seconds after the start."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from schemas.enums import AddressType, Side, Source, TradeKind
from schemas.markets import MarketSeen
from schemas.trades import TradeSeen


@dataclass(frozen=True, slots=True)
class Person:
    """A wallet of the play: its name for people, its roles, and what is known of it."""

    label: str
    wallet: str
    roles: frozenset[AddressType]
    worth_usdc: Decimal | None = None
    win_rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Traded:
    """A fill (or another movement of shares) that our door sees ``lag`` micro-seconds after it happened."""

    at: int
    lag: int
    trade_id: str
    kind: TradeKind
    wallet: str
    side: Side
    token_id: str
    size: Decimal
    price: Decimal | None
    usdc: Decimal | None
    tx_hash: str
    order_hash: str | None

    def message(self, seen_at: datetime) -> TradeSeen:
        """The trade as it goes onto the topic when our door sees it at that moment."""
        return TradeSeen(
            trade_id=self.trade_id,
            kind=self.kind,
            source=Source.GENERATED,
            wallet=self.wallet,
            side=self.side,
            token_id=self.token_id,
            size=self.size,
            price=self.price,
            usdc=self.usdc,
            tx_hash=self.tx_hash,
            order_hash=self.order_hash,
            traded_at=seen_at - timedelta(microseconds=self.lag),
        )


@dataclass(frozen=True, slots=True)
class Repeated:
    """The same message as before comes once more."""

    at: int
    trade_id: str


@dataclass(frozen=True, slots=True)
class Listed:
    """What a token is, when it is listed and again when it is resolved. ``ends_after`` counts from the play's start."""

    at: int
    version: int
    token_id: str
    market_id: str
    question: str
    outcome: str
    category: str
    tick: Decimal
    fee_rate: Decimal
    neg_risk: bool
    ends_after: int
    payout: Decimal | None = None

    def message(self, began_at: datetime, now: datetime) -> MarketSeen:
        """The market as it goes onto the topic."""
        return MarketSeen(
            version=self.version,
            token_id=self.token_id,
            market_id=self.market_id,
            question=self.question,
            outcome=self.outcome,
            category=self.category,
            tick=self.tick,
            fee_rate=self.fee_rate,
            neg_risk=self.neg_risk,
            end_at=began_at + timedelta(microseconds=self.ends_after),
            closed=self.payout is not None,
            payout=self.payout,
            resolved_at=now if self.payout is not None else None,
        )


Event = Traded | Repeated | Listed
