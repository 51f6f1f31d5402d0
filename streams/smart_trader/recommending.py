"""The fold of one batch of a smart trader's messages onto the signals of their bursts (RULES §7). No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from schemas.enums import SignalReason
from schemas.money import ZERO, nearest_micro
from schemas.trades import SmartTraded
from streams.smart_trader.signals import Growth, Signal, grown, objection


class BurstKey(NamedTuple):
    """The burst a signal is made of."""

    wallet: str
    token_id: str
    started_at: datetime


class Decided(NamedTuple):
    """What became of one message; ``usdc`` and ``shares`` are what it added, 0 when it does not count."""

    message: SmartTraded
    result: Growth
    reason: SignalReason | None
    usdc: Decimal
    shares: Decimal


@dataclass(slots=True)
class Signals:
    """What is stored: numbers decided already, signals so far, win rates (None: not known), which markets are closed
    (absent: not known)."""

    decided: set[tuple[str, int]] = field(default_factory=set)
    by_burst: dict[BurstKey, Signal] = field(default_factory=dict)
    win_rates: Mapping[str, Decimal | None] = field(default_factory=dict)
    closed: Mapping[str, bool] = field(default_factory=dict)


@dataclass(slots=True)
class Recommended:
    """What a batch came to: each new message's decision, and the announced signals that changed, with whether the burst
    was the wallet's first entry."""

    decisions: list[Decided] = field(default_factory=list)
    changed: dict[BurstKey, bool] = field(default_factory=dict)


def recommend(messages: Sequence[SmartTraded], signals: Signals, threshold_usdc: Decimal) -> Recommended:
    """Decide each message that is not decided yet, in order; ``signals`` is moved on."""
    outcome = Recommended()
    for message in messages:
        place = (message.wallet, message.number)
        if place in signals.decided:
            continue
        signals.decided.add(place)
        outcome.decisions.append(_decide(message, signals, threshold_usdc, outcome.changed))
    return outcome


def _decide(
    message: SmartTraded, signals: Signals, threshold_usdc: Decimal, changed: dict[BurstKey, bool]
) -> Decided:
    reason = objection(
        message.kind,
        message.side,
        message.price,
        message.traded_at,
        arrived_at=message.appended_at,
        win_rate=signals.win_rates.get(message.wallet),
        market_closed=signals.closed.get(message.token_id),
    )
    if reason is not None or message.burst_started_at is None or message.usdc is None:
        return Decided(message, Growth.NONE, reason or SignalReason.NOT_A_TRADE, ZERO, ZERO)
    key = BurstKey(message.wallet, message.token_id, message.burst_started_at)
    signal, growth, reason = grown(
        signals.by_burst.get(key, Signal()), message.usdc, message.size, message.traded_at, threshold_usdc
    )
    signals.by_burst[key] = signal
    if growth is not Growth.NONE:
        changed[key] = message.first_entry
    return Decided(message, growth, reason, nearest_micro(message.usdc), nearest_micro(message.size))
