"""`/v1/me/accounts/polymarket/…`: live money, looked at, armed, capped, disarmed (UX S14, S14a; SAFETY R26)."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from api import arming
from api.actor import Acting, Person
from api.database import Transaction
from api.doors import DoorsOf
from api.once import Answer, once
from schemas.account_views import Arm, DayCap, LiveChecks
from schemas.views import AccountView

router = APIRouter(tags=["live money"])


@router.post("/v1/me/accounts/polymarket/check")
async def check(doors: DoorsOf, asking: Person) -> LiveChecks:
    """Look at all that must hold before live money trades; the first look opens the account."""
    look_id = await arming.look_at(doors, asking)
    async with doors.database.transaction(asking.scope) as transaction:
        return await arming.checks(transaction, asking.user_id, look_id, doors.texts)


@router.post("/v1/me/accounts/polymarket/arm", response_model=AccountView)
async def arm(request: Request, doors: DoorsOf, asking: Person, body: Arm) -> Response:
    """Live money may trade, at most so much a day. 409 with what fails."""
    arming.check_phrase(body)
    look_id = await arming.look_at(doors, asking, fresh_seconds=arming.FRESH_SECONDS)

    async def deed(transaction: Transaction) -> Answer:
        return Answer(await arming.arm(transaction, asking.user_id, body, look_id, doors.texts))

    return await once(request, asking, doors.database, deed)


@router.post("/v1/me/accounts/polymarket/disarm", response_model=AccountView)
async def disarm(request: Request, doors: DoorsOf, asking: Acting) -> Response:
    """No live buys any more, at once; live sells still run."""

    async def deed(transaction: Transaction) -> Answer:
        return Answer(await arming.disarm(transaction, asking.user_id))

    return await once(request, asking, doors.database, deed)


@router.post("/v1/me/accounts/polymarket/day-cap", response_model=AccountView)
async def day_cap(request: Request, doors: DoorsOf, asking: Person, body: DayCap) -> Response:
    """A lower cap counts at once, a higher one an hour later; the cap in force takes a higher one back."""

    async def deed(transaction: Transaction) -> Answer:
        made = await arming.set_day_cap(transaction, asking.user_id, body.day_cap_usdc, doors.texts)
        return Answer(made)

    return await once(request, asking, doors.database, deed)
