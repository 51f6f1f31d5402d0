"""`/v1/me/notifications`: what a person was told, in words, sent or not (UX §4 "each stays in History")."""

from __future__ import annotations

from fastapi import APIRouter

from api import people
from api.actor import Acting
from api.doors import DoorsOf
from api.notices.facts import facts_of
from api.routes.lists import Cursor, Limit, now
from api.texts import texts_or_english
from schemas.notice_texts import plain_text
from schemas.notices import NoticeShown
from schemas.views import Page

router = APIRouter(tags=["users"])


@router.get("/v1/me/notifications")
async def notifications(
    doors: DoorsOf, asking: Acting, *, limit: Limit = 20, cursor: Cursor = None
) -> Page[NoticeShown]:
    """The user's notices, newest first, as plain text in their language; what was merged into a burst stands by
    itself."""
    belongs = {"list": "notices", "user": asking.user_id}
    place = doors.pager.read(cursor, belongs)
    async with doors.database.transaction(asking.scope) as transaction:
        user = await people.user(transaction, asking.user_id)
        rows = await transaction.rows(
            "own_notices", user_id=asking.user_id, at=place.at, id=place.id, rows=limit + 1
        )
        page, following = doors.pager.page(
            rows, limit, belongs, lambda row: (row["created_at"], str(row["notification_id"]))
        )
        texts = texts_or_english(user.language)
        facts = await facts_of(transaction, [row["notification_id"] for row in page], texts)
        as_of = await now(transaction)
    shown = tuple(
        NoticeShown(
            notification_id=str(row["notification_id"]),
            kind=row["kind"],
            text=plain_text(row["kind"], facts[row["notification_id"]], texts, zone=user.time_zone),
            created_at=row["created_at"],
            sent_at=row["sent_at"],
        )
        for row in page
    )
    return Page(items=shown, next_cursor=following, as_of=as_of)
