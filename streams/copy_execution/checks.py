"""The checks before any sizing, each a line of RULES §3 and §4, and the order in which they are made.

A check answers (passed, value, limit). Limits of time are inclusive; a fact that is not known fails a filter that needs
it; a filter that is not set passes with no limit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from schemas.enums import AllocationState, CopyMode, Entries, Reason
from streams.copy_execution.case import Case
from streams.copy_execution.decision import Check, CheckValue

Finding = tuple[bool, CheckValue, CheckValue]
WAITING = "WAITING"
"""Name of the check that an earlier copy order of this token holds this one back (RULES §4 check 5)."""


def failing(
    order: Sequence[tuple[str, Callable[[Case], Finding]]], case: Case, made: list[Check]
) -> str | None:
    """Make the checks in ``order``, noting each in ``made``; the name of the first that fails."""
    for name, check in order:
        passed, value, limit = check(case)
        made.append((name, passed, value, limit))
        if not passed:
            return name
    return None


def _own_wallet(case: Case) -> Finding:
    return case.trade.wallet != case.account.wallet, case.trade.wallet, case.account.wallet


def _copy_of_copy(case: Case) -> Finding:
    return not case.seen.copy_of_ours, case.seen.copy_of_ours, False


def _before_following(case: Case) -> Finding:
    return (
        case.seen.happened_at >= case.allocation.active_from,
        case.seen.happened_at,
        case.allocation.active_from,
    )


def _source(case: Case) -> Finding:
    return case.seen.live_source or not case.allocation.live, case.trade.source, case.allocation.live


def _free_to_decide(case: Case) -> Finding:
    return case.trade.token_id not in case.books.waiting_tokens, None, None


def _buys_stopped(case: Case) -> Finding:
    switches = case.seen.switches
    missed = switches.buys_from is not None and case.seen.happened_at < switches.buys_from
    return not (switches.buys_stopped or missed), switches.buys_stopped, switches.buys_from


def _paused(case: Case) -> Finding:
    allocation = case.allocation
    missed = allocation.buys_from is not None and case.seen.happened_at < allocation.buys_from
    return allocation.state is AllocationState.ACTIVE and not missed, allocation.state, allocation.buys_from


def _buys_off(case: Case) -> Finding:
    return case.settings.copy_buys, case.settings.copy_buys, True


def _sells_off(case: Case) -> Finding:
    return case.settings.copy_sells, case.settings.copy_sells, True


def _too_old(case: Case) -> Finding:
    limit = case.settings.max_age_seconds
    return case.seen.age_seconds <= limit, case.seen.age_seconds, limit


def _market_unknown(case: Case) -> Finding:
    return case.market is not None, None if case.market is None else case.market.market_id, None


def _market_closed(case: Case) -> Finding:
    closed = case.market is not None and case.market.closed
    return not closed, closed, False


def _market_ending(case: Case) -> Finding:
    limit = case.settings.min_seconds_to_end
    left = case.seen.seconds_to_end
    if limit == 0:
        return True, left, None
    return left is not None and left >= limit, left, limit


def _category(case: Case) -> Finding:
    allowed, blocked = case.settings.allowed_categories, case.settings.blocked_categories
    category = case.seen.category
    if not allowed and not blocked:
        return True, category, None
    if category is None:
        return False, None, "; ".join(allowed or blocked or ())
    if allowed and category not in {name.casefold() for name in allowed}:
        return False, category, "; ".join(allowed)
    return (
        category not in {name.casefold() for name in blocked or ()},
        category,
        "; ".join(blocked or allowed or ()),
    )


def _keyword(case: Case) -> Finding:
    words = case.settings.blocked_keywords
    if not words:
        return True, None, None
    question = case.seen.question
    if question is None:
        return False, None, "; ".join(words)
    found = next((word for word in words if word.casefold() in question), None)
    return found is None, found, "; ".join(words)


def _leader_trade_small(case: Case) -> Finding:
    limit = case.settings.leader_floor_usdc
    return case.trade.usdc >= limit, case.trade.usdc, limit


def _leader_trade_large(case: Case) -> Finding:
    limit = case.settings.leader_max_usdc
    return limit is None or case.trade.usdc <= limit, case.trade.usdc, limit


def _price_band(case: Case) -> Finding:
    price, low, high = case.trade.price, case.settings.min_price, case.settings.max_price
    return low <= price <= high, price, low if price < low else high


def _same_leader_order(case: Case) -> Finding:
    trade, books, lot = case.trade, case.books, case.lot
    if lot is not None and 0 < trade.number <= lot.applied_number:
        # This very trade, or one after it, already made the lot what it is: never bought again (SAFETY R18).
        return False, trade.number, lot.applied_number
    if case.settings.mode is not CopyMode.FIXED_AMOUNT:
        return True, None, None
    if trade.order_hash is not None and trade.order_hash in books.taken_orders:
        return False, trade.order_hash, True
    taken = (trade.token_id, trade.burst_started_at) in books.taken_bursts
    return not taken, trade.burst_started_at, True


def _already_in(case: Case) -> Finding:
    if case.settings.entries is not Entries.FIRST_ONLY:
        return True, case.is_in, None
    return not case.is_in, case.is_in, False


def _max_adds(case: Case) -> Finding:
    limit = case.settings.max_adds
    open_count = case.open_buys.count if case.open_buys is not None else 0
    adds = open_count + case.lot.adds if case.lot is not None else max(open_count - 1, 0)
    return limit is None or not case.is_in or adds < limit, adds, limit


def _leader_value(case: Case) -> Finding:
    value = case.seen.leader_value_usdc
    if case.settings.mode is not CopyMode.PROPORTIONAL:
        return True, value, None
    return value is not None and value > 0, value, 0


def _held(case: Case) -> Finding:
    """A lot is there, opened by a BUY that happened no later than this SELL, and this SELL is not yet in it (R18)."""
    lot, trade = case.lot, case.trade
    if lot is None:
        return False, 0, None
    if lot.opened_traded_at is not None and lot.opened_traded_at > case.seen.happened_at:
        return False, case.seen.happened_at, lot.opened_traded_at
    if 0 < trade.number <= lot.applied_number:
        return False, trade.number, lot.applied_number
    return True, lot.shares, None


BUY_CHECKS: tuple[tuple[str, Callable[[Case], Finding]], ...] = (
    (Reason.OWN_WALLET, _own_wallet),
    (Reason.COPY_OF_COPY, _copy_of_copy),
    (Reason.BEFORE_FOLLOWING, _before_following),
    (Reason.SOURCE, _source),
    (WAITING, _free_to_decide),
    (Reason.BUYS_STOPPED, _buys_stopped),
    (Reason.PAUSED, _paused),
    (Reason.BUYS_OFF, _buys_off),
    (Reason.TOO_OLD, _too_old),
    (Reason.MARKET_UNKNOWN, _market_unknown),
    (Reason.MARKET_CLOSED, _market_closed),
    (Reason.MARKET_ENDING, _market_ending),
    (Reason.CATEGORY, _category),
    (Reason.KEYWORD, _keyword),
    (Reason.LEADER_TRADE_SMALL, _leader_trade_small),
    (Reason.LEADER_TRADE_LARGE, _leader_trade_large),
    (Reason.PRICE_BAND, _price_band),
    (Reason.SAME_LEADER_ORDER, _same_leader_order),
    (Reason.ALREADY_IN, _already_in),
    (Reason.MAX_ADDS, _max_adds),
    (Reason.LEADER_VALUE_UNKNOWN, _leader_value),
)
"""Checks 2 to 19 of RULES §3."""


def _settled_buys(case: Case) -> Finding:
    """A BUY not proven ended 10 s after its POST holds nothing back any more (SAFETY R6)."""
    count = case.open_buys.count - case.open_buys.overdue if case.open_buys is not None else 0
    return count == 0 and case.trade.token_id not in case.books.waiting_tokens, count, 0


SELL_CHECKS: tuple[tuple[str, Callable[[Case], Finding]], ...] = (
    (Reason.OWN_WALLET, _own_wallet),
    (Reason.BEFORE_FOLLOWING, _before_following),
    (Reason.SOURCE, _source),
    (Reason.SELLS_OFF, _sells_off),
    (WAITING, _settled_buys),
    (Reason.NOTHING_TO_SELL, _held),
)
"""Checks 2 to 6 of RULES §4; that of the source is SAFETY R9."""

SELL_MARKET_CHECKS: tuple[tuple[str, Callable[[Case], Finding]], ...] = (
    (Reason.MARKET_UNKNOWN, _market_unknown),
    (Reason.MARKET_CLOSED, _market_closed),
)
"""Checks 7 and 8 of RULES §4."""
