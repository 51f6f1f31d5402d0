"""What becomes of a copy order when one of its orders is over (RULES §3, §4; SAFETY R1, R5, R11). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from schemas.enums import OPEN_COPY_STATES, AllocationState, CopyState, OrderState, Reason, RejectReason, Side
from schemas.money import CENT, ZERO
from streams.tables.bookings import OrderToBook
from streams.trading.attempts import FINAL_REFUSALS, pause_after, uses_an_attempt
from streams.venues.trades import FillSeen


@dataclass(frozen=True, slots=True)
class Ending:
    """What was proven of an order: ``matched`` with all its fills, ``killed``, ``rejected`` or ``dropped``.

    ``reason`` says why it was dropped, or NOT_FOUND. Given again with a further fill, only that fill is booked.
    """

    order_hash: str
    state: OrderState
    cause: str
    fills: tuple[FillSeen, ...] = ()
    words: str | None = None
    reject_reason: RejectReason | None = None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class AttemptRules:
    """How SELLs are tried again: pauses in seconds after each attempt, and how long bought shares may lag."""

    pauses: Sequence[float]
    lag_seconds: float


@dataclass(frozen=True, slots=True)
class After:
    """The copy order's next state. ``next_attempt_seconds`` is given with ``planned``."""

    state: CopyState
    cause: str
    attempts: int
    reason: Reason | None = None
    reject_reason: RejectReason | None = None
    next_attempt_seconds: float | None = None

    @property
    def ended(self) -> bool:
        """Whether this is an end."""
        return self.state not in OPEN_COPY_STATES


@dataclass(frozen=True, slots=True)
class Filled:
    """All that a copy order got filled so far, this order included."""

    shares: Decimal
    usdc: Decimal


def after_order(
    order: OrderToBook, ending: Ending, filled: Filled, bought_seconds_ago: float | None, rules: AttemptRules
) -> After:
    """The state after an order of an open copy order is over."""
    if order.side is Side.BUY:
        return _after_buy(order, ending, filled)
    return _after_sell(order, ending, filled, bought_seconds_ago, rules)


def _after_buy(order: OrderToBook, ending: Ending, filled: Filled) -> After:
    assert order.amount_usdc is not None, "a planned BUY has an amount"
    if filled.shares > 0:
        whole = order.amount_usdc - filled.usdc < CENT
        return After(CopyState.FILLED if whole else CopyState.PARTIAL, ending.cause, 1)
    return _empty_handed(ending, attempts=0 if ending.state is OrderState.DROPPED else 1, begun=False)


def _after_sell(
    order: OrderToBook, ending: Ending, filled: Filled, bought_seconds_ago: float | None, rules: AttemptRules
) -> After:
    assert order.shares is not None, "a planned SELL has shares"
    attempts = order.attempts
    if ending.state is not OrderState.DROPPED and uses_an_attempt(
        ending.reject_reason, bought_seconds_ago, rules.lag_seconds
    ):
        attempts += 1
    if order.shares - filled.shares < CENT:
        return After(CopyState.FILLED, ending.cause, attempts)
    over = (
        ending.state is OrderState.DROPPED
        or ending.reject_reason in FINAL_REFUSALS
        or attempts >= order.attempts_max
        or order.allocation_state is AllocationState.ENDED
    )
    if not over:
        pause = pause_after(attempts, rules.pauses)
        return After(CopyState.PLANNED, f"tried again: {ending.cause}", attempts, next_attempt_seconds=pause)
    if filled.shares > ZERO:
        return After(CopyState.PARTIAL, ending.cause, attempts, ending.reason)
    return _empty_handed(ending, attempts=attempts, begun=order.attempt > 1)


def _empty_handed(ending: Ending, *, attempts: int, begun: bool) -> After:
    """An end without any fill; ``begun``: an attempt went out before."""
    if ending.state is OrderState.REJECTED:
        refusal = ending.reject_reason or RejectReason.OTHER
        return After(CopyState.REJECTED, ending.cause, attempts, reject_reason=refusal)
    if ending.state is OrderState.DROPPED and not begun:
        assert ending.reason is not None, "what is dropped has its reason"
        state = CopyState.EXPIRED if ending.reason is Reason.TOO_OLD else CopyState.SKIPPED
        return After(state, ending.cause, attempts, ending.reason)
    return After(CopyState.UNFILLED, ending.cause, attempts, ending.reason)
