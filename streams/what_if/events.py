"""What can happen in a run, in the order listed (beside a trade, which is a ``TradeSeen``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from schemas.trades import TradeSeen


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A follower changed settings or the state of an allocation."""

    allocation_id: str
    changes: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class MarketClosed:
    """A market takes no orders any more (or again, with ``closed`` false)."""

    market_id: str
    closed: bool


@dataclass(frozen=True, slots=True)
class LeaderValueSeen:
    """What a leader's portfolio was worth, in USDC."""

    wallet: str
    usdc: Decimal
    taken_at: datetime


@dataclass(frozen=True, slots=True)
class BuysSwitched:
    """The operators stopped buying, or allowed it again."""

    stopped: bool


@dataclass(frozen=True, slots=True)
class MarketResolved:
    """A market ended; ``payouts`` in USDC per share by token."""

    market_id: str
    payouts: Mapping[str, Decimal]


Event = TradeSeen | NewVersion | MarketClosed | LeaderValueSeen | BuysSwitched | MarketResolved
