"""What a decision looks at (RULES §2): plain values, read by whoever asks for the decision.

Amounts are USDC, sizes are shares, prices are USDC per share; all are exact decimals. All times are in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from schemas.allocations import AllocationSettings
from schemas.enums import AllocationState, Side, Source, TradeKind
from schemas.money import ZERO


@dataclass(frozen=True, slots=True)
class Trade:
    """One message of the leader with its place in his ledger (RULES §2, §6).

    ``leader_before`` is what he held before it, ``unsure``: trades of his may be missing in that; ``number`` is gapless
    per wallet, 0 where it is not known; ``appended_at`` is when the broker took it, later than which ``traded_at``
    never counts (SAFETY R17).
    """

    trade_id: str
    wallet: str
    side: Side
    token_id: str
    size: Decimal
    price: Decimal
    usdc: Decimal
    traded_at: datetime
    kind: TradeKind = TradeKind.TRADE
    order_hash: str | None = None
    leader_before: Decimal = ZERO
    burst_started_at: datetime | None = None
    number: int = 0
    source: Source = Source.CHAIN
    appended_at: datetime | None = None
    unsure: bool = False

    @property
    def happened_at(self) -> datetime:
        """``traded_at``, but no later than the broker's append time (SAFETY R17)."""
        if self.appended_at is None:
            return self.traded_at
        return min(self.traded_at, self.appended_at)


@dataclass(frozen=True, slots=True)
class Market:
    """What is known of the token's market. ``fee_rate`` is the rate of the fee formula (RULES §5)."""

    market_id: str
    tick: Decimal
    fee_rate: Decimal
    min_buy_usdc: Decimal = Decimal(1)
    end_at: datetime | None = None
    closed: bool = False
    category: str | None = None
    question: str | None = None


@dataclass(frozen=True, slots=True)
class LeaderValue:
    """What the leader's cash and positions were worth when it was looked at."""

    usdc: Decimal
    taken_at: datetime


@dataclass(frozen=True, slots=True)
class Switches:
    """The operators' kill switch. ``buys_from``: when buying was last allowed again; what was traded before it is not
    bought afterwards (SAFETY R31)."""

    buys_stopped: bool = False
    buys_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class Allocation:
    """One follower follows one leader, in the version that is in force now.

    ``buys_from``: when it was last resumed (SAFETY R31). ``live``: it trades real money.
    """

    allocation_id: str
    follower: str
    leader: str
    active_from: datetime
    settings: AllocationSettings
    state: AllocationState = AllocationState.ACTIVE
    buys_from: datetime | None = None
    live: bool = False


@dataclass(slots=True)
class Account:
    """A follower's money at one venue. ``cash_usdc`` is settled money, reserves included; ``lots_cost_usdc`` the cost
    of all open lots; ``live_day_room_usdc`` what the live day cap leaves, None on paper."""

    wallet: str
    cash_usdc: Decimal
    reserved_usdc: Decimal = ZERO
    lots_cost_usdc: Decimal = ZERO
    live_day_room_usdc: Decimal | None = None
