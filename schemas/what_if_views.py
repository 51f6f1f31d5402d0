"""What settings would have done, and a rehearsal of the last trade (UX S6, N14)."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, model_validator

from schemas.allocations import AllocationSettings
from schemas.base import Moment
from schemas.enums import Reason, Venue
from schemas.ids import Wallet
from schemas.money import DecimalText
from schemas.presets import Preset
from schemas.requests import Asked
from schemas.views import View
from schemas.why import WhyView


class NewWhatIf(Asked):
    """Settings, or a preset with its budget, over the last ``days`` days of a leader's trades."""

    leader: Wallet
    venue: Venue = Venue.PAPER
    days: Annotated[int, Field(ge=1, le=90)] = 30
    settings: dict[str, Any] | None = None
    preset: Preset | None = None
    budget_usdc: Annotated[DecimalText, Field(ge=5, lt=1_000_000_000, decimal_places=6)] | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> NewWhatIf:
        if (self.settings is None) == (self.preset is None):
            raise ValueError("settings: either settings or a preset")
        if self.preset is not None and self.budget_usdc is None:
            raise ValueError("budget_usdc: required with a preset")
        return self


class WhatIfState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class ReasonCount(View):
    reason: Reason
    copies: int


class WhatIfResult(View):
    """Of the past, never a promise: the less and the better of two runs, filled at our limit and filled at the last
    price seen, net of fees. Copies, ``skips`` (of buys, most first), fees and the most at work are those of the run at
    our limit. ``assumptions`` are sentences."""

    trades: int
    buys: int
    buys_copied: int
    sells: int
    sells_copied: int
    skips: tuple[ReasonCount, ...]
    most_at_work_usdc: DecimalText
    fees_usdc: DecimalText
    result_low_usdc: DecimalText
    result_high_usdc: DecimalText
    from_at: Moment
    to_at: Moment
    assumptions: tuple[str, ...]


class WhatIfView(View):
    """A run: ``progress`` in percent, ``result`` once done, ``cause`` once failed, a sentence in the reader's
    language."""

    what_if_id: str
    leader: str
    leader_label: str | None
    days: int
    preset: Preset | None
    settings: AllocationSettings
    sentence: str
    state: WhatIfState
    progress: int
    result: WhatIfResult | None
    cause: str | None
    asked_at: Moment


class RehearsalView(View):
    """What the leader's last BUY would become now: a decision, no order. ``why`` is null where no trade is known."""

    why: WhyView | None
    traded_at: Moment | None
    note: str
