"""The ground of a measurement: topics and a database of its own, on a broker and server of its own or given ones."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from ops import topics
from ops.migration.binding import Binding, bind, keep_partitions
from ops.migration.migrate import migrate
from ops.stack.environment import LOCAL_PARTITIONS, process_environment
from ops.stack.local import LocalStack, Stack
from ops.stack.ports import free_port
from streams.topology import TopicNames


@dataclass(frozen=True)
class BenchGround:
    """Where the measurement runs; `environment` is that of our processes on it."""

    kafka: str
    database_url: str
    names: TopicNames
    directory: Path
    environment: dict[str, str]


@contextmanager
def own_place() -> Iterator[Path]:
    """A directory of this measurement, gone afterwards."""
    place = Path(tempfile.mkdtemp(prefix="polycool-bench-"))
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


@contextmanager
def own_stack() -> Iterator[Stack]:
    """A fresh broker and database, gone afterwards; given ones (POLYCOOL_KAFKA, …) are used instead."""
    with own_place() as place, LocalStack(place) as stack:
        yield stack


@contextmanager
def own_ground(stack: Stack, *, prefixed: bool = True) -> Iterator[BenchGround]:
    """A database and topics of its own on the stack, with four partitions a topic; both gone afterwards.

    Without a prefix (`trading` runs only so) the stack must be our own.
    """
    mark = uuid.uuid4().hex[:10]
    names = TopicNames(f"bench{mark}." if prefixed else "")
    parts = urlsplit(stack.database_url)
    database, url = f"bench_{mark}", urlunsplit(parts._replace(path=f"/bench_{mark}"))
    counts = dict.fromkeys(names.all(), LOCAL_PARTITIONS)
    _execute(stack.database_url, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
    try:
        migrate(url)
        cluster = asyncio.run(topics.look(stack.kafka, TopicNames()))
        bind(url, Binding(cluster.cluster_id, names.prefix))
        asyncio.run(topics.create(stack.kafka, names, counts))
        keep_partitions(url, counts)
        environment = process_environment(
            Stack(stack.kafka, url, url, stack.directory),
            prefix=names.prefix,
            api_port=free_port(),
            paper_port=free_port(),
        )
        ours = {
            "POLYCOOL_KAFKA": stack.kafka,
            "POLYCOOL_DATABASE_URL": url,
            "POLYCOOL_TOPIC_PREFIX": names.prefix,
        }
        yield BenchGround(stack.kafka, url, names, stack.directory, environment | ours)
    finally:
        asyncio.run(topics.delete(stack.kafka, names))
        _execute(
            stack.database_url,
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)),
        )


def _execute(url: str, statement: sql.Composed) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)
