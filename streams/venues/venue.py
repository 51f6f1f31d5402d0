"""What every exchange can do for us. One implementation speaks to both (DESIGN §8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from streams.venues.answers import Answer
from streams.venues.orders import SignedBytes
from streams.venues.trades import FillSeen
from streams.venues.wallets import Credentials, SigningKey, TradingWallet


class VenueFault(Exception):
    """A look at the exchange that says nothing: no answer, an error, or one that cannot be read. Try again later."""


class OrderStatus(StrEnum):
    """What the exchange says of an order it shows."""

    OPEN = "open"
    MATCHED = "matched"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class OrderSeen:
    """An order as the exchange shows it; ``matched_shares`` so far."""

    status: OrderStatus
    matched_shares: Decimal


@dataclass(frozen=True, slots=True)
class MarketFacts:
    """What an exchange needs to know of a token before the first order; only the paper one is told."""

    token_id: str
    market_id: str
    question: str | None
    outcome: str | None
    tick: Decimal
    min_buy_usdc: Decimal
    min_rest_shares: Decimal
    fee_rate: Decimal
    neg_risk: bool
    end_at: datetime | None
    closed: bool


class Venue(Protocol):
    """An exchange. Reads raise ``VenueFault``; ``post`` never raises for what the exchange or the wire does."""

    async def post(self, order: SignedBytes, wallet: TradingWallet) -> Answer:
        """POST exactly these bytes once and sort the answer; a time-out or reset is ``UNKNOWN``."""

    async def look_up(self, order_hash: str, wallet: TradingWallet) -> OrderSeen | None:
        """The order by its hash; None when the exchange does not show it, which proves nothing."""

    async def fills(
        self, wallet: TradingWallet, *, token_id: str | None, since: datetime
    ) -> Sequence[FillSeen]:
        """All fills of the wallet's orders in a token (None: in all) since a time."""

    async def cancel(self, order_hash: str, wallet: TradingWallet) -> None:
        """Ask for the end of an open order; whether it ended is seen by looking."""

    async def best_bid(self, token_id: str) -> Decimal | None:
        """The highest price somebody pays now; None when nobody does."""

    async def clock_ahead_seconds(self) -> float:
        """How far the exchange's clock is ahead of ours (± 0.5 s: it tells whole seconds)."""

    async def log_in(self, key: SigningKey) -> Credentials:
        """Credentials for the key's address: made, or derived when they were made before."""

    async def close(self) -> None:
        """Give the connections back."""
