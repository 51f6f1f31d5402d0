"""What a person keeps about themselves: language and zone, how notices come, a draft; taking it along, and leaving."""

from __future__ import annotations

import json
from typing import Any, Final

from api import following, people
from api.actor import UserActor
from api.database import Transaction
from api.languages import spoken
from api.problems import Refused, invalid, not_found
from schemas.enums import AllocationState
from schemas.me_views import Draft, DraftView, MeChanges, NoticeSettings, NoticeSettingsView
from schemas.views import UserView

DRAFT_BYTES_MAX: Final = 4_096
# Copies, orders, fills and notices in an export: what a year of a busy following makes.
EXPORT_ROWS_MAX: Final = 50_000


async def change(
    transaction: Transaction, user_id: str, changes: MeChanges, at_version: int | None
) -> tuple[UserView, int]:
    """(the user, their version) with what is named changed. 412 when they are not at ``at_version`` any more."""
    amounts = changes.quick_amounts
    touched = await transaction.run(
        "change_me", user_id=user_id, version=at_version, language=changes.language, time_zone=changes.time_zone,
        quick_amounts=None if amounts is None else list(amounts),
    )  # fmt: skip
    version = await people.version(transaction, user_id)
    if not touched:
        raise changed_meanwhile(version)
    return await people.user(transaction, user_id), version


async def notice_settings(transaction: Transaction, user_id: str) -> NoticeSettingsView:
    """How notices come to the user."""
    row = await transaction.row("notice_settings", user_id=user_id)
    if row is None:
        raise not_found("user")
    settings = NoticeSettings.model_validate(row["notice_settings"])
    return NoticeSettingsView(settings=settings, version=row["notice_version"])


async def change_notice_settings(
    transaction: Transaction, user_id: str, settings: NoticeSettings, version: int
) -> NoticeSettingsView:
    """The settings in place of those at ``version``. 412 when those are not in force any more."""
    kept = settings.model_dump_json()
    touched = await transaction.run("change_notice_settings", user_id=user_id, settings=kept, version=version)
    shown = await notice_settings(transaction, user_id)
    if not touched:
        raise changed_meanwhile(shown.version)
    return shown


async def draft(transaction: Transaction, user_id: str) -> DraftView:
    """The user's draft. 404 where there is none, or it is older than a day."""
    view = await transaction.view(DraftView, "draft", user_id=user_id)
    if view is None:
        raise not_found("draft")
    return view


async def keep_draft(transaction: Transaction, user_id: str, wanted: Draft) -> DraftView:
    """The draft in place of the one before. 422 over 4 kB."""
    body = json.dumps(wanted.body)
    if len(body.encode()) > DRAFT_BYTES_MAX:
        raise invalid("body", f"must be at most {DRAFT_BYTES_MAX} bytes as JSON")
    if "\\u0000" in body:
        raise invalid("body", "must not hold the character 0")
    await transaction.run("keep_draft", user_id=user_id, flow=wanted.flow, body=body)
    return await draft(transaction, user_id)


async def everything(transaction: Transaction, user_id: str) -> dict[str, Any]:
    """All rows about the user, amounts as text; no digest of a token, no key."""
    row = await transaction.row("everything_of_mine", user_id=user_id, most=EXPORT_ROWS_MAX)
    assert row is not None, "one row always"
    kept: dict[str, Any] = json.loads(row["everything"], parse_float=str)
    return kept


async def leave(transaction: Transaction, asking: UserActor) -> None:
    """End every following and forget who the user is; what was traded stays, under a name that says nobody. 409 while
    live money or live positions remain."""
    if await transaction.row("lock_user", user_id=asking.user_id) is None:
        raise not_found("user")
    live = await transaction.row("live_remains", user_id=asking.user_id)
    assert live is not None, "one row always"
    if live["money"] or live["positions"]:
        raise Refused("conflict", spoken(f"refused.live_{'money' if live['money'] else 'positions'}"))
    for row in await transaction.rows("living_of_user", user_id=asking.user_id):
        await following.go(transaction, asking, row["allocation_id"], AllocationState.ENDED)
    await transaction.run("forget_user", user_id=asking.user_id)


def changed_meanwhile(version: int) -> Refused:
    """412 with the version in force."""
    return Refused(
        "version-changed",
        f"Changed elsewhere meanwhile: this is at version {version} now.",
        headers={"ETag": following.etag(version)},
    )
