"""How a signal did: per share, after an hour, after a day and at the end, net of fees (UX N15). Pure.

What a share cost is the signal's average price; what it is worth is the best bid then, for that is what one would get,
or the payout. A price that comes late is taken with its true time; one that comes too late is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from schemas.money import EXACT, ZERO, nearest_micro


class Horizon(StrEnum):
    """When a signal is graded."""

    HOUR = "1h"
    DAY = "24h"
    END = "end"


AFTER: Final = {Horizon.HOUR: timedelta(hours=1), Horizon.DAY: timedelta(hours=24)}
# A price a quarter of an hour late still says what an hour did; after a day two hours are as little.
LATE_MAX: Final = {Horizon.HOUR: timedelta(minutes=15), Horizon.DAY: timedelta(hours=2)}
# The last dozen signals say how a wallet does now; fewer than five say nothing.
SIGNALS_COUNTED: Final = 12
SIGNALS_NEEDED: Final = 5


@dataclass(frozen=True, slots=True)
class Due:
    """A grade that is due: the signal's average price, its market's fee rate, and what is known of the price now:
    the best bid with the time it was seen, the payout with the time of the resolution."""

    signal_id: str
    wallet: str
    horizon: Horizon
    due_at: datetime
    average_price: Decimal
    fee_rate: Decimal
    bid: Decimal | None
    seen_at: datetime | None
    payout: Decimal | None
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade, once and for good; without a price it was not to be had in time."""

    signal_id: str
    horizon: Horizon
    wallet: str
    due_at: datetime
    graded_at: datetime
    price: Decimal | None
    gross_usdc: Decimal | None
    net_usdc: Decimal | None


@dataclass(frozen=True, slots=True)
class Score:
    """The mean of a wallet's last signals at one horizon, per share; null: too few to say."""

    gross_usdc: Decimal | None = None
    net_usdc: Decimal | None = None


def grade(due: Due, now: datetime) -> Grade | None:
    """The grade, or None while a price may still come."""
    if due.payout is not None:
        at, price, fee_of_selling = max(due.due_at, due.resolved_at or now), due.payout, ZERO
    elif due.bid is not None and due.seen_at is not None and due.seen_at >= due.due_at:
        at, price, fee_of_selling = due.seen_at, due.bid, fee(due.bid, due.fee_rate)
    elif _too_late(due, now):
        return _missed(due, now)
    else:
        return None
    return _missed(due, now) if _too_late(due, at) else _graded(due, at, price, fee_of_selling)


def fee(price: Decimal, fee_rate: Decimal) -> Decimal:
    """The fee per share at a price: rate × p × (1 − p) (RULES §5)."""
    return EXACT.multiply(EXACT.multiply(fee_rate, price), EXACT.subtract(Decimal(1), price))


def score(grades: Sequence[tuple[Decimal, Decimal]]) -> Score:
    """The mean of (gross, net) of the last signals, newest first."""
    last = grades[:SIGNALS_COUNTED]
    if len(last) < SIGNALS_NEEDED:
        return Score()
    count = Decimal(len(last))
    return Score(
        nearest_micro(EXACT.divide(sum((gross for gross, _ in last), ZERO), count)),
        nearest_micro(EXACT.divide(sum((net for _, net in last), ZERO), count)),
    )


def _too_late(due: Due, at: datetime) -> bool:
    late_max = LATE_MAX.get(due.horizon)
    return late_max is not None and at - due.due_at > late_max


def _missed(due: Due, now: datetime) -> Grade:
    return Grade(due.signal_id, due.horizon, due.wallet, due.due_at, now, None, None, None)


def _graded(due: Due, at: datetime, price: Decimal, fee_of_selling: Decimal) -> Grade:
    gross = EXACT.subtract(price, due.average_price)
    fees = EXACT.add(fee(due.average_price, due.fee_rate), fee_of_selling)
    return Grade(
        due.signal_id, due.horizon, due.wallet, due.due_at, at, price, gross, EXACT.subtract(gross, fees)
    )
