"""`/v1/bot/notifications` and `/v1/bot/users/{user_id}/unreachable`: the bot carries notices to their people.

Claiming is the long poll of the bot: an answer may wait for the first notice. No key: a claim asked twice claims the
next, an answer given twice changes nothing.
"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from api.actor import Bot
from api.database import OPERATOR
from api.doors import DoorsOf
from api.notices import outcomes
from api.notices.claiming import claim
from api.texts import texts_or_english
from schemas.notices import ClaimedNotices, ClaimNotices, NoticeResult

router = APIRouter(tags=["bot"])


@router.post("/v1/bot/notifications/claim")
async def claim_notices(doors: DoorsOf, asking: Bot, body: ClaimNotices) -> ClaimedNotices:
    """What is to be shown now, each for 60 s: safety, results, digests; people take turns."""
    return ClaimedNotices(
        items=await claim(doors.database, texts_or_english, asking.name, body.most, body.wait_seconds)
    )


@router.post("/v1/bot/notifications/{notification_id}/result", status_code=204, response_class=Response)
async def notice_result(doors: DoorsOf, _asking: Bot, notification_id: int, body: NoticeResult) -> Response:
    """What became of a notice that was claimed. `sent` only once Telegram's id of the message is known."""
    async with doors.database.transaction(OPERATOR) as transaction:
        await outcomes.answer(transaction, notification_id, body)
    return Response(status_code=204)


@router.post("/v1/bot/users/{user_id}/unreachable", status_code=204, response_class=Response)
async def unreachable(doors: DoorsOf, _asking: Bot, user_id: str) -> Response:
    """They have blocked the bot: live buys pause at once, paper after 7 days; sells run. Notices wait for them."""
    async with doors.database.transaction(OPERATOR) as transaction:
        await outcomes.cannot_reach(transaction, user_id)
    return Response(status_code=204)
