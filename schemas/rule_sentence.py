"""The settings of a following in one sentence, and what a person should know of them (UX S6d, S8). Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from schemas import figures
from schemas.allocations import AllocationSettings
from schemas.enums import BelowMinimum, CopyMode, Entries, Venue
from schemas.money import EXACT, plain
from schemas.views import Warned

# Under this a copy falls under the exchange's minimum of 1.00 once the fee is held back.
SMALL_USDC: Final = Decimal("1.10")
WIDE_SLIPPAGE: Final = Decimal("0.05")
_LIMITS: Final = (
    ("trade", "max_per_trade_usdc"),
    ("market", "max_per_market_usdc"),
    ("day", "max_per_day_usdc"),
)


def rule_sentence(texts: Mapping[str, str], settings: AllocationSettings, leader: str, venue: Venue) -> str:
    """What following ``leader`` by these settings does, beginning with PAPER or LIVE."""
    words = _words(texts, settings) | {"leader": leader}
    words["amount"] = texts[f"rule.amount.{settings.mode}"].format_map(words)
    words["entries"] = _entries(texts, settings, words)
    words["limits"] = _limits(texts, settings, words)
    words["loss"] = "" if settings.max_loss_usdc is None else texts["rule.loss"].format_map(words)
    parts = [f"rule.venue.{venue}"]
    parts += ["rule.buys", *_conditions(settings)] if settings.copy_buys else ["rule.no_buys"]
    parts += ["rule.sells" if settings.copy_sells else "rule.no_sells", "rule.from_now"]
    said = "".join(texts[key].format_map(words) for key in parts)
    return said + "".join(
        texts[f"rule.{name}"].format_map({"names": ", ".join(names)})
        for name in ("allowed_categories", "blocked_categories", "blocked_keywords")
        if (names := getattr(settings, name))
    )


def warnings(
    texts: Mapping[str, str],
    settings: AllocationSettings,
    *,
    free_usdc: Decimal | None = None,
    at_work_usdc: Decimal | None = None,
    leader_value_known: bool | None = None,
    leader: str | None = None,
    buys: int | None = None,
    buys_too_small: int | None = None,
) -> tuple[Warned, ...]:
    """What these settings do that a person may not expect; ``None`` facts are not looked at. Of the leader's ``buys``
    ``buys_too_small`` would make too small a copy."""
    found: list[Warned] = []

    def warn(code: str, field: str, **words: str) -> None:
        found.append(Warned(code=code, field=field, message=texts[f"warning.{code}"].format_map(words)))

    for name in _small(settings):
        warn("minimum", name)
    if settings.copy_buys and settings.buy_slippage > WIDE_SLIPPAGE:
        warn("slippage", "buy_slippage", cents=figures.cents(settings.buy_slippage))
    if not settings.copy_sells:
        warn("no_sells", "copy_sells", leader=leader or texts["rule.somebody"])
    if settings.max_loss_usdc is None:
        warn("no_loss_limit", "max_loss_usdc")
    if settings.mode is CopyMode.PROPORTIONAL and leader_value_known is False:
        warn("value_unknown", "mode")
    if buys_too_small:
        warn("too_small", "below_minimum", small=str(buys_too_small), buys=str(buys))
    return (*found, *_about_money(texts, settings.budget_usdc, free_usdc, at_work_usdc))


def _about_money(
    texts: Mapping[str, str], budget: Decimal | None, free: Decimal | None, at_work: Decimal | None
) -> Iterator[Warned]:
    words = {
        name: figures.had(amount)
        for name, amount in (("free", free), ("budget", budget))
        if amount is not None
    }
    found = []
    if budget is not None and free is not None and free + (at_work or 0) < budget:
        found.append("money")
    if budget is not None and at_work is not None and at_work > budget:
        words["at_work"] = figures.paid(at_work)
        found.append("at_work")
    for code in found:
        yield Warned(code=code, field="budget_usdc", message=texts[f"warning.{code}"].format_map(words))


def _small(settings: AllocationSettings) -> list[str]:
    """Sums under which a copy hardly reaches the exchange's minimum."""
    names = ("fixed_amount_usdc", *(name for _, name in _LIMITS), "budget_usdc")
    sums = [(name, getattr(settings, name)) for name in names]
    return [name for name, amount in sums if amount is not None and amount < SMALL_USDC]


def least_of_theirs(settings: AllocationSettings, leader_value_usdc: Decimal | None) -> Decimal | None:
    """What a leader must spend, in USDC, for the copy to reach the follower's minimum (which is at least the exchange's
    1.00); None where his spending does not decide it, or it cannot be worked out."""
    if settings.below_minimum is BelowMinimum.RAISE:
        return None
    if settings.mode is CopyMode.MULTIPLIER and settings.multiplier is not None:
        return EXACT.divide(settings.min_trade_usdc, settings.multiplier)
    if settings.mode is CopyMode.PROPORTIONAL and settings.budget_usdc is not None and leader_value_usdc:
        return EXACT.divide(EXACT.multiply(settings.min_trade_usdc, leader_value_usdc), settings.budget_usdc)
    return None


def _conditions(settings: AllocationSettings) -> list[str]:
    keys = [f"rule.minimum.{settings.below_minimum}", "rule.age"]
    if settings.min_seconds_to_end > 0:
        keys.append("rule.end")
    least, most = settings.leader_floor_usdc > 0, settings.leader_max_usdc is not None
    if least or most:
        keys.append(
            "rule.leader_between" if least and most else "rule.leader_min" if least else "rule.leader_max"
        )
    return keys


def _entries(texts: Mapping[str, str], settings: AllocationSettings, words: Mapping[str, str]) -> str:
    if settings.entries is Entries.FIRST_ONLY:
        return texts["rule.entries.first_only"]
    return "" if settings.max_adds is None else texts["rule.entries.max_adds"].format_map(words)


def _limits(texts: Mapping[str, str], settings: AllocationSettings, words: Mapping[str, str]) -> str:
    keys = [f"rule.limit.{key}" for key, name in _LIMITS if getattr(settings, name) is not None]
    said = [texts[key].format_map(words) for key in [*keys, "rule.limit.budget"]]
    listed = texts["rule.and"].join([", ".join(said[:-1]), said[-1]] if said[1:] else said)
    return texts["rule.limits"].format_map({"limits": listed})


def _words(texts: Mapping[str, str], settings: AllocationSettings) -> dict[str, str]:
    words = {
        "buy_slippage": figures.cents(settings.buy_slippage),
        "min_price": figures.cents(settings.min_price),
        "max_price": figures.cents(settings.max_price),
        "min_trade": figures.had(settings.min_trade_usdc),
        "max_age": str(settings.max_age_seconds),
        "min_end": figures.span(settings.min_seconds_to_end),
        "max_adds": str(settings.max_adds),
        "leader_min": figures.had(settings.leader_floor_usdc),
        "multiplier": "" if settings.multiplier is None else plain(settings.multiplier),
        "budget_percent": "" if settings.budget_percent is None else plain(settings.budget_percent),
    }
    sums = (
        "fixed_amount",
        "max_per_trade",
        "max_per_market",
        "max_per_day",
        "max_loss",
        "leader_max",
        "budget",
    )
    for name in sums:
        amount = getattr(settings, f"{name}_usdc")
        if amount is not None:
            words["budget_usdc" if name == "budget" else name] = figures.had(amount)
    kind = (
        "usdc" if settings.budget_percent is None else "percent" if settings.budget_usdc is None else "both"
    )
    return words | {"budget": texts[f"rule.budget.{kind}"].format_map(words)}
