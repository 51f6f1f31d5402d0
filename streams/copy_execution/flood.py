"""Floods: a leader who buys more often within a minute than anybody follows by hand (SAFETY R27).

The clock is the trades' own (``happened_at``), and what is counted stands in tables: a restart, another worker or a
feed at another speed counts the same.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from schemas.enums import CopyState, Reason, Side, TradeKind
from schemas.trades import LeaderTraded
from streams.copy_execution.decision import Decision

WINDOW: Final = timedelta(seconds=60)
MOST_BUYS: Final = 600
"""The rule's number: the busiest of the recorded leaders made 354 fills within a minute."""


@dataclass(frozen=True, slots=True)
class Flood:
    """A BUY over the limit: it is the ``buys``-th of its leader within a minute, and ``most`` are copied."""

    buys: int
    most: int = MOST_BUYS


class Counting:
    """Counts the BUYs of each leader as they come; ``before`` holds the times of those that came earlier, in order."""

    def __init__(self, most: int = MOST_BUYS, before: Mapping[str, Sequence[datetime]] | None = None) -> None:
        self._most = most
        self._times = {wallet: list(times) for wallet, times in (before or {}).items()}

    def take(self, wallet: str, happened_at: datetime) -> Flood | None:
        """Count one BUY more: those up to its time, less than a minute before it, itself included. A BUY that arrives
        late is measured against its own minute, whatever came since."""
        times = self._times.setdefault(wallet, [])
        insort(times, happened_at)
        buys = bisect_right(times, happened_at) - bisect_right(times, happened_at - WINDOW)
        return Flood(buys, self._most) if buys > self._most else None


def is_counted(message: LeaderTraded) -> bool:
    """Whether a message is one that a flood is made of: SELLs never are."""
    return message.kind is TradeKind.TRADE and message.side is Side.BUY


def happened_at(message: LeaderTraded) -> datetime:
    """The time by which it counts (SAFETY R17)."""
    return min(message.traded_at, message.appended_at)


def flooded(flood: Flood) -> Decision:
    """The answer to a BUY over the limit, the same for every follower."""
    check = (Reason.LEADER_FLOOD, False, flood.buys, flood.most)
    return Decision(Side.BUY, CopyState.SKIPPED, (check,), Reason.LEADER_FLOOD)
