"""When and at which limit a SELL is tried again (RULES §4, SAFETY R1). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from schemas.allocations import AllocationSettings
from schemas.enums import RejectReason
from schemas.money import ceil_to_tick
from streams.copy_execution.limit_price import next_sell_limit
from streams.tables.plans import Plan

FINAL_REFUSALS: Final = frozenset({RejectReason.BANNED, RejectReason.REGION, RejectReason.NO_BOOK})
"""What no further attempt can change."""


def uses_an_attempt(
    reject_reason: RejectReason | None, bought_seconds_ago: float | None, lag_seconds: float
) -> bool:
    """A SELL refused for missing shares right after they were bought is the venue's lag, and uses up no attempt."""
    lagging = bought_seconds_ago is not None and bought_seconds_ago <= lag_seconds
    return not (reject_reason is RejectReason.NOT_ENOUGH and lagging)


def pause_after(attempts: int, pauses: Sequence[float]) -> float:
    """Seconds to wait after this many attempts; the last pause for all beyond."""
    return pauses[min(max(attempts, 1), len(pauses)) - 1]


def at_tick(plan: Plan, tick_now: Decimal | None) -> Plan:
    """The plan on the price step that the exchange told last (a book, a refusal by TICK), where it told one: the market
    changes it above 96¢ and below 4¢, exactly where exits happen (SAFETY R1)."""
    return plan if tick_now is None or tick_now == plan.tick else replace(plan, tick=tick_now)


def limit_of_attempt(
    leader_price: Decimal,
    best_bid: Decimal | None,
    former_limit: Decimal,
    tick: Decimal,
    settings: AllocationSettings,
) -> Decimal:
    """The limit of a second or later attempt, on the grid of the tick as it is now."""
    limit = next_sell_limit(leader_price, best_bid, former_limit, tick, settings)
    return min(1 - tick, ceil_to_tick(limit, tick))
