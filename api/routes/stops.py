"""`/v1/me/stop-all` and `/v1/me/resume`: no new buys for any leader, at once; and again."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from api import stopping
from api.actor import Acting
from api.database import Transaction
from api.doors import DoorsOf
from api.once import Answer, once
from schemas.me_views import ResumeAsked, Resumed, Stopped

router = APIRouter(tags=["allocations"])


@router.post("/v1/me/stop-all", response_model=Stopped)
async def stop_all(request: Request, doors: DoorsOf, asking: Acting) -> Response:
    """No new buys for any leader, at once; sells still run. Which followings, how many buys were dropped before they
    were sent, and how many were already sent and may still fill."""
    buys: tuple[str, ...] = ()

    async def deed(transaction: Transaction) -> Answer:
        nonlocal buys
        stopped, buys = await stopping.stop_all(transaction, asking)
        return Answer(stopped)

    async def finish(answer: Answer) -> Answer:
        stopped = answer.body
        assert isinstance(stopped, Stopped), "stop-all says what it stopped"
        return Answer(await stopping.settled(doors, asking, stopped, buys))

    return await once(request, asking, doors.database, deed, finish)


@router.post("/v1/me/resume", response_model=Resumed)
async def resume(
    request: Request, doors: DoorsOf, asking: Acting, body: ResumeAsked | None = None
) -> Response:
    """Buy again, from now on, for the leaders that stop-all paused, or those named; what was missed is not bought."""

    async def deed(transaction: Transaction) -> Answer:
        named = None if body is None else body.allocation_ids
        return Answer(Resumed(resumed=await stopping.resume(transaction, asking, named)))

    return await once(request, asking, doors.database, deed)
