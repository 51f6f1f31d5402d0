"""Taking a dump under writes: one snapshot that is both dumped and counted, after the readers' offsets were noted."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql

from ops.backup import programs
from ops.backup.groups import standing
from ops.backup.manifest import Manifest, digest
from ops.ground import Ground
from ops.migration.binding import bound_to
from ops.statements import statement

SCHEMAS: Final = ("public", "paper")


async def take(place: Ground, directory: Path) -> tuple[Path, Manifest]:
    """`polycool-<time>.dump` in the directory with its manifest. What was handled by the noted offsets is in the dump,
    what came later comes again from the topics. Raises Missing, KafkaError, psycopg.OperationalError."""
    offsets = await standing(place.kafka, place.names.prefix)
    now = datetime.now(UTC)
    await asyncio.to_thread(directory.mkdir, parents=True, exist_ok=True)
    file = directory / f"polycool-{now:%Y%m%dT%H%M%SZ}.dump"
    half = file.with_suffix(".half")
    half.touch(mode=0o600)
    async with await psycopg.AsyncConnection.connect(place.database_url) as connection:
        await connection.set_isolation_level(psycopg.IsolationLevel.REPEATABLE_READ)
        snapshot, migrations = await _one(connection, "export_snapshot")
        rows = await counts(connection)
        await programs.dump(place.database_url, snapshot, half)
    half.replace(file)
    bound = bound_to(place.database_url)
    manifest = Manifest(
        taken_at=now,
        migrations=migrations,
        cluster_id=bound.cluster_id if bound else "",
        topic_prefix=place.names.prefix,
        rows=rows,
        offsets=offsets,
        size=file.stat().st_size,
        sha256=digest(file),
    )
    manifest.save(file)
    return file, manifest


async def counts(connection: psycopg.AsyncConnection[Any]) -> dict[str, int]:
    """Rows of every table of ours, as this transaction sees them."""
    cursor = await connection.execute(statement("ops.backup", "tables").encode(), {"schemas": list(SCHEMAS)})
    found = {}
    for schema, table in await cursor.fetchall():
        question = sql.SQL("SELECT count(*) FROM {table}").format(table=sql.Identifier(schema, table))
        row = await (await connection.execute(question)).fetchone()
        assert row is not None, "a count answers one row"
        found[f"{schema}.{table}"] = int(row[0])
    return found


async def _one(connection: psycopg.AsyncConnection[Any], name: str) -> tuple[Any, ...]:
    row: tuple[Any, ...] | None = await (
        await connection.execute(statement("ops.backup", name).encode())
    ).fetchone()
    assert row is not None, "answers one row"
    return row
