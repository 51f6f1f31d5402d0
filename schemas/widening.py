"""Which changes of settings let a following risk more (SAFETY R26): an API token may not make them on live money. Pure.

What cannot be compared counts as wider: another mode, a limit taken away, a kind allowed that was not.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from schemas.allocations import AllocationSettings
from schemas.enums import BelowMinimum, Entries

# More of it risks more; none is no limit at all.
_UPPER: Final = (
    "fixed_amount_usdc",
    "multiplier",
    "budget_usdc",
    "budget_percent",
    "max_loss_usdc",
    "max_per_trade_usdc",
    "max_per_market_usdc",
    "max_per_day_usdc",
    "leader_max_usdc",
    "max_price",
    "buy_slippage",
    "sell_slippage",
    "buy_slippage_percent",
    "sell_slippage_percent",
    "max_age_seconds",
    "max_adds",
    "exit_attempts_max",
)
# Less of it lets more through.
_LOWER: Final = ("min_trade_usdc", "leader_floor_usdc", "min_price", "exit_min_percent", "min_seconds_to_end")
# How much is copied of what is too small: nothing, later, or more than was wanted.
_BELOW: Final = {BelowMinimum.SKIP: 0, BelowMinimum.CARRY: 1, BelowMinimum.RAISE: 2}


def widened(before: AllocationSettings, after: AllocationSettings) -> tuple[str, ...]:
    """The settings by which ``after`` may cost more, lose more or copy more than ``before``."""
    found = [name for name in _UPPER if _more(getattr(before, name), getattr(after, name))]
    found += [_named(name) for name in _LOWER if getattr(after, name) < getattr(before, name)]
    if after.mode is not before.mode:
        found.append("mode")
    if _BELOW[after.below_minimum] > _BELOW[before.below_minimum]:
        found.append("below_minimum")
    if before.entries is Entries.FIRST_ONLY and after.entries is not Entries.FIRST_ONLY:
        found.append("entries")
    if after.copy_buys and not before.copy_buys:
        found.append("copy_buys")
    # Without their sales nothing ends a position but its market.
    if before.copy_sells and not after.copy_sells:
        found.append("copy_sells")
    return tuple(found + _filters(before, after))


def _more(before: Decimal | int | None, after: Decimal | int | None) -> bool:
    if before is None:
        return False
    return after is None or after > before


def _named(name: str) -> str:
    return "leader_min_usdc" if name == "leader_floor_usdc" else name


def _filters(before: AllocationSettings, after: AllocationSettings) -> list[str]:
    found = []
    allowed, now_allowed = _folded(before.allowed_categories), _folded(after.allowed_categories)
    if allowed and not (now_allowed and now_allowed <= allowed):
        found.append("allowed_categories")
    blocked = ("blocked_categories", "blocked_keywords")
    found += [name for name in blocked if not _folded(getattr(before, name)) <= _folded(getattr(after, name))]
    return found


def _folded(names: tuple[str, ...] | None) -> frozenset[str]:
    return frozenset(name.casefold() for name in names or ())
