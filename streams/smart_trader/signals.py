"""What a smart trader's buys add up to (RULES §7).

The BUYs of one burst in one token are one signal. A fold without I/O: ``objection`` says whether a message counts,
``grown`` adds one that does. A signal never leads to an order by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from schemas.enums import Side, SignalReason, TradeKind
from schemas.money import EXACT, ZERO, nearest_micro

DEFAULT_THRESHOLD_USDC: Final = Decimal(300)
HIGHEST_PRICE: Final = Decimal("0.98")
LOWEST_WIN_RATE: Final = Decimal("0.55")
LONGEST_DELAY: Final = timedelta(minutes=5)


class Growth(StrEnum):
    """What a message did to the signal of its burst."""

    NEW = "new"
    GROWN = "grown"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Signal:
    """The messages of one burst that count: sum in USDC, shares, how many, and the earliest and latest of their times.
    ``announced``: the sum has reached the threshold."""

    usdc: Decimal = ZERO
    shares: Decimal = ZERO
    fills: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    announced: bool = False

    @property
    def average_price(self) -> Decimal:
        """Sum ÷ shares, to the nearest micro. Only of a signal that has a message."""
        return nearest_micro(EXACT.divide(self.usdc, self.shares))


def objection(
    kind: TradeKind,
    side: Side,
    price: Decimal | None,
    traded_at: datetime,
    *,
    arrived_at: datetime,
    win_rate: Decimal | None,
    market_closed: bool | None,
) -> SignalReason | None:
    """Why a message does not count, the first reason in the order of the rules; None when it counts.

    ``win_rate`` None: not known, which is no objection. ``market_closed`` None: the market is not known.
    """
    if kind is not TradeKind.TRADE or price is None:
        return SignalReason.NOT_A_TRADE
    if side is not Side.BUY:
        return SignalReason.NOT_A_BUY
    if price > HIGHEST_PRICE:
        return SignalReason.PRICE_TOO_HIGH
    if win_rate is not None and win_rate < LOWEST_WIN_RATE:
        return SignalReason.WIN_RATE_LOW
    if arrived_at - traded_at > LONGEST_DELAY:
        return SignalReason.TOO_OLD
    if market_closed is None:
        return SignalReason.MARKET_UNKNOWN
    return SignalReason.MARKET_CLOSED if market_closed else None


def grown(
    signal: Signal, usdc: Decimal, shares: Decimal, traded_at: datetime, threshold_usdc: Decimal
) -> tuple[Signal, Growth, SignalReason | None]:
    """Add a message that counts: the signal as it is now, what that made of it, and why it made nothing."""
    total = EXACT.add(signal.usdc, nearest_micro(usdc))
    announced = signal.announced or total >= threshold_usdc
    larger = Signal(
        total,
        EXACT.add(signal.shares, nearest_micro(shares)),
        signal.fills + 1,
        traded_at if signal.first_at is None else min(signal.first_at, traded_at),
        traded_at if signal.last_at is None else max(signal.last_at, traded_at),
        announced,
    )
    if not announced:
        return larger, Growth.NONE, SignalReason.BELOW_THRESHOLD
    return larger, Growth.GROWN if signal.announced else Growth.NEW, None
