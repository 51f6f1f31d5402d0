"""The decision about a leader's SELL (RULES §4)."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from schemas.enums import CopyState, Reason, Side
from schemas.money import CENT, ZERO
from streams.classify.ledger import leaves_flat
from streams.copy_execution.case import Case
from streams.copy_execution.checks import SELL_CHECKS, SELL_MARKET_CHECKS, WAITING, failing
from streams.copy_execution.decision import Check, Decision
from streams.copy_execution.inputs import Trade
from streams.copy_execution.limit_price import sell_limit

SHARES: Final = "SHARES"
_ONE = Decimal(1)


def lowered_target(target: Decimal, trade: Trade) -> tuple[Decimal, Decimal]:
    """The exact target after the leader's SELL, as numerator and denominator (> 0).

    He sold f = min(1, size ÷ max(before, size)); what would remain is dropped when it is worth less than 1 USDC.
    """
    before, size = trade.leader_before, trade.size
    if leaves_flat(before, size):
        return ZERO, _ONE
    kept = target * (before - size)
    return (ZERO, _ONE) if kept * trade.price < before else (kept, before)


def decide_sell(case: Case) -> Decision:
    """Plan a SELL, or say what stands against it. Once a lot is found, its target is lowered whatever follows."""
    made: list[Check] = []
    failed = failing(SELL_CHECKS, case, made)
    if failed is not None:
        if failed == WAITING:
            return Decision(Side.SELL, CopyState.WAITING, tuple(made))
        return Decision(Side.SELL, CopyState.SKIPPED, tuple(made), Reason(failed))
    lot = case.lot
    assert lot is not None  # check 6
    numerator, denominator = lowered_target(lot.target_shares, case.trade)
    target = (numerator.scaleb(6) // denominator).scaleb(-6)
    free = lot.shares - lot.selling_shares
    if free <= 0:
        made[-1] = (Reason.NOTHING_TO_SELL, False, free, None)
        return Decision(
            Side.SELL, CopyState.SKIPPED, tuple(made), Reason.NOTHING_TO_SELL, target_shares=target
        )
    if case.market is None:
        case.market = lot.market
    failed = failing(SELL_MARKET_CHECKS, case, made)
    if failed is not None:
        return Decision(Side.SELL, CopyState.SKIPPED, tuple(made), Reason(failed), target_shares=target)
    surplus = free * denominator - numerator
    shares = max(ZERO, (surplus.scaleb(2) // denominator).scaleb(-2))
    return _limited(case, shares, target, made)


def _limited(case: Case, shares: Decimal, target: Decimal, made: list[Check]) -> Decision:
    market = case.market
    assert market is not None  # check 7
    made.append((SHARES, shares >= CENT, shares, CENT))
    if shares < CENT:
        return Decision(Side.SELL, CopyState.SKIPPED, tuple(made), Reason.BELOW_MINIMUM, target_shares=target)
    return Decision(
        Side.SELL,
        CopyState.PLANNED,
        tuple(made),
        limit_price=sell_limit(case.trade.price, case.trade.price, market.tick, case.settings),
        shares=shares,
        target_shares=target,
    )
