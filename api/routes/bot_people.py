"""`/v1/bot/users`: the bot lets people in, with its own token (UX §5)."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from api import people
from api.actor import Bot
from api.database import Transaction
from api.doors import DoorsOf
from api.once import Answer, once
from schemas.me_views import TelegramUser
from schemas.views import UserView

router = APIRouter(tags=["bot"])


@router.post(
    "/v1/bot/users",
    status_code=201,
    response_model=UserView,
    responses={200: {"model": UserView, "description": "Known already."}},
)
async def let_in(request: Request, doors: DoorsOf, asking: Bot, body: TelegramUser) -> Response:
    """The user of somebody on Telegram: 200 when known, 201 when new, with a paper account and 1,000.00 of paper
    money."""

    async def deed(transaction: Transaction) -> Answer:
        shown, fresh = await people.known_or_new(transaction, body)
        return Answer(shown, 201 if fresh else 200)

    return await once(request, asking, doors.database, deed)
