"""`/v1/ops/pipeline`: what operators look at first."""

from __future__ import annotations

from fastapi import APIRouter

from api import health
from api.actor import Operator
from api.database import OPERATOR
from api.doors import DoorsOf
from api.routes.lists import now
from schemas.ops_views import Pipeline

router = APIRouter(tags=["operators"])


@router.get("/v1/ops/pipeline")
async def pipeline(doors: DoorsOf, _asking: Operator) -> Pipeline:
    """Parts of the way, copies by state and reason (last minute, all), the oldest unknown, the switches."""
    ready, parts = await health.whole_way(doors)
    async with doors.database.transaction(OPERATOR) as transaction:
        parts["stages"] = await transaction.row("stages")
        parts["copies"] = await transaction.rows("copies_by_state")
        parts["switches"] = await transaction.rows("switches")
        as_of = await now(transaction)
    return Pipeline(ready=ready, parts=parts, as_of=as_of)
