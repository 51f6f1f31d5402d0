"""What a BUY may cost at most, by each limit (RULES §3, Rooms)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from schemas.enums import Reason
from schemas.money import ZERO
from streams.copy_execution.case import Case
from streams.copy_execution.decision import Room


def rooms(case: Case, market_id: str, budget_usdc: Decimal) -> tuple[Room, ...]:
    """The rooms that exist for this case, in the order of the rules; each may be negative."""
    settings, books, account = case.settings, case.books, case.account
    found: list[Room] = []
    if settings.max_per_trade_usdc is not None:
        found.append((Reason.TRADE_LIMIT, settings.max_per_trade_usdc))
    found.append((Reason.BUDGET, budget_usdc - books.at_work_usdc))
    if settings.max_loss_usdc is not None:
        lost = min(ZERO, books.realised_usdc)
        found.append((Reason.LOSS_LIMIT, settings.max_loss_usdc + lost - books.at_work_usdc))
    if settings.max_per_market_usdc is not None:
        used = books.market_at_work.get(market_id, ZERO)
        found.append((Reason.MARKET_LIMIT, settings.max_per_market_usdc - used))
    if settings.max_per_day_usdc is not None:
        found.append((Reason.DAY_LIMIT, settings.max_per_day_usdc - books.day_spent_usdc))
    if account.live_day_room_usdc is not None:
        found.append((Reason.LIVE_DAY_CAP, account.live_day_room_usdc))
    found.append((Reason.BALANCE, account.cash_usdc - account.reserved_usdc))
    return tuple(found)


def smallest(found: Sequence[Room]) -> Room:
    """The smallest room; of equal ones the first."""
    least = found[0]
    for room in found:
        if room[1] < least[1]:
            least = room
    return least
