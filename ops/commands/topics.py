"""`polycool topics`: list, check or create the topics of the contract."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from ops import topics
from ops.exits import ANSWER_IS_NO, DONE
from ops.ground import check_tables, ground
from ops.migration.binding import Binding, check, keep_partitions, kept_partitions
from ops.output import answer


def command(
    execute: Annotated[bool, typer.Option("--execute", help="Create what is missing.")] = False,
) -> int:
    """List the topics, compare them with the contract, and with --execute create those that are missing."""
    place = ground()
    check_tables(place)
    cluster = asyncio.run(topics.look(place.kafka, place.names))
    check(place.database_url, Binding(cluster.cluster_id, place.names.prefix))
    compared = topics.plan(place.names, cluster, place.partitions, kept_partitions(place.database_url))
    if execute:
        asyncio.run(topics.create(place.kafka, place.names, compared.missing))
        counts = {name: state.partitions for name, state in cluster.topics.items()} | dict(compared.missing)
        if not compared.wrong:
            keep_partitions(place.database_url, counts)
    document = {
        "cluster_id": cluster.cluster_id,
        "topics": {name: state.partitions for name, state in cluster.topics.items()},
        "missing": dict(compared.missing),
        "wrong": compared.wrong,
        "executed": execute,
    }
    verb = "created" if execute else "missing"
    lines = [
        *(f"✓ {name}  {state.partitions} partitions" for name, state in cluster.topics.items()),
        *(
            f"{'✓' if execute else '–'} {name}  {count} partitions, {verb}"
            for name, count in compared.missing.items()
        ),
        *(f"✗ {sentence}" for sentence in compared.wrong),
    ]
    if compared.missing and not execute:
        lines.append("nothing was changed; --execute does it")
    answer(document, "\n".join(lines))
    left = compared.wrong or (compared.missing and not execute)
    return ANSWER_IS_NO if left else DONE
