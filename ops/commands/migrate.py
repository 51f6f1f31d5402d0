"""`polycool migrate`: bring the tables to this version and bind the database to its cluster and prefix."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from ops import topics
from ops.exits import DONE
from ops.ground import ground
from ops.migration.binding import Binding, bind
from ops.migration.migrate import migrate, plan
from ops.output import answer


def command(
    execute: Annotated[bool, typer.Option("--execute", help="Do it, not only show it.")] = False,
) -> int:
    """Bring the tables to this version; prints the plan and changes nothing without --execute."""
    place = ground()
    cluster = asyncio.run(topics.look(place.kafka, place.names))
    done = migrate(place.database_url) if execute else plan(place.database_url)
    if execute:
        bind(place.database_url, Binding(cluster.cluster_id, place.names.prefix))
    steps = [f"{step.number:04} {step.name}" for step in done.missing]
    document = {
        "applied_before": done.applied,
        "steps": steps,
        "executed": execute,
        "cluster_id": cluster.cluster_id,
        "topic_prefix": place.names.prefix,
    }
    verb = "applied" if execute else "to apply"
    text = "\n".join(
        [
            f"{done.applied} migrations were applied before; {len(steps)} {verb}",
            *(f"  {step}" for step in steps),
        ]
    )
    answer(document, text if execute else f"{text}\nnothing was changed; --execute does it")
    return DONE
