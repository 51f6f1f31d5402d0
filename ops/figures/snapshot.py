"""One moment of the whole way, as values; made by `reading`, shown by `status` and `demo`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from schemas.enums import CopyState


@dataclass(frozen=True, slots=True)
class StageFigures:
    """A stage: messages a second in and out, the age in seconds of its oldest unhandled message, and milliseconds from
    the broker's append until its work was done (p50, p95, p99 over the last minute). None: not known."""

    name: str
    per_second_in: float | None = None
    per_second_out: float | None = None
    lag_seconds: float | None = None
    latency_ms: tuple[float, float, float] | None = None


@dataclass(frozen=True, slots=True)
class Copies:
    """Copy orders by state (all, and those decided in the last minute) and, where they ended so, by reason."""

    by_state: Mapping[CopyState, int] = field(default_factory=dict)
    lately: Mapping[CopyState, int] = field(default_factory=dict)
    by_reason: Mapping[str, int] = field(default_factory=dict)
    reversed: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.by_state.values())


@dataclass(frozen=True, slots=True)
class Promises:
    """What must stay as it is. ``due`` copy orders were decided to exist, ``open`` have not ended yet."""

    bought_twice: int = 0
    due: int = 0
    open: int = 0
    unknown: int = 0
    oldest_unknown_seconds: float | None = None
    unsettled: int = 0
    followings: int = 0
    notices: int = 0
    signals: int = 0
    dead_letters: int = 0


@dataclass(frozen=True, slots=True)
class Switch:
    """An operators' switch."""

    name: str
    stopped: bool
    who: str
    note: str
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class LatestCopy:
    """A copy order with the names people know its parts by."""

    copy_order_id: str
    state: CopyState
    reason: str | None
    side: str
    filled_usdc: Decimal
    filled_shares: Decimal
    amount_usdc: Decimal | None
    shares: Decimal | None
    at: datetime
    follower: str
    leader: str
    outcome: str | None
    question: str | None


@dataclass(frozen=True, slots=True)
class LatestSignal:
    """A signal with the names people know its parts by."""

    signal_id: str
    usdc: Decimal
    average_price: Decimal
    first_entry: bool
    at: datetime
    trader: str
    outcome: str | None
    question: str | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything at one moment. ``behind_ms``: from the leaders' trades themselves until the broker had them (p50, p95,
    p99); another clock than the stages', never added to it."""

    taken_at: datetime
    stages: Sequence[StageFigures]
    copies: Copies
    promises: Promises
    switches: Sequence[Switch]
    behind_ms: tuple[float, float, float] | None = None
    latest_copies: Sequence[LatestCopy] = ()
    latest_signals: Sequence[LatestSignal] = ()

    @property
    def buys_stopped(self) -> bool:
        """Whether the kill switch for buys is on."""
        return any(switch.stopped for switch in self.switches if switch.name == "buys")
