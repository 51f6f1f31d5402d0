"""What each limit saved or cost: the same run once more without it, by the same code; everything else stays."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from ops.backtest.allocations_file import AllocationsFile
from ops.backtest.playing import COPIED, Played, Progress, Question, play
from schemas.allocations import AllocationSettings
from schemas.money import EXACT

_WIDEST: Final[Mapping[str, Mapping[str, Any]]] = {
    "max_per_trade_usdc": {"max_per_trade_usdc": None},
    "max_per_market_usdc": {"max_per_market_usdc": None},
    "max_per_day_usdc": {"max_per_day_usdc": None},
    "max_loss_usdc": {"max_loss_usdc": None},
    "min_price, max_price": {"min_price": Decimal("0.000001"), "max_price": Decimal("0.999999")},
    "leader_min_usdc": {"leader_min_usdc": Decimal(0)},
    "leader_max_usdc": {"leader_max_usdc": None},
    "max_adds, entries": {"max_adds": None, "entries": "all"},
    "categories, keywords": {
        "allowed_categories": None,
        "blocked_categories": None,
        "blocked_keywords": None,
    },
    "min_seconds_to_end": {"min_seconds_to_end": 0},
}


@dataclass(frozen=True, slots=True)
class WithoutLimit:
    """The run without one limit: how many more copies it made, and by how much the limit changed the result. Above zero
    it saved so many USDC, below it cost them."""

    limit: str
    allocations: int
    more_copies: int
    saved_usdc: Decimal


def without_each_limit(
    question: Question, played: Played, about: Callable[[str], Progress]
) -> Iterator[WithoutLimit]:
    """One run for each limit that any allocation has set. ``about`` gives each of them somebody to tell progress to."""
    copied = _copied(played)
    for limit, widest in _WIDEST.items():
        file, changed = _widened(question.file, widest)
        if changed:
            other = play(replace(question, file=file), progress=about(limit))
            saved = EXACT.subtract(played.result_usdc, other.result_usdc)
            yield WithoutLimit(limit, changed, _copied(other) - copied, saved)


def _widened(file: AllocationsFile, widest: Mapping[str, Any]) -> tuple[AllocationsFile, int]:
    rows, changed = [], 0
    for row in file.allocations:
        wider = AllocationSettings.model_validate({**row.settings.model_dump(), **widest})
        changed += _differs(row.settings, wider)
        rows.append(row.model_copy(update={"settings": wider}))
    return file.model_copy(update={"allocations": rows}), changed


def _differs(settings: AllocationSettings, wider: AllocationSettings) -> bool:
    # A floor that is only the default of its mode is one all the same.
    return settings != wider and (
        settings.leader_floor_usdc != wider.leader_floor_usdc
        or settings.model_dump(exclude={"leader_min_usdc"}) != wider.model_dump(exclude={"leader_min_usdc"})
    )


def _copied(played: Played) -> int:
    return sum(played.counts.by_state[state] for state in COPIED)
