"""What the sentence about a copy may name: its facts, each in the form in which people read it. Pure.

What was not stored reads "unknown", in the reader's language, instead of failing a sentence.
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
from schemas.enums import Side
from schemas.money import ceil_cents
from schemas.unsent_causes import unsent_said
from schemas.views import CopyOrderView

CARRY_LIFE: Final = timedelta(hours=24)
"""How long a wish that was too small is kept (RULES §3)."""
Checks = Mapping[str, tuple[bool, Any, Any]]
"""Name → passed, value, limit, as they were stored."""


@dataclass(frozen=True, slots=True)
class CopyFacts:
    """What is stored about a copy order, as far as its sentence needs it.

    ``settings`` are those of the version that decided; ``day_cap_usdc`` is the live cap; ``looked_seconds`` is how long
    an order was looked for; ``price`` is the leader's; ``wanted`` the wish before the rooms;
    ``switch`` is (since, note) of the operators' stop at that time; ``earlier`` names the copy that took the trade up;
    ``settling``: what was filled is not confirmed on the chain yet.
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
    rehearsal: bool = False
    paused_at: datetime | None = None
    day_cap_usdc: Decimal | None = None
    looked_seconds: int | None = None
    settling: bool = False


def leader_name(copy: CopyOrderView) -> str:
    """The leader's given name, or its wallet in short."""
    return copy.leader_label or figures.short_wallet(copy.leader)


def words_of(texts: Mapping[str, str], facts: CopyFacts) -> Mapping[str, str]:
    words = _Words(
        {"unknown": texts["words.unknown"], "outcome": texts["words.shares"]}
        | _of_copy(facts)
        | _of_times(facts)
        | _of_check(facts)
        | _of_inputs(facts)
        | _of_settings(facts.settings)
    )
    copy = facts.copy
    reduced = copy.reduced_by
    words["reduced"] = "" if reduced is None else texts[f"reduced.{reduced}"].format_map(words)
    words["whose"] = texts["whose.yours" if _own_minimum(facts) else "whose.exchange"]
    words["cause"] = unsent_said(texts, facts.cause)
    words["words"] = facts.words or texts["words.none"]
    if copy.reject_reason is not None:
        words["refusal"] = texts[f"refusal.{copy.reject_reason}"].format_map(words)
    return words


class _Words(dict[str, str]):
    """What is not known reads "unknown" instead of failing a sentence."""

    def __missing__(self, key: str) -> str:
        return self["unknown"]


def _of_copy(facts: CopyFacts) -> dict[str, str]:
    copy = facts.copy
    words = {
        "leader": leader_name(copy),
        "filled_shares": figures.share_count(copy.filled_shares),
        "filled_usdc": (figures.paid if copy.side is Side.BUY else figures.had)(copy.usdc),
        "realised": figures.signed(copy.realised_usdc),
        "attempts": str(copy.attempts),
        "earlier": f" ({facts.earlier})" if facts.earlier else "",
    }
    if copy.outcome:
        words["outcome"] = copy.outcome[:80]
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
    return words


def _of_times(facts: CopyFacts) -> dict[str, str]:
    """Since when something stands, how long it was looked for, and the live cap."""
    words: dict[str, str] = {}
    if facts.looks is not None:
        words["looks"] = str(facts.looks)
    if facts.looked_seconds is not None:
        words["looked_span"] = figures.span(facts.looked_seconds)
    if facts.paused_at is not None:
        words["paused_time"] = figures.moment(facts.paused_at)
    if facts.day_cap_usdc is not None:
        words["day_cap"] = figures.had(facts.day_cap_usdc)
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
        number, at = exact(found), moment_of(found)
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
    known = {name: exact(inputs.get(name)) for name in ("cash_usdc", "reserved_usdc", "at_work_usdc")}
    words: dict[str, str] = {}
    cash, reserved, at_work = known.values()
    if cash is not None and reserved is not None:
        words |= {"cash": figures.had(cash), "reserved": figures.paid(reserved)}
        words["free"] = figures.had(max(cash - reserved, Decimal(0)))
    if at_work is not None:
        words |= _at_work(at_work, exact(inputs.get("buys_reserved_usdc")))
    for name, source in (("market_used", "market_at_work_usdc"), ("day_spent", "day_spent_usdc")):
        words[name] = figures.paid(exact(inputs.get(source)) or Decimal(0))
    words["lost"] = figures.paid(max(-(exact(inputs.get("realised_usdc")) or Decimal(0)), Decimal(0)))
    lot = inputs.get("lot")
    words["held"] = figures.share_count(exact(lot[0]) or Decimal(0)) if lot else "0.00"
    words["day_left"] = figures.span(_seconds_left(copy.decided_at))
    words["minimum"] = figures.paid(
        exact(facts.checks.get("MINIMUM", (0, 0, None))[2]) or settings.min_trade_usdc
    )
    kept = inputs.get("carried")
    since = moment_of(kept[1]) if kept else None
    words["until"] = figures.moment((since or copy.decided_at) + CARRY_LIFE)
    lots_cost = exact(inputs.get("lots_cost_usdc"))
    budget = _budget(settings, None if cash is None or lots_cost is None else cash + lots_cost)
    return words if budget is None else words | {"budget": budget}


def _at_work(at_work: Decimal, buys_reserved: Decimal | None) -> dict[str, str]:
    """What the budget counts, and its two parts where the decision kept them apart."""
    words = {"at_work": figures.paid(at_work)}
    if buys_reserved is not None:
        words |= {"cost": figures.paid(at_work - buys_reserved), "buys_reserved": figures.paid(buys_reserved)}
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


def _own_minimum(facts: CopyFacts) -> bool:
    """Whether the smallest copy is the follower's own wish, and not the exchange's."""
    own = facts.settings.min_trade_usdc
    minimum = exact(facts.checks.get("MINIMUM", (0, 0, None))[2])
    return own > 1 and (minimum is None or ceil_cents(own) >= minimum)


def _budget(settings: AllocationSettings, money: Decimal | None) -> str | None:
    sums = [settings.budget_usdc] if settings.budget_usdc is not None else []
    if settings.budget_percent is not None and money is not None:
        sums.append(settings.budget_percent * money / 100)
    return figures.had(min(sums)) if sums else None


def _seconds_left(at: datetime) -> int:
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return int((midnight - at).total_seconds())


def never(limit: object) -> bool:
    """A following that classify has not read yet is in force from the end of time."""
    at = moment_of(limit)
    return at is not None and at.year > 9000


def exact(value: object) -> Decimal | None:
    """A stored number, or None where it is none."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        return Decimal(str(value))
    except ArithmeticError:
        return None


def moment_of(value: object) -> datetime | None:
    """A stored time, or None where it is none."""
    if not isinstance(value, str) or "T" not in value:
        return None
    try:
        return datetime.fromisoformat(rfc3339(datetime.fromisoformat(value)))
    except ValueError:
        return None
