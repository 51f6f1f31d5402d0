"""`/v1/ops/pipeline`: what operators look at first."""

from __future__ import annotations

from fastapi import APIRouter

from api import picture
from api.actor import Operator
from api.doors import DoorsOf
from schemas.ops_views import Pipeline

router = APIRouter(tags=["operators"])


@router.get("/v1/ops/pipeline")
async def pipeline(doors: DoorsOf, _asking: Operator) -> Pipeline:
    """How far behind, the last hour by state, what is unknown, dead letters, notices, the exchange, the switches."""
    return await picture.look(doors, whole=True)
