"""What nobody's deed tells: buys that came too late, the evening's digests, alerts, people gone for long.

One round each so often, by one API process at a time, bounded, and harmless when repeated: every notice has an event of
its own.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any, Final

import psycopg
import psycopg_pool
import structlog

from api.database import OPERATOR, Database, Transaction
from api.notices.claiming import MERGEABLE
from api.notices.evenings import day_notices, skip_notices
from api.notices.outcomes import PAPER_DAYS, pause
from schemas.enums import Venue
from schemas.me_views import NoticeSettings

log = structlog.get_logger()
# A digest may come half a minute after its hour.
EVERY_SECONDS: Final = 20.0
# People, rows or notices of one step of a round; the next round goes on.
_MOST: Final = 200
_ROWS: Final = 2_000
# So many buys too late within ten minutes are told (UX §3).
_LATE_LEAST: Final = 3
_LATE_SECONDS: Final = 1_800.0
# What is told at once is looked for so far back: longer than any pause between two rounds.
_BACK_SECONDS: Final = 600.0
# Operators hear of an order in doubt from here on (UX §3).
_UNKNOWN_SECONDS: Final = 120.0
_SUMMARY_AT: Final = NoticeSettings().summary_at.isoformat()


async def go_round_for_ever(database: Database) -> None:
    """A round, a pause, again; a database that is away is waited for."""
    while True:
        try:
            await go_round(database)
        except (psycopg.OperationalError, psycopg_pool.PoolTimeout) as error:
            log.warning("notice_round_left_out", error=type(error).__name__)
        await asyncio.sleep(EVERY_SECONDS)


async def go_round(database: Database) -> None:
    """One round; nothing where another process is at it."""
    for step in (_tell_late, _tell_at_once, _tell_operators, _pause_paper, _evenings):
        async with database.transaction(OPERATOR) as transaction:
            mine = await transaction.row("try_lock_notice_rounds")
            if mine is None or not mine["mine"]:
                return
            await step(transaction)


async def _tell_late(transaction: Transaction) -> None:
    await transaction.run("tell_late", seconds=_LATE_SECONDS, least=_LATE_LEAST, most=_MOST)


async def _tell_at_once(transaction: Transaction) -> None:
    await transaction.run("tell_skips_at_once", seconds=_BACK_SECONDS, most=_ROWS)
    await transaction.run("tell_signals", seconds=_BACK_SECONDS, most=_ROWS)


async def _tell_operators(transaction: Transaction) -> None:
    await transaction.run("tell_orders_unknown", seconds=_UNKNOWN_SECONDS)


async def _pause_paper(transaction: Transaction) -> None:
    for row in await transaction.rows("unreachable_for_long", days=PAPER_DAYS, most=_MOST):
        await pause(transaction, row["user_id"], [Venue.PAPER])


async def _evenings(transaction: Transaction) -> None:
    due = await transaction.rows("evenings_due", summary_at=_SUMMARY_AT, most=_MOST)
    if not due:
        return
    people = [row["user_id"] for row in due]
    days = [row["day"] for row in due]
    untils = [row["until_at"] for row in due]
    skips = await transaction.rows(
        "skips_between", user_ids=people, sinces=[row["since_at"] for row in due], untils=untils
    )
    summed = await transaction.rows(
        "days_before", user_ids=people, days=days, zones=[row["time_zone"] for row in due]
    )
    told = [*skip_notices(due, skips), *day_notices(due, summed)]
    if told:
        await transaction.run(
            "tell_evening",
            user_ids=[each.user_id for each in told],
            kinds=[each.kind for each in told],
            events=[each.event for each in told],
            bodies=[_json(each.body) for each in told],
        )
    await transaction.run("release_evening", user_ids=people, kinds=list(MERGEABLE))
    await transaction.run("keep_evenings", user_ids=people, days=days, untils=untils)


def _json(body: dict[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False)
