"""Giving out what is to be shown: by settings, merged where a crowd waits for one chat, each with a lease (UX §4)."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from api.database import OPERATOR, Database, Transaction
from api.notices.facts import facts_of
from schemas.me_views import DELIVERIES, NoticeSettings
from schemas.notice_hours import is_silent
from schemas.notices import NoticeClass, NoticeView

LEASE_SECONDS: Final = 60.0
"""Who has not answered for a notice by then has lost it; somebody else shows it."""
MERGED_FROM: Final = 4
"""So many waiting for a chat become one (UX §3)."""
MERGEABLE: Final = (
    "copy_filled", "copy_partial", "copy_trying", "copy_unfilled", "copy_rejected", "copy_unknown", "copy_skipped",
    "copy_expired", "exit_filled", "market_resolved", "following_over", "signal",
)  # fmt: skip
# A look at an index each so often, while somebody waits: a fill is in the chat within two seconds.
_LOOK_SECONDS: Final = 0.2
# A chat takes three messages at once, then one a second (Telegram's limits).
_IN_A_ROW: Final = 3
# Rows that are looked at for fairness, and new ones that are sorted, in one claim.
_LOOKED_AT: Final = 2_000
_ROUTED: Final = 3_000
# People whose crowds become bursts in one claim.
_PEOPLE: Final = 300
_DEFAULTS: Final = json.dumps({kind.value: way.value for kind, way in DELIVERIES.items()})
TextsOf = Callable[[str], Mapping[str, str]]


async def claim(
    database: Database, texts_of: TextsOf, who: str, most: int, wait_seconds: float
) -> tuple[NoticeView, ...]:
    """Up to ``most`` notices with a lease of 60 s; waits up to ``wait_seconds`` for the first."""
    until = time.monotonic() + wait_seconds
    while True:
        claimed = await _claim_once(database, texts_of, who, most)
        if claimed or time.monotonic() >= until:
            return claimed
        await asyncio.sleep(min(_LOOK_SECONDS, max(until - time.monotonic(), 0.0)))


async def _claim_once(database: Database, texts_of: TextsOf, who: str, most: int) -> tuple[NoticeView, ...]:
    async with database.transaction(OPERATOR) as transaction:
        waits = await transaction.row("notices_wait")
        if waits is None or not waits["waiting"]:
            return ()
        await transaction.row("lock_notices")
        await transaction.run("route_notices", defaults=_DEFAULTS, most=_ROUTED)
        await transaction.run("merge_notices", kinds=list(MERGEABLE), least=MERGED_FROM, people=_PEOPLE)
        rows = await transaction.rows(
            "claim_notices",
            kinds=list(MERGEABLE), least=MERGED_FROM, looked_at=_LOOKED_AT, in_a_row=_IN_A_ROW, most=most,
            seconds=LEASE_SECONDS, claimed_by=who,
        )  # fmt: skip
        facts = await _facts_by_language(transaction, rows, texts_of)
    now = datetime.now(UTC)
    return tuple(_view(row, facts[row["notification_id"]], now) for row in rows)


async def _facts_by_language(
    transaction: Transaction, rows: list[dict[str, Any]], texts_of: TextsOf
) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for language in {row["language"] for row in rows}:
        ids = [row["notification_id"] for row in rows if row["language"] == language]
        found |= await facts_of(transaction, ids, texts_of(language))
    return found


def _view(row: dict[str, Any], facts: dict[str, Any], now: datetime) -> NoticeView:
    settings = NoticeSettings.model_validate(row["notice_settings"])
    notice_class = NoticeClass(row["class"])
    return NoticeView(
        notification_id=str(row["notification_id"]),
        user_id=row["user_id"],
        telegram_id=row["telegram_id"],
        kind=row["kind"],
        notice_class=notice_class,
        language=row["language"],
        time_zone=row["time_zone"],
        silent=is_silent(settings, row["time_zone"], now, notice_class, row["topic"]),
        facts=facts,
        telegram_message_id=row["telegram_message_id"],
        merges=int(facts.get("merges") or 0),
        revision=row["revision"],
        created_at=row["created_at"],
    )
