"""`/v1/ops/{history,copies-by-minute,latency,slowest,skips,lags}` and why of any copy: what the console draws.
Operators only."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from fastapi import APIRouter

from api import explaining
from api.actor import Operator
from api.database import OPERATOR
from api.doors import DoorsOf
from api.lags import lags as lags_of
from api.past_pictures import LENGTH
from api.routes.lists import Cursor, Limit, now
from schemas.console_views import (
    CopiesInMinute,
    History,
    PartitionLag,
    SkipsWorth,
    SlowCopy,
    Step,
    Waterfall,
    Window,
)
from schemas.views import Page
from schemas.why import WhyView

router = APIRouter(tags=["operators"])
SLOWEST: Final = 20
_LATELY: Final = timedelta(minutes=15)
_DAY: Final = timedelta(days=1)


@router.get("/v1/ops/history")
async def history(doors: DoorsOf, _asking: Operator, window: Window = Window.MINUTES) -> History:
    """Rates of the stages, copies by state and reason, and marks, over the last 15 minutes, 6 hours or 7 days."""
    return await doors.past.history(doors.database, window)


@router.get("/v1/ops/copies-by-minute")
async def copies_by_minute(
    doors: DoorsOf,
    _asking: Operator,
    *,
    window: Window = Window.MINUTES,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Page[CopiesInMinute]:
    """Minute by minute, newest first, the copies of the trades that reached us, by state; minutes without any are left
    out."""
    belongs = {"list": "ops/copies-by-minute", "window": window}
    place = doors.pager.read(cursor, belongs)
    async with doors.database.transaction(OPERATOR) as transaction:
        as_of = await now(transaction)
        rows = await transaction.rows(
            "copies_by_minute", since=as_of - LENGTH[window], at=place.at, rows=limit + 1
        )
    shown, following = doors.pager.page(rows, limit, belongs, lambda row: (row["at"], ""))
    items = tuple(CopiesInMinute.model_validate(row) for row in shown)
    return Page[CopiesInMinute](items=items, next_cursor=following, as_of=as_of)


@router.get("/v1/ops/latency")
async def latency(doors: DoorsOf, _asking: Operator) -> Waterfall:
    """How long each step of a copy took in the last 15 minutes, and a day before."""
    return await doors.past.waterfall(doors.database)


@router.get("/v1/ops/slowest")
async def slowest(
    doors: DoorsOf, _asking: Operator, step: Step, *, yesterday: bool = False
) -> tuple[SlowCopy, ...]:
    """The 20 copies of the last 15 minutes, or of the same ones a day before, for which one step took longest."""
    async with doors.database.transaction(OPERATOR) as transaction:
        until = await now(transaction) - (_DAY if yesterday else timedelta())
        about = {"since": until - _LATELY, "until": until, "rows": SLOWEST}
        rows = await transaction.rows("slowest_at_step", step=step, **about)
    return tuple(SlowCopy.model_validate(row) for row in rows)


@router.get("/v1/ops/skips")
async def skips(doors: DoorsOf, _asking: Operator) -> tuple[SkipsWorth, ...]:
    """BUYs of a day that were not made, by reason, and what they would have earned or lost by now, before fees."""
    async with doors.database.transaction(OPERATOR) as transaction:
        rows = await transaction.rows("skips_worth")
    return tuple(SkipsWorth.model_validate(row) for row in rows)


@router.get("/v1/ops/lags")
async def lags(doors: DoorsOf, _asking: Operator) -> tuple[PartitionLag, ...]:
    """How many messages of each partition are not read yet. 503 while the broker is away."""
    return await lags_of(doors.settings.kafka, doors.settings.topic_prefix)


@router.get("/v1/ops/copy-orders/{copy_order_id}/why")
async def why(doors: DoorsOf, _asking: Operator, copy_order_id: str) -> WhyView:
    """The chain of anybody's copy from the leader's trade to its end, first in one sentence."""
    async with doors.database.transaction(OPERATOR) as transaction:
        return await explaining.why(transaction, copy_order_id, None, doors.texts)
