"""Promise 10: no secret that this process knows of stands in a table, a topic or a log."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql

from ops.audit.report import NAMES_MAX, Check
from ops.audit.topics import messages
from ops.secret_settings import secret_names, secrets_in
from streams.topology import TOPICS, TopicNames

# Shorter values would be found by accident.
LENGTH_MIN: Final = 12


def known_secrets(environment: Mapping[str, str] | None = None) -> dict[str, bytes]:
    """Setting → secret bytes to look for; a list of secrets gives one entry each."""
    values = os.environ if environment is None else environment
    found = {}
    for name in sorted(secret_names()):
        for number, part in enumerate(secrets_in(name, values.get(name, ""))):
            if len(part) >= LENGTH_MIN:
                found[f"{name}#{number}" if number else name] = part.encode()
    return found


async def keys_stay_in(
    connection: psycopg.AsyncConnection[Any],
    kafka: str,
    names: TopicNames,
    logs: Iterable[Path],
    secrets: Mapping[str, bytes],
) -> Check:
    """Search all tables (rows as text), topics and log files for the secrets; say where, never what."""
    hits: list[str] = []
    tables = await _tables_with(connection, secrets, hits)
    for topic in TOPICS:
        async for place in messages(kafka, names.of(topic)):
            hits.extend(
                _in_bytes(place.value or b"", secrets, f"{topic.name}/{place.partition}/{place.offset}")
            )
    files = 0
    for path in logs:
        files += 1
        hits.extend(_in_bytes(path.read_bytes(), secrets, f"log {path.name}"))
    counted = {
        "secrets": len(secrets),
        "tables": tables,
        "topics": len(TOPICS),
        "logs": files,
        "hits": len(hits),
    }
    return Check(10, "keys", counted, len(hits), tuple(hits[:NAMES_MAX]))


def _in_bytes(body: bytes, secrets: Mapping[str, bytes], where: str) -> Sequence[str]:
    return [f"{where}: holds {name}" for name, secret in secrets.items() if secret in body]


async def _tables_with(
    connection: psycopg.AsyncConnection[Any], secrets: Mapping[str, bytes], hits: list[str]
) -> int:
    async with connection.cursor() as cursor:
        await cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        tables = [row[0] for row in await cursor.fetchall()]
        question = sql.SQL("SELECT count(*) FROM {table} AS t WHERE strpos(t::text, %(secret)s) > 0")
        for table in tables:
            for name, secret in secrets.items():
                await cursor.execute(
                    question.format(table=sql.Identifier(table)), {"secret": secret.decode()}
                )
                row = await cursor.fetchone()
                if row and row[0]:
                    hits.append(f"table {table}: holds {name} in {row[0]} rows")
    return len(tables)
