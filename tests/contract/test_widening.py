"""SAFETY R26: each setting that may let a following risk more is known as such, the other way round it is not."""

from __future__ import annotations

from typing import Any, Final

import pytest

from schemas.allocations import AllocationSettings
from schemas.widening import widened

BASE: Final[dict[str, Any]] = {
    "mode": "fixed_amount", "fixed_amount_usdc": "2", "multiplier": "1", "budget_usdc": "100", "budget_percent": "50",
    "max_loss_usdc": "100", "max_per_trade_usdc": "10", "max_per_market_usdc": "10", "max_per_day_usdc": "25",
    "min_trade_usdc": "2", "below_minimum": "carry", "leader_min_usdc": "20", "leader_max_usdc": "500",
    "min_price": "0.1", "max_price": "0.9", "buy_slippage": "0.02", "sell_slippage": "0.05",
    "buy_slippage_percent": "10", "sell_slippage_percent": "20", "exit_min_percent": "50", "max_age_seconds": 30,
    "min_seconds_to_end": 3600, "entries": "first_only", "max_adds": 2, "copy_buys": False, "copy_sells": True,
    "allowed_categories": ["Sports", "Politics"], "blocked_categories": ["Crypto"], "blocked_keywords": ["war"],
    "exit_attempts_max": 5,
}  # fmt: skip
# Setting → values that widen, values that do not.
CASES: Final[dict[str, tuple[list[Any], list[Any]]]] = {
    "mode": (["multiplier", "proportional"], []),
    "fixed_amount_usdc": (["2.01"], ["1"]),
    "multiplier": (["1.1", None], ["0.5"]),
    "budget_usdc": (["101", None], ["99"]),
    "budget_percent": (["51", None], ["49"]),
    "max_loss_usdc": (["101", None], ["99"]),
    "max_per_trade_usdc": (["11", None], ["9"]),
    "max_per_market_usdc": (["11", None], ["9"]),
    "max_per_day_usdc": (["26", None], ["24"]),
    "min_trade_usdc": (["1"], ["3"]),
    "below_minimum": (["raise"], ["skip"]),
    "leader_min_usdc": (["19", None], ["21"]),
    "leader_max_usdc": (["501", None], ["499"]),
    "min_price": (["0.09"], ["0.11"]),
    "max_price": (["0.91"], ["0.89"]),
    "buy_slippage": (["0.03"], ["0.01"]),
    "sell_slippage": (["0.06"], ["0.04"]),
    "buy_slippage_percent": (["11"], ["9"]),
    "sell_slippage_percent": (["21"], ["19"]),
    "exit_min_percent": (["49"], ["51"]),
    "max_age_seconds": ([31], [29]),
    "min_seconds_to_end": ([3599], [3601]),
    "entries": (["all"], []),
    "max_adds": ([3, None], [1]),
    "copy_buys": ([True], []),
    "copy_sells": ([False], []),
    "allowed_categories": ([["Sports", "Crypto"], None, []], [["sports"], ["politics", "SPORTS"]]),
    "blocked_categories": ([["Sports"], None], [["crypto", "Sports"]]),
    "blocked_keywords": ([[], None], [["War", "tweet"]]),
    "exit_attempts_max": ([6], [4]),
}


def settings(**changed: Any) -> AllocationSettings:
    return AllocationSettings.model_validate({k: v for k, v in (BASE | changed).items() if v is not None})


def test_r26_no_setting_is_forgotten() -> None:
    """Every setting has its case."""
    assert set(CASES) == set(AllocationSettings.model_fields)
    assert widened(settings(), settings()) == ()


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, (wide, _) in CASES.items() for value in wide]
)
def test_r26_what_widens_is_named(name: str, value: Any) -> None:
    """Alone, and by its own name."""
    assert widened(settings(), settings(**{name: value})) == (name,)


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, (_, narrow) in CASES.items() for value in narrow]
)
def test_r26_what_narrows_is_allowed(name: str, value: Any) -> None:
    """Also a first limit where there was none."""
    assert widened(settings(), settings(**{name: value})) == ()


@pytest.mark.parametrize(
    "name", [name for name, (wide, _) in CASES.items() if None in wide and name != "leader_min_usdc"]
)
def test_r26_a_first_limit_widens_nothing(name: str) -> None:
    """None is no limit: any limit is less."""
    assert widened(settings(**{name: None}), settings()) == ()
