"""`/livez`, `/readyz`, `/startupz`, `/health`, `/metrics`: for whoever watches this process."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter
from starlette.responses import JSONResponse, PlainTextResponse, Response

from api import health, waiting
from api.doors import DoorsOf

router = APIRouter(tags=["health"])
_NOT_READY: Final[dict[int | str, dict[str, Any]]] = {
    503: {"description": "A part is away.", "content": {"application/json": {"schema": {"type": "object"}}}}
}


@router.get("/livez")
async def livez() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/startupz")
async def startupz() -> dict[str, str]:
    """The process has started."""
    return {"status": "ok"}


@router.get("/readyz", responses=_NOT_READY)
async def readyz(doors: DoorsOf) -> JSONResponse:
    """Whether requests can be answered: the database is there and brought to this version."""
    ready, parts = await health.readiness(doors.database)
    return JSONResponse({"ready": ready, "parts": parts}, 200 if ready else 503)


@router.get("/health", responses=_NOT_READY)
async def everything(doors: DoorsOf) -> JSONResponse:
    """The whole way: database, broker, classify, trading, outbox; 503 when a part is away."""
    ready, parts = await health.whole_way(doors)
    return JSONResponse({"ready": ready, "parts": parts}, 200 if ready else 503)


@router.get("/metrics", response_class=PlainTextResponse)
async def metrics(doors: DoorsOf) -> Response:
    """What was counted and what waits, as Prometheus reads it."""
    await waiting.look(doors)
    return Response(doors.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")
