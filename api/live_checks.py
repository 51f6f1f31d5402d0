"""What must hold before live money trades, as a person reads it (UX S14a). Pure.

The facts are trading's (`live_looks`) and the operators' switch; what could not be looked at is said as unknown, and
nothing unknown lets anybody arm.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from schemas.account_views import LiveCheck, LiveCheckName, LiveChecks
from schemas.base import rfc3339
from schemas.money import ZERO, truncate_display
from schemas.views import FieldError

# As trading's own setting has it (SAFETY R17): no BUY goes out on a clock that differs by more.
CLOCK_DIFFERS_SECONDS: Final = Decimal(2)
# The exchange's smallest order: less than that buys nothing.
LEAST_USDC: Final = Decimal(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveFacts:
    """What was seen: the switch `live`, trading's look (none: nobody answered), USDC at work in positions."""

    switch: Mapping[str, Any] | None
    look: Mapping[str, Any] | None
    at_work_usdc: Decimal
    as_of: datetime


def checks_of(facts: LiveFacts, texts: Mapping[str, str]) -> LiveChecks:
    """All seven, in the order in which they are shown."""
    found = (
        _said(texts, LiveCheckName.OPERATORS, _operators(facts), **_switch_words(facts, texts)),
        _said(texts, LiveCheckName.REGION, _seen(facts, "region_allowed"), region=_text(facts, "region")),
        _said(texts, LiveCheckName.WALLET, _seen(facts, "wallet_ready")),
        _permissions(facts, texts),
        _said(texts, LiveCheckName.MONEY, _money(facts), usdc=_usdc(facts)),
        _said(texts, LiveCheckName.WITHDRAWAL, _seen(facts, "withdrawal_possible")),
        _said(texts, LiveCheckName.CLOCK, _clock(facts), seconds=_text(facts, "clock_ahead_seconds")),
    )
    ready = all(check.passed is True for check in found)
    return LiveChecks(checks=found, ready=ready, as_of=facts.as_of)


def missing(checks: LiveChecks) -> tuple[FieldError, ...]:
    """What stands in the way of arming, one error each."""
    return tuple(
        FieldError(
            field=check.name.value,
            value="unknown" if check.passed is None else "no",
            allowed=check.mend,
            message=check.found,
        )
        for check in checks.checks
        if check.passed is not True
    )


def withdrawal_works(look: Mapping[str, Any] | None) -> bool:
    """Whether money that came in would come out again: no way in without a way out (UX S14b)."""
    return look is not None and look["wallet_ready"] is True and look["withdrawal_possible"] is True


def _said(texts: Mapping[str, str], name: LiveCheckName, passed: bool | None, **words: str) -> LiveCheck:
    outcome = {True: "ok", False: "no", None: "unknown"}[passed]
    found = texts.get(f"live.{name}.{outcome}", texts["live.unknown"])
    mend = texts.get(f"live.{name}.mend.{outcome}")
    if passed is None and mend is None:
        mend = texts["live.unknown.mend"]
    return LiveCheck(name=name, passed=passed, found=found.format(**words), mend=mend)


def _permissions(facts: LiveFacts, texts: Mapping[str, str]) -> LiveCheck:
    """What the exchange may take, and whether it lets the account buy at all: an account that may only sell is not
    armed. Its BUYs are refused CLOSE_ONLY, its SELLs go."""
    closed_only, permitted = _seen(facts, "closed_only"), _seen(facts, "permitted")
    if closed_only:
        said, mend = texts["live.permissions.closed"], texts["live.permissions.mend.closed"]
        return LiveCheck(name=LiveCheckName.PERMISSIONS, passed=False, found=said, mend=mend)
    unknown = permitted is True and closed_only is None
    return _said(texts, LiveCheckName.PERMISSIONS, None if unknown else permitted)


def _operators(facts: LiveFacts) -> bool | None:
    return None if facts.switch is None else not facts.switch["stopped"]


def _switch_words(facts: LiveFacts, texts: Mapping[str, str]) -> dict[str, str]:
    if facts.switch is None:
        return {}
    since = facts.switch["changed_at"]
    return {
        "since": texts["since.beginning"] if since is None else rfc3339(since),
        "note": facts.switch["note"],
    }


def _seen(facts: LiveFacts, name: str) -> bool | None:
    return None if facts.look is None else facts.look[name]


def _text(facts: LiveFacts, name: str) -> str:
    value = None if facts.look is None else facts.look[name]
    return "?" if value is None else str(value)


def _money(facts: LiveFacts) -> bool | None:
    """Money that is at work has arrived as well."""
    if facts.at_work_usdc >= LEAST_USDC:
        return True
    cash = None if facts.look is None else facts.look["cash_usdc"]
    return None if cash is None else cash >= LEAST_USDC


def _usdc(facts: LiveFacts) -> str:
    cash = None if facts.look is None else facts.look["cash_usdc"]
    return str(truncate_display(ZERO if cash is None else cash))


def _clock(facts: LiveFacts) -> bool | None:
    ahead = None if facts.look is None else facts.look["clock_ahead_seconds"]
    return None if ahead is None else abs(ahead) <= CLOCK_DIFFERS_SECONDS
