"""What the operators' console draws: rates, copies over time, the waterfall of a copy, lag by partition."""

from __future__ import annotations

from enum import StrEnum

from schemas.base import Moment
from schemas.enums import CopyState, Reason, Side
from schemas.money import DecimalText
from schemas.views import View


class Window(StrEnum):
    """How far back a picture goes."""

    MINUTES = "15m"
    HOURS = "6h"
    DAYS = "7d"


class Step(StrEnum):
    """A step of a copy, named by what is reached with it, in order from the leader's trade on."""

    SEEN = "seen"
    CLASSIFIED = "classified"
    DECIDED = "decided"
    SIGNED = "signed"
    SENT = "sent"
    ANSWERED = "answered"
    TOLD = "told"


class StageRate(View):
    """What a stage took in and gave out in one step of time that begins at ``at``."""

    at: Moment
    stage: str
    taken: int
    given: int


class CopiesAt(View):
    """Copy orders whose trade reached us in one step of time that begins at ``at``."""

    at: Moment
    state: CopyState
    reason: Reason | None
    copies: int


class CopiesInMinute(View):
    """Copy orders whose trade reached us in the minute that begins at ``at``, by state as they are now."""

    at: Moment
    copies: int
    states: dict[CopyState, int]


class Mark(View):
    """A moment worth a mark: ``kind`` is ``switch``, ``restart`` or ``version``."""

    at: Moment
    kind: str
    text: str


class History(View):
    """The last minutes, hours or days. A step of time is ``step_seconds``; one without a row had nothing.
    ``answered`` of ``total`` copy orders have ended, with a reason or a fill."""

    window: Window
    since: Moment
    step_seconds: int
    rates: tuple[StageRate, ...]
    copies: tuple[CopiesAt, ...]
    marks: tuple[Mark, ...]
    total: int
    answered: int
    as_of: Moment


class StepTimes(View):
    """How long a step took, in milliseconds: half of the copies, 95 and 99 of 100."""

    step: Step
    copies: int
    p50_ms: DecimalText
    p95_ms: DecimalText
    p99_ms: DecimalText


class Waterfall(View):
    """Steps of the copies sent in the last quarter of an hour, and in the same one a day before."""

    now: tuple[StepTimes, ...]
    yesterday: tuple[StepTimes, ...]
    as_of: Moment


class SlowCopy(View):
    """A copy and how long one of its steps took."""

    copy_order_id: str
    user_id: str
    leader: str
    side: Side
    state: CopyState
    ms: DecimalText
    decided_at: Moment


class SkipsWorth(View):
    """BUYs of a day that were not made for one reason. ``would_be_usdc`` is what they would have earned or lost by now,
    before fees, for those ``valued``: what would have been spent and what the shares are worth must be known."""

    reason: Reason
    copies: int
    valued: int
    would_be_usdc: DecimalText


class PartitionLag(View):
    """Messages of a partition that its readers have not committed yet; null where nobody has ever committed."""

    topic: str
    partition: int
    end: int
    committed: int | None
    behind: int | None
