"""`/v1/auth` and `/v1/me/tokens`: ways in beside the bot, and giving them back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from api import signing_in
from api.actor import Acting, Holding, Person
from api.credentials import SESSION_COOKIE
from api.database import OPERATOR, Transaction
from api.doors import DoorsOf
from api.once import Answer, key_of, once
from schemas.me_views import ApiTokenView, LinkUsed, LinkView, NewApiToken

router = APIRouter(tags=["signing in"])


@router.post("/v1/auth/link", status_code=201)
async def link(doors: DoorsOf, asking: Person) -> LinkView:
    """A link that signs in on the web page: good once, 60 s. Asked twice it gives two; no answer of it is kept."""
    async with doors.database.transaction(asking.scope) as transaction:
        return await signing_in.link(transaction, asking, doors.settings.api_public_url)


@router.post("/v1/auth/exchange", status_code=204, response_class=Response)
async def exchange(doors: DoorsOf, body: LinkUsed) -> Response:
    """The link for a session, as a cookie that no script can read and no other site's page can send."""
    async with doors.database.transaction(OPERATOR) as transaction:
        _, session = await signing_in.exchange(transaction, body.link)
    answer = Response(status_code=204)
    answer.set_cookie(
        SESSION_COOKIE,
        session,
        max_age=signing_in.SESSION_SECONDS,
        httponly=True,
        samesite="strict",
        # On one's own machine the page comes without TLS.
        secure=doors.settings.api_public_url.startswith("https://"),
    )
    return answer


@router.delete("/v1/auth/token", status_code=204, response_class=Response)
async def give_back(doors: DoorsOf, asking: Holding) -> Response:
    """The token or session used here opens nothing any more; a read token may do this too."""
    async with doors.database.transaction(asking.scope) as transaction:
        await signing_in.give_back(transaction, asking)
    doors.credentials.forget()
    answer = Response(status_code=204)
    answer.delete_cookie(SESSION_COOKIE)
    return answer


@router.get("/v1/me/tokens")
async def tokens(doors: DoorsOf, asking: Acting) -> tuple[ApiTokenView, ...]:
    """The user's API tokens, newest first, without their texts."""
    async with doors.database.transaction(asking.scope) as transaction:
        return await signing_in.tokens(transaction, asking.user_id)


@router.post("/v1/me/tokens", status_code=201, response_model=ApiTokenView)
async def make_token(request: Request, doors: DoorsOf, asking: Person, body: NewApiToken) -> Response:
    """A new API token. Its text comes with this answer only: the kept answer, which a repeat gets, is without it."""
    key = key_of(request)
    fresh: list[ApiTokenView] = []

    async def deed(transaction: Transaction) -> Answer:
        made = await signing_in.make_token(transaction, asking.user_id, body, key)
        fresh.append(made)
        return Answer(made.model_copy(update={"token": None}), 201)

    answer = await once(request, asking, doors.database, deed)
    return Answer(fresh[0], 201).response() if fresh else answer


@router.delete("/v1/me/tokens/{token_id}", status_code=204, response_class=Response)
async def drop_token(
    doors: DoorsOf, asking: Person, token_id: Annotated[str, Path(max_length=40)]
) -> Response:
    """An API token opens nothing any more."""
    async with doors.database.transaction(asking.scope) as transaction:
        await signing_in.drop_token(transaction, asking.user_id, token_id)
    doors.credentials.forget()
    return Response(status_code=204)


@router.delete("/v1/me/sessions/{session_id}", status_code=204, response_class=Response)
async def end_session(
    doors: DoorsOf, asking: Person, session_id: Annotated[str, Path(max_length=40)]
) -> Response:
    """A session of the web page opens nothing any more: what a notice of a new sign-in offers."""
    async with doors.database.transaction(asking.scope) as transaction:
        await signing_in.end_session(transaction, asking.user_id, session_id)
    doors.credentials.forget()
    return Response(status_code=204)
