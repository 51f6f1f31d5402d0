"""A decision as a value: what is to be done, why, and everything that was looked at on the way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from schemas.enums import CopyState, Reason, Side

CheckValue = Decimal | datetime | str | int | bool | None
Check = tuple[str, bool, CheckValue, CheckValue]
"""Name, passed, value, limit. A check whose limit is None asked for nothing."""
Room = tuple[Reason, Decimal]
"""Name and what a BUY may still cost by it, fee included."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one trade for one allocation (RULES §3, §4).

    A planned BUY has ``amount_usdc``, ``limit_price``, ``reserve_usdc``; a planned SELL ``shares``, ``limit_price``.
    ``target_shares`` is the lot's target from now on, None where it stays. ``wanted_usdc`` is the wish before the
    rooms: down to 0.01 where it reached the minimum, else down to the micro. ``checks`` are those that were looked
    at, in order; all but the last passed.
    """

    side: Side
    state: CopyState
    checks: tuple[Check, ...]
    reason: Reason | None = None
    amount_usdc: Decimal | None = None
    limit_price: Decimal | None = None
    reserve_usdc: Decimal | None = None
    shares: Decimal | None = None
    target_shares: Decimal | None = None
    reduced_by: Reason | None = None
    carried_usdc: Decimal | None = None
    carried_since: datetime | None = None
    wanted_usdc: Decimal | None = None
    rooms: tuple[Room, ...] = ()
