"""Orders by hand: what a quote offers, and whether an order of it may go (UX S13, N4; SAFETY R4, R26). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from schemas.enums import CopyState, Reason, Side, Venue
from schemas.money import (
    CENT,
    EXACT,
    ZERO,
    ceil_cents,
    ceil_to_tick,
    floor_cents,
    floor_micro,
    floor_to_tick,
)
from streams.copy_execution.sizing import reserve
from streams.tables.hands import HandCase, QuoteAsked
from streams.venues.venue import BookSeen, Level

BUY_GUARD: Final = Decimal("0.01")
"""So much over the best offer that was shown, and no more (UX N4)."""
SELL_GUARD: Final = Decimal("0.05")
"""So much under the best bid (UX S7a)."""


@dataclass(frozen=True, slots=True)
class Quoted:
    """A price that holds for a while: ``fee_usdc`` at most; ``least_shares`` (BUY) and ``least_usdc`` before the fee
    (SELL) of an order that is filled whole."""

    best_price: Decimal
    limit_price: Decimal
    depth_usdc: Decimal
    fee_usdc: Decimal
    least_shares: Decimal | None
    least_usdc: Decimal | None


def quote(asked: QuoteAsked, book: BookSeen | None) -> Quoted | Reason:
    """What is offered now; or why nothing is."""
    if asked.tick is None or asked.fee_rate is None:
        return Reason.MARKET_UNKNOWN
    if asked.closed:
        return Reason.MARKET_CLOSED
    tick = book.tick if book is not None and book.tick is not None else asked.tick
    if asked.side is Side.BUY:
        assert asked.amount_usdc is not None, "a BUY has an amount"
        if asked.amount_usdc < asked.min_buy_usdc:
            return Reason.BELOW_MINIMUM
        return _buy(asked.amount_usdc, book.asks if book else (), tick, asked.fee_rate)
    assert asked.shares is not None, "a SELL has shares"
    return _sell(asked.shares, book.bids if book else (), tick, asked.fee_rate)


def _buy(amount: Decimal, asks: Sequence[Level], tick: Decimal, fee_rate: Decimal) -> Quoted | Reason:
    if not asks:
        return Reason.THIN_MARKET
    best = asks[0].price
    limit = floor_to_tick(min(best + BUY_GUARD, 1 - tick), tick)
    if limit < best:
        return Reason.THIN_MARKET
    depth = sum((level.price * level.shares for level in asks if level.price <= limit), ZERO)
    least = floor_cents(EXACT.divide(amount, limit))
    return Quoted(best, limit, floor_micro(depth), ceil_cents(amount * fee_rate), least, None)


def _sell(shares: Decimal, bids: Sequence[Level], tick: Decimal, fee_rate: Decimal) -> Quoted | Reason:
    if not bids:
        return Reason.THIN_MARKET
    best = bids[0].price
    limit = min(1 - tick, ceil_to_tick(max(best - SELL_GUARD, tick), tick))
    depth = sum((level.price * level.shares for level in bids if level.price >= limit), ZERO)
    # A fee is shares × rate × p × (1 − p), at most a quarter of shares × rate.
    fee = ceil_cents(EXACT.divide(EXACT.multiply(shares, fee_rate), Decimal(4)))
    return Quoted(best, limit, floor_micro(depth), fee, None, floor_cents(EXACT.multiply(shares, limit)))


@dataclass(frozen=True, slots=True)
class HandDecision:
    """What becomes of an order by hand: ``planned`` (a BUY with its reserve), or an end with its reason. ``cause`` is
    for logs; people read the reason with ``value``, what the check looked at, and ``limit``, what it allowed (USDC, or
    shares of a SELL)."""

    state: CopyState
    cause: str
    reason: Reason | None = None
    reserve_usdc: Decimal | None = None
    value: Decimal | None = None
    limit: Decimal | None = None


def decide(case: HandCase) -> HandDecision:
    """The checks of a copy (RULES §3, §4), as far as they concern an order that nobody copied. Nothing is made smaller:
    a person asked for this and no other."""
    if case.account_state != "ready":
        return _skipped(Reason.BALANCE, "the account is not open yet")
    return _decide_buy(case) if case.side is Side.BUY else _decide_sell(case)


def _decide_buy(case: HandCase) -> HandDecision:
    assert case.amount_usdc is not None, "a BUY has an amount"
    live = case.venue is Venue.POLYMARKET
    if case.buys_stopped:
        return _skipped(Reason.BUYS_STOPPED, "the operators have stopped all buying")
    if live and (case.live_stopped or not case.armed or case.account_stopped):
        return _skipped(Reason.BUYS_STOPPED, "live buying is off for this account")
    if case.now > case.deadline:
        return HandDecision(CopyState.EXPIRED, "its quote was no longer good", Reason.TOO_OLD)
    if not case.market_known:
        return _skipped(Reason.MARKET_UNKNOWN, "the market is not known")
    if case.closed:
        return _skipped(Reason.MARKET_CLOSED, "the market has closed")
    if case.amount_usdc < case.min_buy_usdc:
        return _beyond(
            Reason.BELOW_MINIMUM, "under the smallest allowed", case.amount_usdc, case.min_buy_usdc
        )
    needed = reserve(case.amount_usdc, case.fee_rate)
    if live and (case.day_cap_usdc is None or needed > case.day_cap_usdc - case.spent_today_usdc):
        cap = case.day_cap_usdc
        return _beyond(Reason.LIVE_DAY_CAP, "the live limit for a day is in use", needed, cap)
    free = case.cash_usdc - case.reserved_usdc
    if needed > free:
        return _beyond(Reason.BALANCE, "more is needed than is free", needed, max(free, ZERO))
    return HandDecision(CopyState.PLANNED, "decided by hand", reserve_usdc=needed)


def _decide_sell(case: HandCase) -> HandDecision:
    assert case.shares is not None, "a SELL has shares"
    if case.now > case.deadline:
        return HandDecision(CopyState.EXPIRED, "its quote was no longer good", Reason.TOO_OLD)
    if case.closed:
        return _skipped(Reason.MARKET_CLOSED, "the market has closed")
    free = floor_cents(max(case.lot_shares - case.on_sale, ZERO))
    if case.shares > free or free < CENT:
        return _beyond(Reason.NOTHING_TO_SELL, "fewer are held and not being sold already", case.shares, free)
    return HandDecision(CopyState.PLANNED, "decided by hand")


def _skipped(reason: Reason, cause: str) -> HandDecision:
    return HandDecision(CopyState.SKIPPED, cause, reason)


def _beyond(reason: Reason, cause: str, value: Decimal, limit: Decimal | None) -> HandDecision:
    return HandDecision(CopyState.SKIPPED, cause, reason, value=value, limit=limit)
