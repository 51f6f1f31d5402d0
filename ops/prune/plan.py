"""What there is to let go of: one statement per kind, counted before it is done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final, NamedTuple

import psycopg

from ops.prune.settings import KeptSettings
from ops.statements import statement

_PACKAGE: Final = "ops.prune"


class Kind(NamedTuple):
    """Rows of one kind: what people call them, the statements that count and delete, the setting of their days."""

    what: str
    counting: str
    dropping: str
    setting: str


KINDS: Final = (
    Kind("reasons of skipped copies", "old_skips", "slim_skips", "kept_skips_days"),
    Kind("shown notices", "old_notices", "drop_notices", "kept_notices_days"),
    Kind("audits of accounts", "old_audits", "drop_audits", "kept_audits_days"),
)


def kept(environment: Mapping[str, str]) -> KeptSettings:
    """The settings as this environment has them."""
    given = {name: environment.get(f"POLYCOOL_{name.upper()}") for name in KeptSettings.model_fields}
    return KeptSettings.model_validate({name: text for name, text in given.items() if text})


async def planned(
    connection: psycopg.AsyncConnection[Any], settings: KeptSettings
) -> dict[str, tuple[int, float]]:
    """Kind → how many rows are older than they are kept, and by how many days the oldest is."""
    found: dict[str, tuple[int, float]] = {}
    for kind in KINDS:
        days = int(getattr(settings, kind.setting))
        cursor = await connection.execute(
            statement(_PACKAGE, kind.counting).encode(), {"kept": timedelta(days=days)}
        )
        row = await cursor.fetchone()
        assert row is not None, "a count answers one row"
        found[kind.what] = (int(row[0]), float(row[1] or 0.0))
    return found


async def overdue(
    connection: psycopg.AsyncConnection[Any], days: float, environment: Mapping[str, str]
) -> dict[str, float]:
    """Kinds whose oldest row is older than kept by more than so many days."""
    found = await planned(connection, kept(environment))
    return {what: over for what, (_, over) in found.items() if over > days}


async def prune(connection: psycopg.AsyncConnection[Any], settings: KeptSettings, kind: Kind) -> int:
    """Let go of one transaction's worth of rows; how many that were."""
    wanted = {"kept": timedelta(days=int(getattr(settings, kind.setting))), "rows": settings.prune_rows}
    async with connection.transaction():
        row = await (await connection.execute(statement(_PACKAGE, kind.dropping).encode(), wanted)).fetchone()
    assert row is not None, "a count answers one row"
    return int(row[0])
