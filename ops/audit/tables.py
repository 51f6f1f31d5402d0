"""The checks that the database alone can answer: one SQL file each (promises 1 to 6 and 8)."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import psycopg
from psycopg.rows import TupleRow, tuple_row

from ops.audit.report import Check
from ops.statements import statement

# Unknown orders are proven within 60 s of the venue's answer (SAFETY R5); twice that is a finding (UX §6).
PATIENCE_SECONDS: Final = 120

QUESTIONS: Final = (
    (1, "once", "once"),
    (2, "answered", "answered"),
    (3, "roles", "roles"),
    (4, "limits", "over_limit"),
    (5, "no old news", "old_news"),
    (6, "unknown", "unknown"),
    (8, "money", "money"),
)

# What is named beside a check and breaks nothing.
NOTES: Final = {"limits": "late", "money": "outside"}


async def table_checks(connection: psycopg.AsyncConnection, since: datetime) -> list[Check]:
    """Ask every question in one snapshot, so that the answers fit together."""
    checks = []
    async with connection.transaction(), connection.cursor(row_factory=tuple_row) as cursor:
        await cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        for promise, name, file in QUESTIONS:
            await cursor.execute(
                statement("ops.audit", file).encode(), {"since": since, "patience": PATIENCE_SECONDS}
            )
            row = await cursor.fetchone()
            assert row is not None, file
            counted, broken, names = row
            notes = await _notes(cursor, NOTES.get(name), since)
            checks.append(Check(promise, name, counted, broken, tuple(names), notes=notes))
    return checks


async def _notes(cursor: psycopg.AsyncCursor[TupleRow], file: str | None, since: datetime) -> tuple[str, ...]:
    if file is None:
        return ()
    await cursor.execute(statement("ops.audit", file).encode(), {"since": since})
    return tuple(str(row[0]) for row in await cursor.fetchall())
