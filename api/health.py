"""How the parts of the way are, as far as the tables tell."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Any, Final

import psycopg
import psycopg_pool

from api.database import OPERATOR, Database
from api.doors import Doors

Parts = dict[str, Any]
_MIGRATION: Final = re.compile(r"(\d{4})_[a-z0-9_]+\.sql")
# The trading worker beats each second; fifteen is the longest it may be away after a kill.
BEAT_SECONDS_MAX: Final = 15.0
AWAY: Final = (psycopg.Error, psycopg_pool.PoolTimeout)


@cache
def newest_migration() -> int:
    """The number of the newest step that this version knows."""
    names = (_MIGRATION.fullmatch(entry.name) for entry in files("schemas.tables").iterdir())
    return max(int(name[1]) for name in names if name)


async def readiness(database: Database) -> tuple[bool, Parts]:
    """Database and its version."""
    try:
        async with database.transaction(OPERATOR) as transaction:
            row = await transaction.row("newest_migration")
    except AWAY as error:
        return False, {"database": type(error).__name__, "migrations": None}
    applied = None if row is None else row["number"]
    return applied == newest_migration(), {
        "database": "ok",
        "migrations": applied,
        "wanted": newest_migration(),
    }


async def whole_way(doors: Doors) -> tuple[bool, Parts]:
    """Every part that the others need."""
    ready, parts = await readiness(doors.database)
    broker = await doors.trades.answers()
    parts["broker"] = "ok" if broker else "away"
    if not ready:
        return False, parts
    async with doors.database.transaction(OPERATOR) as transaction:
        row = await transaction.row("pulse")
    assert row is not None, "the pulse always has a row"
    beat = row["trading_beat_seconds"]
    alive = beat is not None and row["trading_ready"] and float(beat) <= BEAT_SECONDS_MAX
    parts |= {
        name: float(value) if value is not None and name.endswith("_seconds") else value
        for name, value in row.items()
    }
    parts["trading"] = "ok" if alive else "away"
    return broker and alive, parts
