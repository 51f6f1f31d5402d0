"""The database: this version's tables, guards that are on, and rights as the writers of each table need them."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final

import psycopg

from ops.doctor.finding import Finding, Notes
from ops.doctor.patient import ANSWER_SECONDS, Patient
from ops.migration.migrate import plan
from ops.statements import statement
from schemas.tables.writers import WRITERS

STREAMS, TRADING, API = "polycool_streams", "polycool_trading", "polycool_api"
# Whose rights the SQL of a folder runs with; folders that are not here run as the tables' owner.
ROLES_OF: Final[dict[str, tuple[str, ...]]] = {
    **dict.fromkeys(
        (
            "classify",
            "markets",
            "copy_execution",
            "smart_trader",
            "wallet_facts",
            "letters",
            "outbox",
            "what_if",
        ),
        (STREAMS,),
    ),
    "trading": (TRADING,),
    "decision": (STREAMS, TRADING),
    "api": (API,),
}
VERSION_MIN: Final = 15


async def answers(url: str) -> bool:
    """Whether a database is there."""
    try:
        connection = await psycopg.AsyncConnection.connect(url, connect_timeout=int(ANSWER_SECONDS))
    except psycopg.OperationalError:
        return False
    await connection.close()
    return True


async def tables(patient: Patient) -> list[Finding]:
    """Migrations, and the guards (triggers, row security) that no command of ours switches off."""
    notes = Notes("database")
    url = patient.place().database_url
    missing = plan(url).missing
    if missing:
        notes.wrong(
            f"steps of the tables that are not made yet: {len(missing)}, first {missing[0].number:04} "
            f"{missing[0].name}: no process starts on them",
            "polycool migrate --execute",
        )
        return notes.all("")
    version, guards = await _row(url, "guards")
    if version < VERSION_MIN * 10_000:
        notes.wrong(
            f"this is Postgres {version // 10_000}, {VERSION_MIN} is the least", "move to a newer one"
        )
    for guard in guards:
        notes.wrong(
            f"{guard}: what it keeps from happening can happen",
            "a person switched it off; switch it on again",
        )
    return notes.all(f"Postgres {version // 10_000}, all steps made, all guards on")


async def roles(patient: Patient) -> list[Finding]:
    """What each role may write is what its folders of SQL write, no more (DESIGN §6)."""
    notes = Notes("roles")
    url = patient.place().database_url
    if plan(url).missing:
        notes.note("not looked at: the tables are not of this version")
        return notes.all("")[1:]
    bypassing, rights = await _row(url, "rights")
    if API in bypassing:
        notes.wrong(
            f"{API} goes round row security: the database no longer keeps users apart",
            f"ALTER ROLE {API} NOSUPERUSER NOBYPASSRLS",
        )
    given: dict[str, set[str]] = defaultdict(set)
    for role, table in rights:
        given[role].add(table)
    planned = planned_rights()
    for role, planned_tables in planned.items():
        for table in sorted(given[role] - planned_tables):
            notes.wrong(
                f"{role} may write {table}, which only {', '.join(sorted(WRITERS.get(table, ()))) or 'triggers'} may",
                f"REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON {table} FROM {role}",
            )
        for table in sorted(planned_tables - given[role]):
            notes.wrong(
                f"{role} may not write {table}: its process fails there",
                f"GRANT it again as the migration that made {table} does",
            )
    return notes.all(f"{len(planned)} roles write {sum(map(len, planned.values()))} tables as planned")


def planned_rights() -> dict[str, set[str]]:
    """Role → tables it writes."""
    planned: dict[str, set[str]] = {STREAMS: set(), TRADING: set(), API: set()}
    for table, writers in WRITERS.items():
        for folder in writers:
            for role in ROLES_OF.get(folder, ()):
                planned[role].add(table)
    return planned


async def _row(url: str, name: str) -> tuple[Any, ...]:
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        row = await (await connection.execute(statement("ops.doctor", name).encode())).fetchone()
    assert row is not None, "a SELECT without FROM answers one row"
    return row
