"""The followers of a demo and whom they follow: tempers as people have them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Final

from schemas.allocations import AllocationSettings

# The presets of UX §2 for a budget of 100.00, and three that people make themselves.
TEMPERS: Final[Mapping[str, Mapping[str, object]]] = {
    "careful": {
        "mode": "fixed_amount", "fixed_amount_usdc": "2", "budget_usdc": "100", "max_loss_usdc": "100",
        "max_per_market_usdc": "10", "max_per_day_usdc": "25", "min_price": "0.10", "max_price": "0.90",
        "max_age_seconds": 30, "min_seconds_to_end": 3_600, "leader_min_usdc": "20", "entries": "first_only",
    },
    "balanced": {
        "mode": "fixed_amount", "fixed_amount_usdc": "5", "budget_usdc": "100", "max_loss_usdc": "100",
        "max_per_market_usdc": "20", "max_per_day_usdc": "100", "min_price": "0.05", "max_price": "0.95",
        "buy_slippage": "0.03", "min_seconds_to_end": 600, "max_adds": 2,
    },
    "proportional": {
        "mode": "proportional", "budget_usdc": "400", "below_minimum": "raise", "max_per_trade_usdc": "40",
    },
    "multiplier": {
        "mode": "multiplier", "multiplier": "0.02", "budget_usdc": "300", "below_minimum": "carry",
        "max_per_market_usdc": "60",
    },
    "percent": {
        "mode": "fixed_amount", "fixed_amount_usdc": "4", "budget_percent": "25", "max_price": "0.97",
        "leader_min_usdc": "10", "below_minimum": "skip",
    },
}  # fmt: skip
# One in five follows one leader, most two or three, as far as there are so many.
LEADERS_EACH: Final = (1, 2, 2, 3, 3)


@dataclass(frozen=True, slots=True)
class Following:
    """Whom a follower follows, and how."""

    leader: str
    temper: str
    settings: AllocationSettings


@dataclass(frozen=True, slots=True)
class Follower:
    """A person of the demo."""

    label: str
    followings: Sequence[Following]


def crowd(followers: int, leaders: Sequence[str], seed: int) -> tuple[Follower, ...]:
    """So many followers; every leader has one as soon as there are as many followers as leaders."""
    chance = Random(seed)  # noqa: S311 (a play, not a secret)
    tempers = tuple(TEMPERS)
    people = []
    for number in range(followers):
        first = leaders[number % len(leaders)]
        others = [leader for leader in leaders if leader != first]
        more = min(LEADERS_EACH[number % len(LEADERS_EACH)] - 1, len(others))
        chosen = (first, *chance.sample(others, more))
        people.append(
            Follower(
                f"follower-{number + 1:02}",
                tuple(
                    _following(leader, tempers[(number + place) % len(tempers)])
                    for place, leader in enumerate(chosen)
                ),
            )
        )
    return tuple(people)


def _following(leader: str, temper: str) -> Following:
    return Following(leader, temper, AllocationSettings.model_validate(TEMPERS[temper]))


def paper_usdc(number: int) -> Decimal:
    """The paper money a follower starts with: most have 1,000, every seventh has too little for all they want."""
    return Decimal(60) if number % 7 == 6 else Decimal(1_000)
