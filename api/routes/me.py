"""`/v1/me`: who a user is, how they want to be spoken to, what they have begun, and leaving (UX §5, S15)."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header
from starlette.responses import JSONResponse, Response

from api import mine, people
from api.actor import Acting, Person
from api.doors import DoorsOf
from api.following import etag
from api.problems import Refused, invalid
from schemas.me_views import Draft, DraftView, MeChanges, NoticeSettings, NoticeSettingsView
from schemas.views import UserView

router = APIRouter(tags=["users"])
_ETAG: Final = re.compile(r'(?:W/)?"(\d{1,9})"')
_IfMatch = Annotated[str | None, Header(description="The ETag of what is changed.")]


@router.get("/v1/me", response_model=UserView)
async def me(doors: DoorsOf, asking: Acting) -> Response:
    """The user with their accounts; the `ETag` is of language, zone and amounts."""
    async with doors.database.transaction(asking.scope) as transaction:
        shown = await people.user(transaction, asking.user_id)
        version = await people.version(transaction, asking.user_id)
    return _tagged(shown, version)


@router.patch("/v1/me", response_model=UserView)
async def change(doors: DoorsOf, asking: Acting, body: MeChanges, if_match: _IfMatch = None) -> Response:
    """Change language, zone or quick amounts; with `If-Match` only while nothing else has changed them."""
    version = None if if_match is None else version_of(if_match)
    async with doors.database.transaction(asking.scope) as transaction:
        shown, version = await mine.change(transaction, asking.user_id, body, version)
    return _tagged(shown, version)


@router.delete("/v1/me", status_code=204, response_class=Response)
async def leave(doors: DoorsOf, asking: Person) -> Response:
    """End every following and forget the person. 409 while live money or live positions remain."""
    async with doors.database.transaction(asking.scope) as transaction:
        await mine.leave(transaction, asking)
    doors.credentials.forget()
    return Response(status_code=204)


@router.get("/v1/me/data", response_model=dict[str, Any])
async def everything(doors: DoorsOf, asking: Person) -> Response:
    """All rows about the user as JSON: accounts, followings, copies, orders, fills, notices; up to 50,000 of a kind."""
    async with doors.database.transaction(asking.scope) as transaction:
        kept = await mine.everything(transaction, asking.user_id)
    headers = {"Content-Disposition": 'attachment; filename="polycool.json"'}
    return JSONResponse(kept, headers=headers)


@router.get("/v1/me/notification-settings", response_model=NoticeSettingsView)
async def notice_settings(doors: DoorsOf, asking: Acting) -> Response:
    """How notices come; the `ETag` is their version."""
    async with doors.database.transaction(asking.scope) as transaction:
        shown = await mine.notice_settings(transaction, asking.user_id)
    return _tagged(shown, shown.version)


@router.put("/v1/me/notification-settings", response_model=NoticeSettingsView)
async def change_notice_settings(
    doors: DoorsOf, asking: Acting, body: NoticeSettings, if_match: _IfMatch = None
) -> Response:
    """How notices come from now on; kinds that are not named come as at the beginning."""
    if if_match is None:
        raise Refused("if-match-missing", "Send If-Match with the ETag of the settings you saw.")
    version = version_of(if_match)
    async with doors.database.transaction(asking.scope) as transaction:
        shown = await mine.change_notice_settings(transaction, asking.user_id, body, version)
    return _tagged(shown, shown.version)


@router.get("/v1/me/draft")
async def draft(doors: DoorsOf, asking: Acting) -> DraftView:
    """What was begun and not ended; 404 without one."""
    async with doors.database.transaction(asking.scope) as transaction:
        return await mine.draft(transaction, asking.user_id)


@router.put("/v1/me/draft")
async def keep_draft(doors: DoorsOf, asking: Acting, body: Draft) -> DraftView:
    """Keep a draft for 24 h, in place of the one before; at most 4 kB."""
    async with doors.database.transaction(asking.scope) as transaction:
        return await mine.keep_draft(transaction, asking.user_id, body)


@router.delete("/v1/me/draft", status_code=204, response_class=Response)
async def drop_draft(doors: DoorsOf, asking: Acting) -> Response:
    """No draft any more; none before is the same."""
    async with doors.database.transaction(asking.scope) as transaction:
        await transaction.run("drop_draft", user_id=asking.user_id)
    return Response(status_code=204)


def version_of(if_match: str) -> int:
    """The version an `If-Match` names. 422 for what is no tag of ours."""
    found = _ETAG.fullmatch(if_match.strip())
    if found is None:
        raise invalid("If-Match", 'must be an ETag of ours such as "7"', value=if_match)
    return int(found[1])


def _tagged(view: UserView | NoticeSettingsView, version: int) -> Response:
    return Response(view.model_dump_json(), 200, {"ETag": etag(version)}, "application/json")
