"""A database belongs to one Kafka cluster and one topic prefix, and its topics keep their partition counts.

SAFETY R32 (a shadow run must not decide on the living database) and R23 (more partitions break the order).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import psycopg
from psycopg.rows import class_row

from ops.statements import statement


class BindingRefused(Exception):
    """The database belongs to something else than what was asked for. Nothing was changed."""


@dataclass(frozen=True)
class Binding:
    """The cluster's id and the prefix in front of the topics' names (empty for the living ones)."""

    cluster_id: str
    topic_prefix: str


def bound_to(database_url: str) -> Binding | None:
    """What the database belongs to; None before the first `migrate --execute`."""
    with psycopg.connect(database_url) as connection:
        return connection.cursor(row_factory=class_row(Binding)).execute(_sql("bound_to")).fetchone()


def bind(database_url: str, wanted: Binding) -> None:
    """Bind the database once. Raises BindingRefused when it belongs to another cluster or prefix."""
    with psycopg.connect(database_url) as connection:
        connection.execute(
            _sql("bind_database"), {"cluster_id": wanted.cluster_id, "topic_prefix": wanted.topic_prefix}
        )
    check(database_url, wanted)


def check(database_url: str, wanted: Binding) -> None:
    """Raises BindingRefused unless the database is bound to exactly `wanted`."""
    found = bound_to(database_url)
    if found is None:
        raise BindingRefused("the database is bound to no cluster yet: run polycool migrate --execute.")
    if found.cluster_id != wanted.cluster_id:
        raise BindingRefused(
            f"this database belongs to the Kafka cluster {found.cluster_id}, not to {wanted.cluster_id}: "
            "use the cluster it belongs to, or another database."
        )
    if found.topic_prefix != wanted.topic_prefix:
        raise BindingRefused(
            f"this database belongs to {_spoken(found.topic_prefix)}, not to {_spoken(wanted.topic_prefix)}: "
            "a shadow run needs a database of its own."
        )


def kept_partitions(database_url: str) -> dict[str, int]:
    """The partition count of each topic as it was made."""
    with psycopg.connect(database_url) as connection:
        rows = connection.execute(_sql("kept_partition_counts")).fetchall()
    return {str(topic): int(count) for topic, count in rows}


def keep_partitions(database_url: str, counts: Mapping[str, int]) -> None:
    """Note the counts of topics that were not noted yet."""
    with psycopg.connect(database_url) as connection:
        connection.cursor().executemany(
            _sql("keep_partition_count"),
            [{"topic": topic, "partitions": count} for topic, count in sorted(counts.items())],
        )


def _spoken(prefix: str) -> str:
    return f"the topics with the prefix {prefix}" if prefix else "the topics without a prefix"


def _sql(name: str) -> bytes:
    return statement("ops.migration", name).encode()
