"""One sentence for what became of a copy, and why; the same in bot, API and console (UX §3). Pure.

A sentence is a text of ``schemas/texts`` with what the decision stored put in: the check that failed gives ``value``
and ``limit``, the stored inputs the rest. What was not stored reads "unknown".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from schemas import figures
from schemas.allocations import AllocationSettings
from schemas.base import rfc3339
from schemas.enums import AllocationState, CopyState, Reason, Side
from schemas.views import CopyOrderView

UNKNOWN: Final = "unknown"
Checks = Mapping[str, tuple[bool, Any, Any]]
"""Name → passed, value, limit, as they were stored."""

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


@dataclass(frozen=True, slots=True)
class CopyFacts:
    """What is stored about a copy order, as far as its sentence needs it.

    ``settings`` are those of the version that decided; ``price`` is the leader's; ``wanted`` the wish before the rooms;
    ``switch`` is (since, note) of the operators' stop at that time; ``earlier`` names the copy that took the trade up.
    """

    copy: CopyOrderView
    settings: AllocationSettings
    price: Decimal | None = None
    checks: Checks = field(default_factory=dict)
    inputs: Mapping[str, Any] = field(default_factory=dict)
    cause: str = ""
    wanted: Decimal | None = None
    words: str | None = None
    looks: int | None = None
    switch: tuple[datetime, str] | None = None
    earlier: str | None = None


def sentence(texts: Mapping[str, str], facts: CopyFacts) -> str:
    """What became of the copy, in one sentence."""
    copy = facts.copy
    if copy.reversed:
        key = f"copy.reversed.{copy.side}"
    elif copy.late_fill:
        key = "copy.late_fill"
    elif copy.reason is not None and copy.state not in (CopyState.FILLED, CopyState.PARTIAL):
        key = _reason_key(facts, copy.reason)
    else:
        key = f"copy.{copy.state}"
    text = texts.get(f"{key}.{copy.side}") or texts[key]
    return text.format_map(_words(texts, facts))


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


def leader_name(copy: CopyOrderView) -> str:
    """The leader's given name, or its wallet in short."""
    return copy.leader_label or figures.short_wallet(copy.leader)


def _reason_key(facts: CopyFacts, reason: Reason) -> str:
    passed, value, limit = facts.checks.get(reason, (True, None, None))
    variant = None
    match reason:
        case Reason.BEFORE_FOLLOWING if _never(limit):
            variant = "starting"
        case Reason.BUYS_STOPPED if not passed and value is False:
            variant = "missed"
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
        case Reason.NOTHING_TO_SELL if facts.inputs.get("lot") and _decimal(value) == 0:
            variant = "selling"
        case _:
            pass
    return f"reason.{reason}.{variant}" if variant else f"reason.{reason}"


def _words(texts: Mapping[str, str], facts: CopyFacts) -> Mapping[str, str]:
    words = _Words(_of_copy(facts) | _of_check(facts) | _of_inputs(facts) | _of_settings(facts.settings))
    copy = facts.copy
    words["reduced"] = texts[f"reduced.{copy.reduced_by}"] if copy.reduced_by is not None else ""
    words["words"] = facts.words or "no words"
    if copy.reject_reason is not None:
        words["refusal"] = texts[f"refusal.{copy.reject_reason}"].format_map(words)
    return words


class _Words(dict[str, str]):
    """What is not known reads "unknown" instead of failing a sentence."""

    def __missing__(self, key: str) -> str:
        return UNKNOWN


def _of_copy(facts: CopyFacts) -> dict[str, str]:
    copy = facts.copy
    words = {
        "leader": leader_name(copy),
        "outcome": (copy.outcome or "shares")[:80],
        "filled_shares": figures.share_count(copy.filled_shares),
        "filled_usdc": (figures.paid if copy.side is Side.BUY else figures.had)(copy.usdc),
        "realised": figures.signed(copy.realised_usdc),
        "attempts": str(copy.attempts),
        "cause": facts.cause or UNKNOWN,
        "earlier": f" ({facts.earlier})" if facts.earlier else "",
    }
    if copy.filled_shares > 0:
        words["fill_price"] = figures.cents(copy.usdc / copy.filled_shares)
    if copy.amount_usdc is not None:
        words["amount"] = figures.paid(copy.amount_usdc)
        words["given_back"] = figures.had(max(copy.amount_usdc - copy.usdc, Decimal(0)))
    if copy.shares is not None:
        words["shares"] = figures.share_count(copy.shares)
    if copy.limit_price is not None:
        words["limit_price"] = figures.cents(copy.limit_price)
    if facts.price is not None:
        words["price"] = figures.cents(facts.price)
    if facts.wanted is not None:
        words["wanted"] = figures.had(facts.wanted)
    if facts.looks is not None:
        words["looks"] = str(facts.looks)
    if facts.switch is not None:
        words["switch_time"], words["switch_note"] = figures.moment(facts.switch[0]), facts.switch[1]
    return words


def _of_check(facts: CopyFacts) -> dict[str, str]:
    """The failed check's value and limit, in each form a text may want them."""
    failed = [(value, limit) for passed, value, limit in facts.checks.values() if not passed]
    if not failed:
        return {}
    words: dict[str, str] = {}
    for name, found in zip(("value", "limit"), failed[-1], strict=True):
        if found is None:
            continue
        words[name] = str(found)[:80]
        number, at = _decimal(found), _moment(found)
        if number is not None:
            words[f"{name}_usdc"] = figures.had(number)
            words[f"{name}_cents"] = figures.cents(number)
            words[f"{name}_seconds"] = figures.seconds(number)
            words[f"{name}_span"] = figures.span(int(number))
        if at is not None:
            words[f"{name}_time"] = figures.moment(at)
    return words


def _of_inputs(facts: CopyFacts) -> dict[str, str]:
    inputs, settings, copy = facts.inputs, facts.settings, facts.copy
    known = {name: _decimal(inputs.get(name)) for name in ("cash_usdc", "reserved_usdc", "at_work_usdc")}
    words: dict[str, str] = {}
    cash, reserved, at_work = known.values()
    if cash is not None and reserved is not None:
        words |= {"cash": figures.had(cash), "reserved": figures.paid(reserved)}
        words["free"] = figures.had(max(cash - reserved, Decimal(0)))
    if at_work is not None:
        words["at_work"] = figures.paid(at_work)
    for name, source in (("market_used", "market_at_work_usdc"), ("day_spent", "day_spent_usdc")):
        words[name] = figures.paid(_decimal(inputs.get(source)) or Decimal(0))
    words["lost"] = figures.paid(max(-(_decimal(inputs.get("realised_usdc")) or Decimal(0)), Decimal(0)))
    lot = inputs.get("lot")
    words["held"] = figures.share_count(_decimal(lot[0]) or Decimal(0)) if lot else "0.00"
    words["day_left"] = figures.span(_seconds_left(copy.decided_at))
    words["minimum"] = figures.paid(
        _decimal(facts.checks.get("MINIMUM", (0, 0, None))[2]) or settings.min_trade_usdc
    )
    lots_cost = _decimal(inputs.get("lots_cost_usdc"))
    words["budget"] = _budget(settings, None if cash is None or lots_cost is None else cash + lots_cost)
    return words


def _of_settings(settings: AllocationSettings) -> dict[str, str]:
    words = {
        "max_age": str(settings.max_age_seconds),
        "min_price": figures.cents(settings.min_price),
        "max_price": figures.cents(settings.max_price),
    }
    for name in ("max_per_trade", "max_per_market", "max_per_day", "max_loss"):
        limit = getattr(settings, f"{name}_usdc")
        if limit is not None:
            words[name] = figures.had(limit)
    return words


def _budget(settings: AllocationSettings, money: Decimal | None) -> str:
    sums = [settings.budget_usdc] if settings.budget_usdc is not None else []
    if settings.budget_percent is not None and money is not None:
        sums.append(settings.budget_percent * money / 100)
    return figures.had(min(sums)) if sums else UNKNOWN


def _seconds_left(at: datetime) -> int:
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return int((midnight - at).total_seconds())


def _never(limit: object) -> bool:
    """A following that classify has not read yet is in force from the end of time."""
    at = _moment(limit)
    return at is not None and at.year > 9000


def _decimal(value: object) -> Decimal | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        return Decimal(str(value))
    except ArithmeticError:
        return None


def _moment(value: object) -> datetime | None:
    if not isinstance(value, str) or "T" not in value:
        return None
    try:
        return datetime.fromisoformat(rfc3339(datetime.fromisoformat(value)))
    except ValueError:
        return None
