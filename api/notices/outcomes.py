"""What became of a notice that was given out, and of people who cannot be reached (UX §4 "Blocked bot")."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from api.database import Transaction
from api.problems import not_found
from schemas.enums import AllocationState, Venue
from schemas.notices import NoticeOutcome, NoticeResult

PAPER_DAYS: Final = 7
"""Paper followings of somebody unreachable go on so long; live ones stop buying at once."""
_WHO: Final = "cannot be reached"


async def answer(transaction: Transaction, notification_id: int, result: NoticeResult) -> None:
    """Keep what became of a notice. 404 when there is none. An answer after the lease counts too: it was shown."""
    row = await transaction.row("notice", notification_id=notification_id)
    if row is None:
        raise not_found("notice")
    named = {"notification_id": notification_id, "words": result.words}
    match result.outcome:
        case NoticeOutcome.SENT:
            message_id = result.telegram_message_id
            await transaction.run(
                "notice_sent",
                notification_id=notification_id, revision=result.revision, telegram_message_id=message_id,
            )  # fmt: skip
            await transaction.run("notice_children_sent", notification_id=notification_id)
        case NoticeOutcome.LATER:
            await transaction.run("notice_later", retry_after=result.retry_after, **named)
        case NoticeOutcome.BLOCKED:
            await cannot_reach(transaction, row["user_id"])
        case NoticeOutcome.IMPOSSIBLE:
            await transaction.run("notice_impossible", **named)


async def cannot_reach(transaction: Transaction, user_id: str) -> None:
    """They have blocked the bot: live buys pause at once, sells run, notices are kept for their return. 404 for
    nobody. Said again, nothing changes."""
    if await transaction.row("mark_unreachable", user_id=user_id) is None:
        raise not_found("user")
    await transaction.run("keep_for_return", user_id=user_id)
    await pause(transaction, user_id, [Venue.POLYMARKET])


async def pause(transaction: Transaction, user_id: str, venues: Sequence[Venue]) -> int:
    """Pause the active followings at these venues because their person cannot be reached; how many were."""
    paused = 0
    for row in await transaction.rows("followings_to_pause", user_id=user_id, venues=list(venues)):
        named = {"allocation_id": row["allocation_id"], "user_id": user_id}
        held = await transaction.row("lock_allocation", **named)
        if held is None or held["state"] != AllocationState.ACTIVE:
            continue
        await transaction.run("change_state", state=AllocationState.PAUSED, **named)
        await transaction.run("keep_version", allocation_id=row["allocation_id"], changed_by=_WHO)
        await transaction.run("note_unreachable_pause", **named)
        paused += 1
    return paused


async def came_back(transaction: Transaction, user_id: str) -> bool:
    """They write to the bot again: what was kept comes as "While you were away", nothing is resumed. Whether they had
    been away."""
    away = await transaction.row("mark_reachable", user_id=user_id)
    if away is None:
        return False
    paused = await transaction.run("forget_unreachable_pauses", user_id=user_id)
    await transaction.run("tell_return", user_id=user_id, since=away["unreachable_at"], paused=paused)
    return True
