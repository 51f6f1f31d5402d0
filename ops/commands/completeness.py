"""`polycool completeness`: per leader and day, what was seen, what was answered, and what the indexer did not send."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated

import psycopg
import typer

from ops.audit.completeness import Day, completeness, counted
from ops.exits import ANSWER_IS_NO, DONE
from ops.ground import Ground, check_tables, ground
from ops.output import answer, say
from ops.spans import span
from ops.stack.neighbours import surroundings


def command(
    since: Annotated[str, typer.Option(help="look back this far, such as 24h or 30d")] = "7d",
    leader: Annotated[str | None, typer.Option(help="one leader's wallet only (0x…)")] = None,
) -> int:
    """A line per leader and day: trades seen on the topic, stored, answered, and gaps in the indexer's sequence as
    ranges of blocks and fills. Exit 1 when a day is not complete. Reads only."""
    place = ground(surroundings())
    check_tables(place)
    say("reading the topic trades …")
    days = asyncio.run(_days(place, datetime.now(UTC) - span(since), leader.lower() if leader else None))
    sums = counted(days)
    told = (
        f"{sums['days']:,} days of {sums['leaders']:,} leaders: seen {sums['seen']:,}, answered {sums['answered']:,} "
        f"of {sums['due']:,}, {sums['gaps']:,} gaps; {sums['incomplete']:,} not complete"
    )
    answer(
        {**sums, "days": [one.as_json() for one in days]}, "\n".join([*(one.line() for one in days), told])
    )
    return ANSWER_IS_NO if sums["incomplete"] else DONE


async def _days(place: Ground, since: datetime, leader: str | None) -> list[Day]:
    async with await psycopg.AsyncConnection.connect(place.database_url, autocommit=True) as connection:
        return await completeness(connection, place.kafka, place.names, since, leader)
