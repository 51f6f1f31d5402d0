"""`/v1/what-if` and `…/rehearse`: what settings would have done, and what the leader's last buy would become now."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from api import asking_ahead, rehearsing
from api.actor import Acting
from api.database import Transaction
from api.doors import DoorsOf
from api.once import Answer, key_of, once
from schemas.what_if_views import NewWhatIf, RehearsalView, WhatIfView

router = APIRouter(tags=["what-if"])


@router.post("/v1/what-if", status_code=202, response_model=WhatIfView)
async def ask(request: Request, doors: DoorsOf, asking: Acting, body: NewWhatIf) -> Response:
    """Ask what settings, or a preset, would have done with a leader's last days; five an hour."""
    key = key_of(request)

    async def deed(transaction: Transaction) -> Answer:
        asked = await asking_ahead.ask(transaction, doors, asking, body, key)
        return Answer(asked, 202, {"Location": f"/v1/what-if/{asked.what_if_id}"})

    return await once(request, asking, doors.database, deed)


@router.get("/v1/what-if/{what_if_id}")
async def what_if(doors: DoorsOf, asking: Acting, what_if_id: str) -> WhatIfView:
    """The question with its progress, and its answer once there is one."""
    async with doors.database.transaction(asking.scope) as transaction:
        return await asking_ahead.shown(transaction, asking.user_id, what_if_id, doors.texts)


@router.post("/v1/allocations/{allocation_id}/rehearse", response_model=RehearsalView)
async def rehearse(request: Request, doors: DoorsOf, asking: Acting, allocation_id: str) -> Response:
    """What the leader's last buy would become if it came now: a decision on your real books, and no order."""
    key, name = key_of(request), ""

    async def deed(transaction: Transaction) -> Answer:
        nonlocal name
        name = await rehearsing.ask(transaction, doors, asking, allocation_id, key)
        return Answer(RehearsalView(why=None, traded_at=None, note=doors.texts["rehearsal.note"]))

    async def finish(answer: Answer) -> Answer:
        return Answer(await rehearsing.answered(doors, asking, name), answer.status, answer.headers)

    return await once(request, asking, doors.database, deed, finish)
