"""What a BUY that filled late owes to the SELLs decided since its trade (RULES §5, SAFETY R6). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from schemas.allocations import AllocationSettings
from schemas.money import EXACT, ZERO, floor_cents, floor_micro
from streams.classify.ledger import leaves_flat
from streams.copy_execution.limit_price import sell_limit


@dataclass(frozen=True, slots=True)
class SellSince:
    """A SELL of the leader decided after the BUY's trade; ``limit_price`` where one was planned."""

    copy_order_id: str
    size: Decimal
    price: Decimal
    leader_before: Decimal
    limit_price: Decimal | None


@dataclass(frozen=True, slots=True)
class Since:
    """The SELLs since a BUY, in the order of the leader's trades, and the shares of its lot that are on sale."""

    sells: Sequence[SellSince]
    on_sale: Decimal
    settings: AllocationSettings

    @property
    def last(self) -> SellSince:
        """The SELL whose limits and attempts an exit order has."""
        return self.sells[-1]

    def limit(self, tick: Decimal) -> Decimal:
        """The limit of that SELL's first attempt: as planned, or as it would have been."""
        sell = self.last
        if sell.limit_price is not None:
            return sell.limit_price
        return sell_limit(sell.price, sell.price, tick, self.settings)


def kept_of(shares: Decimal, sells: Sequence[SellSince]) -> Decimal:
    """``shares`` times (1 − f) of each SELL, down to the micro; 0 once the leader ended flat."""
    kept = shares
    for sell in sells:
        if leaves_flat(sell.leader_before, sell.size):
            return ZERO
        left = EXACT.subtract(sell.leader_before, sell.size)
        kept = EXACT.divide(EXACT.multiply(kept, left), sell.leader_before)
    return floor_micro(kept)


def surplus(shares: Decimal, target: Decimal, on_sale: Decimal) -> Decimal:
    """What lies above the target and is not on sale yet, down to 0.01."""
    return floor_cents(max(ZERO, EXACT.subtract(EXACT.subtract(shares, target), on_sale)))
