"""`/v1/allocations`: whom a user follows, and by which settings."""

from __future__ import annotations

import asyncio
import re
import time
from typing import Annotated, Final

from fastapi import APIRouter, Header, Request
from starlette.responses import Response

from api import checking, following, selling
from api.actor import Acting, Person, UserActor
from api.checking import said
from api.database import Transaction
from api.doors import Doors, DoorsOf
from api.once import Answer, key_of, once
from api.problems import Refused, invalid
from api.routes.lists import Cursor, Limit, now
from api.standings import with_standings
from schemas.account_views import LIVE_PHRASE, GoLive
from schemas.enums import AllocationState
from schemas.ids import Wallet
from schemas.requests import ChangedSettings, CheckedSettings, NewAllocation
from schemas.sale_views import SaleView, SellAsked
from schemas.views import AllocationVersion, AllocationView, Checked, Page

router = APIRouter(tags=["allocations"])
_ETAG: Final = re.compile(r'(?:W/)?"(\d{1,9})"')
# Classify reads a new role within a second (DESIGN §5); this often we look whether it has.
LOOK_SECONDS: Final = 0.05


@router.post("/v1/allocations", status_code=201, response_model=AllocationView)
async def follow(request: Request, doors: DoorsOf, asking: Acting, body: NewAllocation) -> Response:
    """Follow a leader. The answer waits up to 2 s until the leader's trades are read; else it says `starting`."""

    async def deed(transaction: Transaction) -> Answer:
        return following.answered(await following.follow(transaction, doors, asking, body), doors.texts, 201)

    async def finish(answer: Answer) -> Answer:
        begun = answer.body
        assert isinstance(begun, AllocationView), "follow answers with the following"
        return following.answered(await _once_it_runs(doors, asking, begun), doors.texts, 201)

    return await once(request, asking, doors.database, deed, finish)


async def _once_it_runs(doors: Doors, asking: UserActor, begun: AllocationView) -> AllocationView:
    until = time.monotonic() + doors.settings.api_follow_seconds
    while begun.starting and time.monotonic() < until:
        await asyncio.sleep(LOOK_SECONDS)
        async with doors.database.transaction(asking.scope) as transaction:
            begun = await following.shown(transaction, asking.user_id, begun.allocation_id)
    return begun


@router.post("/v1/allocations/check")
async def check(doors: DoorsOf, asking: Acting, body: CheckedSettings) -> Checked:
    """Whether settings are allowed, what they say, and what a person should know; saves nothing."""
    async with doors.database.transaction(asking.scope) as transaction:
        return await checking.check(transaction, asking.user_id, body, doors.texts)


@router.get("/v1/allocations")
async def allocations(
    doors: DoorsOf,
    asking: Acting,
    *,
    state: AllocationState | None = None,
    leader: Wallet | None = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Page[AllocationView]:
    """The user's followings, newest first."""
    belongs = {"list": "allocations", "user": asking.user_id, "state": state, "leader": leader}
    place = doors.pager.read(cursor, belongs)
    async with doors.database.transaction(asking.scope) as transaction:
        rows = await transaction.rows(
            "allocations",
            user_id=asking.user_id,
            state=state,
            leader=leader,
            at=place.at,
            id=place.id,
            rows=limit + 1,
        )
        as_of = await now(transaction)
        page, cursor = doors.pager.page(
            rows, limit, belongs, lambda row: (row["created_at"], row["allocation_id"])
        )
        views = await with_standings(transaction, asking.user_id, [following.view_of(row) for row in page])
    return Page(
        items=tuple(said(view, doors.texts) for view in views),
        next_cursor=cursor,
        as_of=as_of,
    )


@router.get("/v1/allocations/{allocation_id}", response_model=AllocationView)
async def allocation(doors: DoorsOf, asking: Acting, allocation_id: str) -> Response:
    """One following; its `ETag` is the settings' version."""
    async with doors.database.transaction(asking.scope) as transaction:
        view = await following.shown(transaction, asking.user_id, allocation_id)
    return following.answered(view, doors.texts).response()


@router.get("/v1/allocations/{allocation_id}/versions")
async def versions(doors: DoorsOf, asking: Acting, allocation_id: str) -> tuple[AllocationVersion, ...]:
    """Every version of a following, newest first."""
    async with doors.database.transaction(asking.scope) as transaction:
        return await following.versions(transaction, asking.user_id, allocation_id)


@router.patch("/v1/allocations/{allocation_id}", response_model=AllocationView)
async def change(
    doors: DoorsOf,
    asking: Acting,
    allocation_id: str,
    body: ChangedSettings,
    if_match: Annotated[str | None, Header(description="The ETag of the settings that are changed.")] = None,
) -> Response:
    """Change settings as a new version, which counts from the next trade on; or what you call the leader."""
    if if_match is None:
        raise Refused("if-match-missing", "Send If-Match with the ETag of the settings you saw.")
    version = _ETAG.fullmatch(if_match.strip())
    if version is None:
        raise invalid("If-Match", 'must be an ETag of ours such as "7"', value=if_match)
    async with doors.database.transaction(asking.scope) as transaction:
        view = await following.change(transaction, asking, allocation_id, int(version[1]), body)
    return following.answered(view, doors.texts).response()


async def _go(
    request: Request, doors: Doors, asking: UserActor, allocation_id: str, state: AllocationState
) -> Response:
    async def deed(transaction: Transaction) -> Answer:
        return following.answered(await following.go(transaction, asking, allocation_id, state), doors.texts)

    return await once(request, asking, doors.database, deed)


@router.post("/v1/allocations/{allocation_id}/pause", response_model=AllocationView)
async def pause(request: Request, doors: DoorsOf, asking: Acting, allocation_id: str) -> Response:
    """No new buys; sells are still copied."""
    return await _go(request, doors, asking, allocation_id, AllocationState.PAUSED)


@router.post("/v1/allocations/{allocation_id}/resume", response_model=AllocationView)
async def resume(request: Request, doors: DoorsOf, asking: Acting, allocation_id: str) -> Response:
    """Buys again, from now on; what was missed is not bought."""
    return await _go(request, doors, asking, allocation_id, AllocationState.ACTIVE)


@router.post("/v1/allocations/{allocation_id}/close", response_model=AllocationView)
async def close(request: Request, doors: DoorsOf, asking: Acting, allocation_id: str) -> Response:
    """No new buys; sells are copied until nothing is left, then it ends."""
    return await _go(request, doors, asking, allocation_id, AllocationState.CLOSING)


@router.post("/v1/allocations/{allocation_id}/end", response_model=AllocationView)
async def end(request: Request, doors: DoorsOf, asking: Acting, allocation_id: str) -> Response:
    """Nothing is copied any more, sells neither; what is held is the user's to sell."""
    return await _go(request, doors, asking, allocation_id, AllocationState.ENDED)


@router.post("/v1/allocations/{allocation_id}/go-live", status_code=201, response_model=AllocationView)
async def go_live(
    request: Request, doors: DoorsOf, asking: Person, allocation_id: str, body: GoLive
) -> Response:
    """A live following of the same leader and settings starts now; the paper one is paused and keeps its history."""
    if body.phrase != LIVE_PHRASE:
        said = doors.texts["refused.phrase"].format(phrase=LIVE_PHRASE)
        raise invalid("phrase", said, value=body.phrase)

    async def deed(transaction: Transaction) -> Answer:
        begun = await following.go_live(transaction, doors, asking, allocation_id)
        return following.answered(begun, doors.texts, 201)

    async def finish(answer: Answer) -> Answer:
        begun = answer.body
        assert isinstance(begun, AllocationView), "going live answers with the following"
        return following.answered(await _once_it_runs(doors, asking, begun), doors.texts, 201)

    return await once(request, asking, doors.database, deed, finish)


@router.post("/v1/allocations/{allocation_id}/sell", status_code=201, response_model=SaleView)
async def sell(
    request: Request, doors: DoorsOf, asking: Acting, allocation_id: str, body: SellAsked | None = None
) -> Response:
    """Sell positions of this leader now, each by an order of its own at most 5¢ under the best bid; with `end`, stop
    following first. The answer waits up to 6 s for their ends; what takes longer goes on by itself."""
    asked, key = body or SellAsked(), key_of(request)

    async def deed(transaction: Transaction) -> Answer:
        return Answer(
            await selling.begin(transaction, doors, asking, allocation_id, asked=asked, key=key), 201
        )

    async def finish(answer: Answer) -> Answer:
        sale = answer.body
        assert isinstance(sale, SaleView), "a sale was begun"
        return Answer(await selling.carried_out(doors, asking, sale, asked), 201)

    return await once(request, asking, doors.database, deed, finish)
