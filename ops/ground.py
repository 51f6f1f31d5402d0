"""The ground a process stands on, looked at before it starts: tables, binding, topics (SAFETY R23, R32)."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass

from ops import topics
from ops.failures import Missing
from ops.migration.binding import Binding, check, kept_partitions
from ops.migration.migrate import plan
from ops.stack.running import beside
from streams.topology import TopicNames

# DESIGN §5: 12 for servers; the local stack sets 4.
PARTITIONS = 12


@dataclass(frozen=True)
class Ground:
    """Where broker and database are, and the prefix of the topics."""

    kafka: str
    database_url: str
    names: TopicNames
    partitions: int


def ground(environment: Mapping[str, str] = os.environ) -> Ground:
    """Read it from POLYCOOL_KAFKA, POLYCOOL_DATABASE_URL, POLYCOOL_TOPIC_PREFIX, POLYCOOL_PARTITIONS; where those name
    neither broker nor database, from the stack that runs on this machine."""
    environment = beside(environment)
    kafka, database = environment.get("POLYCOOL_KAFKA"), environment.get("POLYCOOL_DATABASE_URL")
    if not kafka or not database:
        lacking = " and ".join(
            name
            for name, value in (("POLYCOOL_KAFKA", kafka), ("POLYCOOL_DATABASE_URL", database))
            if not value
        )
        raise Missing(
            f"{lacking} must be set (see .env.example), or polycool up starts everything by itself."
        )
    partitions = int(environment.get("POLYCOOL_PARTITIONS") or PARTITIONS)
    return Ground(kafka, database, TopicNames(environment.get("POLYCOOL_TOPIC_PREFIX", "")), partitions)


def check_tables(place: Ground) -> None:
    """Raises Missing unless the database has exactly this version's tables."""
    if missing := plan(place.database_url).missing:
        raise Missing(
            f"the database lacks {len(missing)} migrations, first {missing[0].number:04} {missing[0].name}: "
            "run polycool migrate --execute."
        )


def check_ground(place: Ground) -> None:
    """Raises Missing or BindingRefused unless tables, binding, topics and partition counts are as they must be."""
    check_tables(place)
    cluster = asyncio.run(topics.look(place.kafka, place.names))
    check(place.database_url, Binding(cluster.cluster_id, place.names.prefix))
    compared = topics.plan(place.names, cluster, place.partitions, kept_partitions(place.database_url))
    if compared.missing:
        raise Missing(f"the topics {', '.join(compared.missing)} are missing: run polycool topics --execute.")
    if compared.wrong:
        raise Missing(f"the topics are not as they must be: {'; '.join(compared.wrong)}.")


def check_no_shadow(place: Ground) -> None:
    """Trading never runs for a shadow run (SAFETY R32)."""
    if place.names.prefix:
        raise Missing(
            f"trading runs only without a topic prefix, POLYCOOL_TOPIC_PREFIX is {place.names.prefix}: "
            "a shadow run decides, it does not trade."
        )
