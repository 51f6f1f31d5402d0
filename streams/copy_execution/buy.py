"""The decision about a leader's BUY (RULES §3)."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from schemas.enums import BelowMinimum, CopyState, Reason, Side
from schemas.money import ZERO
from streams.copy_execution.case import Case
from streams.copy_execution.checks import BUY_CHECKS, WAITING, failing
from streams.copy_execution.decision import Check, Decision
from streams.copy_execution.limit_price import buy_limit
from streams.copy_execution.rooms import rooms, smallest
from streams.copy_execution.sizing import (
    budget,
    largest_amount,
    minimum,
    reserve,
    wish,
    wish_down_to_cents,
    wish_down_to_micro,
)

LIMIT_PRICE: Final = "LIMIT_PRICE"
MINIMUM: Final = "MINIMUM"
AMOUNT: Final = "AMOUNT"


def decide_buy(case: Case) -> Decision:
    """Plan a BUY, or say what stands against it."""
    made: list[Check] = []
    failed = failing(BUY_CHECKS, case, made)
    if failed is not None:
        if failed == WAITING:
            return Decision(Side.BUY, CopyState.WAITING, tuple(made))
        reason = Reason(failed)
        state = CopyState.EXPIRED if reason is Reason.TOO_OLD else CopyState.SKIPPED
        return Decision(Side.BUY, state, tuple(made), reason)
    tick = case.known_market.tick
    limit = buy_limit(case.trade.price, tick, case.settings)
    made.append((LIMIT_PRICE, limit >= tick, limit, tick))
    if limit < tick:
        return Decision(Side.BUY, CopyState.SKIPPED, tuple(made), Reason.PRICE_BAND)
    return _sized(case, limit, made)


def _sized(case: Case, limit: Decimal, made: list[Check]) -> Decision:
    settings = case.settings
    budget_usdc = budget(settings, case.account)
    carried_usdc, _ = case.carried()
    wished = wish(settings, case.trade.usdc, case.seen.leader_value_usdc, budget_usdc, carried_usdc)
    least = minimum(settings, case.known_market.min_buy_usdc)
    large_enough = wished[0] >= least * wished[1]
    raised = not large_enough and settings.below_minimum is BelowMinimum.RAISE and not case.is_in
    wanted = wish_down_to_micro(wished)
    made.append((MINIMUM, large_enough or raised, wanted, least))
    if large_enough:
        return _fitted(case, limit, budget_usdc, wish_down_to_cents(wished), made)
    if raised:
        return _fitted(case, limit, budget_usdc, least, made)
    return _too_small(case, wanted, made)


def _too_small(case: Case, wanted: Decimal, made: list[Check]) -> Decision:
    checks = tuple(made)
    if case.settings.below_minimum is not BelowMinimum.CARRY:
        return Decision(Side.BUY, CopyState.SKIPPED, checks, Reason.BELOW_MINIMUM, wanted_usdc=wanted)
    _, since = case.carried()
    return Decision(
        Side.BUY,
        CopyState.SKIPPED,
        checks,
        Reason.CARRIED,
        carried_usdc=wanted,
        carried_since=since or case.seen.now,
        wanted_usdc=wanted,
    )


def _fitted(
    case: Case, limit: Decimal, budget_usdc: Decimal, wanted_cents: Decimal, made: list[Check]
) -> Decision:
    """Make the amount as large as the wish and the smallest room allow (check 22)."""
    market = case.known_market
    found = rooms(case, market.market_id, budget_usdc)
    name, room = smallest(found)
    amount = min(wanted_cents, largest_amount(room, market.fee_rate))
    least = minimum(case.settings, market.min_buy_usdc)
    enough = amount >= least
    made.append((AMOUNT, enough, max(amount, ZERO), least))
    return Decision(
        Side.BUY,
        CopyState.PLANNED if enough else CopyState.SKIPPED,
        tuple(made),
        None if enough else name,
        amount_usdc=amount if enough else None,
        limit_price=limit if enough else None,
        reserve_usdc=reserve(amount, market.fee_rate) if enough else None,
        reduced_by=name if amount < wanted_cents else None,
        wanted_usdc=wanted_cents,
        rooms=found,
    )
