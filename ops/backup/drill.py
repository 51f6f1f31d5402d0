"""The drill: a dump is put into a database of its own, counted, audited, and taken away again."""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from ops.audit.report import Check
from ops.audit.run import BEGINNING
from ops.audit.tables import table_checks
from ops.backup import programs
from ops.backup.manifest import Manifest
from ops.backup.take import counts
from ops.migration.migrate import plan


@dataclass(frozen=True)
class Drill:
    """What came of it: seconds for putting back, tables whose rows are not the manifest's, checks of the promises."""

    seconds: float
    unlike: tuple[str, ...]
    checks: tuple[Check, ...]
    missing_migrations: int

    @property
    def well(self) -> bool:
        """Whether this dump would do."""
        return not self.unlike and all(check.holds for check in self.checks)


async def drill(database_url: str, dump: Path, manifest: Manifest) -> Drill:
    """Put it back beside the living database, on the same server, and look."""
    async with _scratch(database_url) as url:
        began = time.monotonic()
        await programs.put_back(url, dump, (), clean=False)
        seconds = time.monotonic() - began
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            found = await counts(connection)
            missing = len(plan(url).missing)
            # An older dump is audited by the version that took it.
            checks = [] if missing else await table_checks(connection, BEGINNING)
    unlike = tuple(
        f"{table}: {found.get(table, 0)} rows, {rows} in the manifest"
        for table, rows in sorted(manifest.rows.items())
        if found.get(table) != rows
    )
    return Drill(seconds, unlike, tuple(checks), missing)


@asynccontextmanager
async def _scratch(database_url: str) -> AsyncIterator[str]:
    """An empty database on the server, gone afterwards."""
    name = f"polycool_drill_{secrets.token_hex(4)}"
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        await connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name))
        )
        try:
            yield urlunsplit(urlsplit(database_url)._replace(path=f"/{name}"))
        finally:
            await connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
