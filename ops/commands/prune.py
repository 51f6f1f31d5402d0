"""`polycool prune`: let go of old rows that are no record of money, so that the tables stay bounded."""

from __future__ import annotations

import asyncio
import os
from typing import Annotated

import psycopg
import typer

from ops.exits import DONE
from ops.ground import Ground, check_tables, ground
from ops.output import answer, say
from ops.prune.plan import KINDS, kept, planned, prune


def command(
    execute: Annotated[bool, typer.Option("--execute", help="Do it, not only show it.")] = False,
) -> int:
    """Let go of what is older than POLYCOOL_KEPT_…_DAYS: figures behind skipped copies, shown notices, audits.
    Run it nightly; it may be stopped anywhere and changes nothing without --execute."""
    place = ground()
    check_tables(place)
    found = asyncio.run(_pruned(place) if execute else _planned(place))
    verb = "let go" if execute else "would be let go"
    lines = [f"{rows:,} {what} {verb}" for what, rows in found.items()]
    if not execute:
        lines.append("nothing was changed; --execute does it")
    answer({"rows": found, "executed": execute}, "\n".join(lines))
    return DONE


async def _planned(place: Ground) -> dict[str, int]:
    async with await psycopg.AsyncConnection.connect(place.database_url, autocommit=True) as connection:
        return {what: rows for what, (rows, _) in (await planned(connection, kept(os.environ))).items()}


async def _pruned(place: Ground) -> dict[str, int]:
    settings = kept(os.environ)
    done: dict[str, int] = {}
    async with await psycopg.AsyncConnection.connect(place.database_url, autocommit=True) as connection:
        for kind in KINDS:
            done[kind.what] = 0
            while rows := await prune(connection, settings, kind):
                done[kind.what] += rows
                say(f"{done[kind.what]:,} {kind.what} let go")
    return done
