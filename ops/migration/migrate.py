"""Apply what is missing, each step in a transaction of its own, and record it with its checksum."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
from psycopg.rows import dict_row

from ops.migration.files import Migration, migrations
from ops.statements import statement


class MigrationRefused(Exception):
    """The database holds a step that this version does not have, or has otherwise. Nothing was changed."""


@dataclass(frozen=True)
class MigrationPlan:
    """What is applied already (how many), and what would be applied."""

    applied: int
    missing: tuple[Migration, ...]


def plan(database_url: str) -> MigrationPlan:
    """Compare the database with the files. Raises MigrationRefused when they contradict each other."""
    with psycopg.connect(database_url) as connection:
        return _plan(connection)


def migrate(database_url: str) -> MigrationPlan:
    """Apply all missing steps; returns the plan that was carried out. Safe to run twice at once."""
    with psycopg.connect(database_url) as connection, connection.transaction():
        connection.execute(_sql("one_migration_at_a_time"))
        connection.execute(_sql("keep_applied_migrations"))
        todo = _plan(connection)
        for step in todo.missing:
            # A savepoint each: an error names its step, and all of them fall together.
            with connection.transaction():
                connection.execute(step.text.encode())
                connection.execute(
                    _sql("migration_applied"),
                    {"number": step.number, "name": step.name, "sha256": step.sha256},
                )
        return todo


def _plan(connection: psycopg.Connection[tuple[object, ...]]) -> MigrationPlan:
    applied = _applied(connection)
    known = {step.number: step for step in migrations()}
    for number, (name, sha256) in applied.items():
        step = known.get(number)
        if step is None:
            raise MigrationRefused(
                f"the database holds migration {number:04} {name}, which this version does not know: it is newer."
            )
        if step.sha256 != sha256:
            raise MigrationRefused(
                f"migration {number:04} {name} was applied with another text than this version has: "
                "a migration is never changed once it was applied, add a new one."
            )
    return MigrationPlan(len(applied), tuple(step for step in migrations() if step.number not in applied))


def _applied(connection: psycopg.Connection[tuple[object, ...]]) -> dict[int, tuple[str, str]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        kept = cursor.execute(_sql("has_applied_migrations")).fetchone()
        if kept is None or not kept["kept"]:
            return {}
        rows = cursor.execute(_sql("applied_migrations")).fetchall()
    return {row["number"]: (row["name"], row["sha256"]) for row in rows}


def _sql(name: str) -> bytes:
    return statement("ops.migration", name).encode()
