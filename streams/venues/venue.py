"""What every exchange can do for us. One implementation speaks to both (DESIGN §8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple, Protocol

from schemas.enums import Side
from streams.venues.answers import Answer
from streams.venues.faults import VenueFault as VenueFault
from streams.venues.orders import SignedBytes
from streams.venues.trades import FillSeen
from streams.venues.wallets import Credentials, SigningKey, TradingWallet


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
class OwnOrder:
    """An open order of the account, ours or not: sizes in shares, price in USDC per share."""

    order_hash: str
    token_id: str
    side: Side
    status: OrderStatus
    price: Decimal
    original_shares: Decimal
    matched_shares: Decimal
    created_at: datetime | None


class Level(NamedTuple):
    """Resting shares at a price in USDC per share."""

    price: Decimal
    shares: Decimal


@dataclass(frozen=True, slots=True)
class BookSeen:
    """A token's book, best level first on both sides, and the market's facts as they are now where the answer tells
    them: price step, whether neg-risk, the least shares of an order that rests."""

    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    tick: Decimal | None = None
    neg_risk: bool | None = None
    min_rest_shares: Decimal | None = None


@dataclass(frozen=True, slots=True)
class BalanceSeen:
    """What an account holds of an asset (USDC, or shares of a token); by spender, what may be taken of it (micro)."""

    amount: Decimal
    allowances: Mapping[str, int]


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

    async def open_orders(self, wallet: TradingWallet) -> Sequence[OwnOrder]:
        """All open orders of the wallet, ours or not, all pages."""

    async def cancel(self, order_hash: str, wallet: TradingWallet) -> bool:
        """Ask for the end of an open order; True when the exchange says it ended it. Proof is in looking."""

    async def balance(self, wallet: TradingWallet, token_id: str | None = None) -> BalanceSeen:
        """What the wallet holds of a token (None: USDC), and what the exchange may take of it."""

    async def closed_only(self, wallet: TradingWallet) -> bool:
        """Whether the exchange lets this account only sell: its BUYs would be refused CLOSE_ONLY."""

    async def book(self, token_id: str) -> BookSeen | None:
        """The token's book and its market's facts as they are now; None when there is no book (any more)."""

    async def books(self, token_ids: Sequence[str]) -> Mapping[str, BookSeen]:
        """The books of several tokens in one request; tokens without a book are left out."""

    async def best_bid(self, token_id: str) -> Decimal | None:
        """The highest price somebody pays now; None when nobody does."""

    def tick_now(self, token_id: str) -> Decimal | None:
        """The token's price step as it was seen lately (a book read, a refusal by TICK); None when it was not."""

    async def clock_ahead_seconds(self) -> float:
        """How far the exchange's clock is ahead of ours (± 0.5 s: it tells whole seconds)."""

    async def log_in(self, key: SigningKey) -> Credentials:
        """Credentials for the key's address: made, or derived when they were made before."""

    async def close(self) -> None:
        """Give the connections back."""
