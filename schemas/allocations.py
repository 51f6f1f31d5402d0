"""The settings of an allocation: one follower follows one leader (RULES §2)."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from schemas.enums import BelowMinimum, CopyMode, Entries
from schemas.money import DecimalText

_AtLeastOne = Annotated[DecimalText, Field(ge=1, lt=Decimal(10) ** 12, decimal_places=6)]
_NotNegative = Annotated[DecimalText, Field(ge=0, lt=Decimal(10) ** 12)]
_Slippage = Annotated[DecimalText, Field(ge=0, le=Decimal("0.5"))]
_Percent1 = Annotated[DecimalText, Field(ge=1, le=100)]
_BandPrice = Annotated[DecimalText, Field(gt=0, lt=1)]
_Names = tuple[Annotated[str, Field(min_length=1, max_length=80)], ...]


class AllocationSettings(BaseModel):
    """Every setting with its default and what is allowed, exactly as RULES §2 lists them. Frozen: a change is a new
    version. Amounts in USDC, slippage in USDC per share, ages in seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    mode: CopyMode
    fixed_amount_usdc: Annotated[DecimalText, Field(ge=1, le=100_000, decimal_places=6)] | None = None
    multiplier: Annotated[DecimalText, Field(ge=Decimal("0.001"), le=10)] | None = None
    budget_usdc: Annotated[DecimalText, Field(gt=0, lt=Decimal(10) ** 12, decimal_places=6)] | None = None
    budget_percent: _Percent1 | None = None
    max_loss_usdc: _AtLeastOne | None = None
    max_per_trade_usdc: _AtLeastOne | None = None
    max_per_market_usdc: _AtLeastOne | None = None
    max_per_day_usdc: _AtLeastOne | None = None
    min_trade_usdc: _AtLeastOne = Decimal(1)
    below_minimum: BelowMinimum = BelowMinimum.CARRY
    leader_min_usdc: _NotNegative | None = None
    leader_max_usdc: _NotNegative | None = None
    min_price: _BandPrice = Decimal("0.01")
    max_price: _BandPrice = Decimal("0.99")
    buy_slippage: _Slippage = Decimal("0.02")
    sell_slippage: _Slippage = Decimal("0.05")
    buy_slippage_percent: _Percent1 = Decimal(10)
    sell_slippage_percent: _Percent1 = Decimal(20)
    exit_min_percent: Annotated[DecimalText, Field(ge=0, le=100)] = Decimal(50)
    max_age_seconds: Annotated[int, Field(ge=1, le=3_600)] = 60
    min_seconds_to_end: Annotated[int, Field(ge=0, le=31_536_000)] = 0
    entries: Entries = Entries.ALL
    max_adds: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    copy_buys: bool = True
    copy_sells: bool = True
    allowed_categories: Annotated[_Names, Field(max_length=50)] | None = None
    blocked_categories: Annotated[_Names, Field(max_length=50)] | None = None
    blocked_keywords: Annotated[_Names, Field(max_length=50)] | None = None
    exit_attempts_max: Annotated[int, Field(ge=1, le=20)] = 5

    @model_validator(mode="after")
    def _fits_together(self) -> AllocationSettings:
        if self.mode is CopyMode.FIXED_AMOUNT and self.fixed_amount_usdc is None:
            raise ValueError("fixed_amount_usdc: required in mode fixed_amount")
        if self.mode is CopyMode.MULTIPLIER and self.multiplier is None:
            raise ValueError("multiplier: required in mode multiplier")
        if self.budget_usdc is None and self.budget_percent is None:
            raise ValueError("budget_usdc: one of budget_usdc and budget_percent is required")
        if self.min_price >= self.max_price:
            raise ValueError("min_price: must be below max_price")
        return self

    @property
    def leader_floor_usdc(self) -> Decimal:
        """``leader_min_usdc`` with its default: 5 in mode ``fixed_amount``, else 0."""
        if self.leader_min_usdc is not None:
            return self.leader_min_usdc
        return Decimal(5) if self.mode is CopyMode.FIXED_AMOUNT else Decimal(0)
