"""The presets of the wizard: what Careful and Balanced mean for a budget (UX §2). Pure."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Final

from schemas.allocations import AllocationSettings
from schemas.enums import CopyMode, Entries
from schemas.money import CENT, floor_cents

# Under this budget no preset leaves room for the exchange's minimum.
BUDGET_MIN: Final = Decimal(5)
_AMOUNT_MIN: Final = Decimal(2)
_ROOM_OF_ONE: Final = Decimal("1.2")


class Preset(StrEnum):
    CAREFUL = "careful"
    BALANCED = "balanced"


def preset_settings(preset: Preset, budget_usdc: Decimal) -> AllocationSettings:
    """The settings of a preset for a budget of at least 5 USDC; the rest as in RULES §2. Loses at most the budget."""
    if budget_usdc < BUDGET_MIN:
        raise ValueError("budget_usdc: at least 5")
    careful = preset is Preset.CAREFUL
    amount = max(_AMOUNT_MIN, _share(budget_usdc, 2 if careful else 5))
    least = (amount * _ROOM_OF_ONE).quantize(CENT)
    shared = {
        "mode": CopyMode.FIXED_AMOUNT,
        "fixed_amount_usdc": amount,
        "budget_usdc": budget_usdc,
        "max_loss_usdc": budget_usdc,
        "max_per_market_usdc": max(_share(budget_usdc, 10 if careful else 20), least),
        "max_per_day_usdc": max(_share(budget_usdc, 25 if careful else 100), least),
    }
    own = (
        {
            "min_price": Decimal("0.10"), "max_price": Decimal("0.90"), "buy_slippage": Decimal("0.02"),
            "sell_slippage": Decimal("0.05"), "max_age_seconds": 30, "min_seconds_to_end": 3_600,
            "leader_min_usdc": Decimal(20), "entries": Entries.FIRST_ONLY,
        }
        if careful
        else {
            "min_price": Decimal("0.05"), "max_price": Decimal("0.95"), "buy_slippage": Decimal("0.03"),
            "sell_slippage": Decimal("0.05"), "max_age_seconds": 60, "min_seconds_to_end": 600,
            "leader_min_usdc": Decimal(5), "entries": Entries.ALL, "max_adds": 2,
        }
    )  # fmt: skip
    return AllocationSettings.model_validate(shared | own)


def _share(budget_usdc: Decimal, percent: int) -> Decimal:
    return floor_cents(budget_usdc * percent / 100)
