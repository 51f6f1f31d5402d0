"""From a plan to the terms of its next order. Pure; a plan that can have no order says why."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from schemas.allocations import AllocationSettings
from schemas.enums import CopyState, Reason, RejectReason, Side
from schemas.money import CENT, ceil_to_tick, floor_cents, floor_to_tick
from streams.copy_execution.limit_price import sell_limit
from streams.tables.plans import NewOrder, Plan
from streams.trading.attempts import limit_of_attempt
from streams.trading.identity import salt_of, timestamp_ms_of
from streams.trading.signing_rule import order_refusal
from streams.venues.orders import CannotBuild, OrderTerms, build
from streams.venues.wallets import TradingWallet


@dataclass(frozen=True, slots=True)
class PlanEnd:
    """A plan that ends without an order of its own at the exchange."""

    copy_order_id: str
    state: CopyState
    cause: str
    reason: Reason | None = None
    reject_reason: RejectReason | None = None


def signed_order(plan: Plan, wallet: TradingWallet, best_bid: Decimal | None) -> NewOrder | PlanEnd:
    """The plan's next order, signed; or its end where no order can be made of it."""
    terms = _terms(plan, best_bid)
    if isinstance(terms, PlanEnd):
        return terms
    forbidden = order_refusal(plan, terms, wallet)
    if forbidden is not None:
        return _end(plan, f"our own signer refused: {forbidden}", reject_reason=RejectReason.OTHER)
    try:
        made = build(terms, wallet)
    except CannotBuild as refusal:
        return _end(plan, refusal.words, reject_reason=refusal.reason)
    buys = plan.side is Side.BUY
    return NewOrder(
        order_hash=made.order_hash,
        body=made.body,
        plan=plan,
        attempt=plan.former_attempt + 1,
        amount_usdc=terms.amount if buys else None,
        shares=None if buys else terms.amount,
        limit_price=terms.limit,
    )


def _terms(plan: Plan, best_bid: Decimal | None) -> OrderTerms | PlanEnd:
    if plan.tick is None or plan.neg_risk is None:
        return _end(plan, "the market is not known", reason=Reason.MARKET_UNKNOWN)
    attempt = plan.former_attempt + 1
    amount = plan.amount_usdc if plan.side is Side.BUY else floor_cents(plan.shares_left or Decimal(0))
    assert amount is not None, "a planned BUY has an amount"
    if amount < CENT:
        return _end(plan, "nothing is left to sell", reason=Reason.NOTHING_TO_SELL)
    return OrderTerms(
        side=plan.side,
        token_id=plan.token_id,
        amount=amount,
        limit=_limit(plan, plan.tick, best_bid),
        tick=plan.tick,
        neg_risk=plan.neg_risk,
        salt=salt_of(plan.copy_order_id, attempt),
        timestamp_ms=timestamp_ms_of(plan.decided_at, attempt),
        exchange_version=plan.exchange_version,
    )


def _limit(plan: Plan, tick: Decimal, best_bid: Decimal | None) -> Decimal:
    """The decided limit, on the grid as it is now: of a BUY never above it, of a SELL never below."""
    if plan.former_limit is not None and plan.leader_price is not None and plan.settings is not None:
        settings = AllocationSettings.model_validate(plan.settings)
        return limit_of_attempt(plan.leader_price, best_bid, plan.former_limit, tick, settings)
    decided = plan.former_limit if plan.former_limit is not None else plan.limit_price
    assert decided is not None, "what is planned has a limit"
    if plan.side is Side.BUY:
        return floor_to_tick(decided, tick)
    return max(min(1 - tick, ceil_to_tick(decided, tick)), _limit_by_bid(plan, tick, best_bid))


def _limit_by_bid(plan: Plan, tick: Decimal, best_bid: Decimal | None) -> Decimal:
    """SAFETY R13: of a first attempt the reference is the leader's price or the best bid, where that is higher."""
    price = plan.leader_price
    if best_bid is None or price is None or plan.settings is None or best_bid <= price:
        return Decimal(0)
    settings = AllocationSettings.model_validate(plan.settings)
    return sell_limit(price, best_bid, tick, settings)


def _end(
    plan: Plan, cause: str, *, reason: Reason | None = None, reject_reason: RejectReason | None = None
) -> PlanEnd:
    """Before the first attempt nothing was tried; after it what is left goes unfilled."""
    if plan.attempts > 0 or plan.former_attempt > 0:
        return PlanEnd(plan.copy_order_id, CopyState.UNFILLED, cause, reason)
    if reject_reason is not None:
        return PlanEnd(plan.copy_order_id, CopyState.REJECTED, cause, None, reject_reason)
    return PlanEnd(plan.copy_order_id, CopyState.SKIPPED, cause, reason)
