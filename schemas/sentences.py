"""One sentence for what became of a copy, and why; the same in bot, API and console (UX §3). Pure.

A sentence is a text of ``schemas/texts`` with what the decision stored put in: the check that failed gives ``value``
and ``limit``, the stored inputs the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from schemas.enums import AllocationState, CopyState, Reason, Side, Venue
from schemas.sentence_words import CopyFacts, exact, never, words_of

# The setting whose change would change the decision.
SETTING_OF: Final[Mapping[Reason, str]] = {
    Reason.BUYS_OFF: "copy_buys",
    Reason.SELLS_OFF: "copy_sells",
    Reason.TOO_OLD: "max_age_seconds",
    Reason.MARKET_ENDING: "min_seconds_to_end",
    Reason.CATEGORY: "blocked_categories",
    Reason.KEYWORD: "blocked_keywords",
    Reason.LEADER_TRADE_SMALL: "leader_min_usdc",
    Reason.LEADER_TRADE_LARGE: "leader_max_usdc",
    Reason.PRICE_BAND: "max_price",
    Reason.SAME_LEADER_ORDER: "mode",
    Reason.ALREADY_IN: "entries",
    Reason.MAX_ADDS: "max_adds",
    Reason.LEADER_VALUE_UNKNOWN: "mode",
    Reason.TRADE_LIMIT: "max_per_trade_usdc",
    Reason.BUDGET: "budget_usdc",
    Reason.LOSS_LIMIT: "max_loss_usdc",
    Reason.MARKET_LIMIT: "max_per_market_usdc",
    Reason.DAY_LIMIT: "max_per_day_usdc",
    Reason.BELOW_MINIMUM: "below_minimum",
    Reason.CARRIED: "below_minimum",
}

_FILLED: Final = frozenset({CopyState.FILLED, CopyState.PARTIAL})
_GOES_OUT: Final = (
    frozenset({CopyState.PLANNED, CopyState.SUBMITTING, CopyState.UNKNOWN, CopyState.UNFILLED}) | _FILLED
)


def sentence(texts: Mapping[str, str], facts: CopyFacts) -> str:
    """What became of the copy, in one sentence."""
    copy = facts.copy
    if facts.rehearsal and copy.state is CopyState.PLANNED:
        key = "copy.rehearsed"
    elif copy.reversed:
        key = f"copy.reversed.{copy.side}"
    elif copy.late_fill:
        key = "copy.late_fill"
    elif copy.reason is not None and copy.state not in _FILLED:
        key = _reason_key(facts, copy.reason)
    else:
        key = f"copy.{copy.state}"
    text = texts.get(f"{key}.{copy.side}") or texts[key]
    said = text.format_map(words_of(texts, facts))
    return " ".join([said, *(texts[key] for key in _beside(facts))])


def _beside(facts: CopyFacts) -> Iterator[str]:
    """What is said beside a copy that went out: that it is not settled yet, and that a sale may have been too large."""
    copy = facts.copy
    if copy.reversed or copy.late_fill:
        return
    if facts.settling and copy.state in _FILLED:
        yield "copy.settling"
    if copy.side is Side.SELL and copy.state in _GOES_OUT and facts.inputs.get("leader_unsure"):
        yield "copy.unsure"


def setting_of(facts: CopyFacts) -> str | None:
    """The name of the setting that decided, where one did."""
    reason, settings = facts.copy.reason or facts.copy.reduced_by, facts.settings
    if reason is Reason.PRICE_BAND and facts.price is not None and facts.price < settings.min_price:
        return "min_price"
    if reason is Reason.CATEGORY and settings.allowed_categories:
        return "allowed_categories"
    if reason is Reason.BUDGET and settings.budget_usdc is None:
        return "budget_percent"
    return None if reason is None else SETTING_OF.get(reason)


def _who_stopped(facts: CopyFacts, *, missed: bool) -> str | None:
    """``missed``: buying was allowed again since. Where no switch of the operators stood, it was the account's own."""
    if missed:
        return "missed"
    return "account" if facts.switch is None and facts.copy.venue is Venue.POLYMARKET else None


def _reason_key(facts: CopyFacts, reason: Reason) -> str:
    passed, value, limit = facts.checks.get(reason, (True, None, None))
    variant = None
    match reason:
        case Reason.BEFORE_FOLLOWING if never(limit):
            variant = "starting"
        case Reason.BUYS_STOPPED:
            variant = _who_stopped(facts, missed=not passed and value is False)
        case Reason.PAUSED if value == AllocationState.CLOSING:
            variant = "closing"
        case Reason.PAUSED if value == AllocationState.ACTIVE and limit is not None:
            variant = "missed"
        case Reason.TOO_OLD if passed:
            variant = "sending"
        case Reason.MARKET_ENDING | Reason.KEYWORD if value is None:
            variant = "unknown"
        case Reason.CATEGORY:
            allowed = "allowed" if facts.settings.allowed_categories else "blocked"
            variant = "unknown" if value is None else allowed
        case Reason.PRICE_BAND if facts.checks.get("LIMIT_PRICE", (True, None, None))[0] is False:
            variant = "tick"
        case Reason.NOTHING_TO_SELL if facts.inputs.get("lot") and exact(value) == 0:
            variant = "selling"
        case _:
            # What the plain text names was not kept.
            named = {
                Reason.PAUSED: facts.paused_at,
                Reason.LIVE_DAY_CAP: facts.day_cap_usdc,
                Reason.BUDGET: facts.inputs.get("buys_reserved_usdc"),
            }
            variant = "unknown" if named.get(reason, reason) is None else None
    return f"reason.{reason}.{variant}" if variant else f"reason.{reason}"
