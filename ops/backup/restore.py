"""Putting a dump back (SAFETY R19): nothing may be bought, posted or let go of because the tables have forgotten it.

All of it or nothing of it is put back. Then the switches `buys` and `halt` are on, workers are told the roles anew
under versions above those on the topic, and the readers of the topics stand where they stood at the dump: what came
since comes again. What was posted since is found at the exchange by the trading process.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg.rows import dict_row

from ops.audit.topics import messages
from ops.backup import programs
from ops.backup.groups import Gone, set_back
from ops.backup.manifest import Manifest
from ops.backup.take import SCHEMAS
from ops.failures import Missing
from ops.ground import Ground
from ops.migration.migrate import plan
from ops.statements import statement
from schemas.enums import AddressType
from schemas.watched import WatchedAddress
from streams.topology import WATCHED_ADDRESSES

_PACKAGE: Final = "ops.backup"
SWITCHES: Final = ("buys", "halt")


@dataclass(frozen=True)
class Restored:
    """What was done: wallets whose roles are told anew, and messages that no topic has any more."""

    told: Sequence[str]
    gone: Sequence[Gone]


async def refuse_if_unfit(place: Ground, manifest: Manifest, cluster_id: str) -> None:
    """Raises Missing, one sentence, where this dump must not be put back here, or not now."""
    if manifest.topic_prefix != place.names.prefix or manifest.cluster_id != cluster_id:
        raise Missing(
            f"the dump belongs to cluster {manifest.cluster_id} and prefix {manifest.topic_prefix or '(none)'}: "
            "its offsets mean nothing here."
        )
    async with await psycopg.AsyncConnection.connect(place.database_url, autocommit=True) as connection:
        row = await (await connection.execute(statement(_PACKAGE, "in_the_way").encode())).fetchone()
    assert row is not None, "answers one row"
    connected, tables = row
    if connected:
        raise Missing(f"{', '.join(connected)} still use the database: stop every process of polycool first.")
    if tables and plan(place.database_url).applied != manifest.migrations:
        raise Missing(
            "the tables here are of another version than the dump: put it back into an empty database, then run "
            "polycool migrate --execute."
        )


async def restore(
    place: Ground, dump: Path, manifest: Manifest, who: str, *, keep_paper: bool = False
) -> Restored:
    """Put it back and make it safe to start. ``keep_paper``: the paper exchange's own ledger stays as it is now."""
    schemas = ("public",) if keep_paper else SCHEMAS
    await programs.put_back(place.database_url, dump, schemas, clean=True)
    async with await psycopg.AsyncConnection.connect(place.database_url, row_factory=dict_row) as connection:
        note = f"restored from {dump.name}"
        for name in SWITCHES:
            await connection.execute(
                statement(_PACKAGE, "switch_off").encode(), {"name": name, "who": who, "note": note}
            )
            await connection.execute(
                statement(_PACKAGE, "note_switch").encode(), {"name": name, "who": who, "note": note}
            )
    told = [] if plan(place.database_url).missing else await tell_roles(place)
    return Restored(told, await set_back(place.kafka, place.names.prefix, manifest.offsets))


async def unlike(place: Ground) -> dict[str, int]:
    """Wallets of which the topic says something else than the table, with the version the table must get."""
    told: dict[str, tuple[int, frozenset[AddressType]]] = {}
    async for message in messages(place.kafka, place.names.of(WATCHED_ADDRESSES)):
        if message.value is not None:
            watched = WatchedAddress.decode(message.value)
            if watched.version > told.get(watched.wallet, (0, frozenset()))[0]:
                told[watched.wallet] = (watched.version, frozenset(watched.roles))
    async with await psycopg.AsyncConnection.connect(
        place.database_url, autocommit=True, row_factory=dict_row
    ) as connection:
        rows = await (await connection.execute(statement(_PACKAGE, "roles").encode())).fetchall()
    held: dict[str, tuple[int, frozenset[AddressType]]] = {
        row["wallet"]: (row["version"], frozenset(AddressType(role) for role in row["since"])) for row in rows
    }
    none = (0, frozenset[AddressType]())
    found = {}
    for wallet in told.keys() | held.keys():
        (theirs, said), (ours, holds) = told.get(wallet, none), held.get(wallet, none)
        if said != holds or theirs > ours:
            found[wallet] = max(theirs, ours) + 1
    return found


async def tell_roles(place: Ground) -> list[str]:
    """Raise those wallets' versions above the topic's, and put what the table holds into the outbox. A wallet that only
    the topic knows gets a row without a role, so that it can be watched again."""
    versions = await unlike(place)
    async with await psycopg.AsyncConnection.connect(place.database_url, row_factory=dict_row) as connection:
        for wallet, version in sorted(versions.items()):
            row: dict[str, Any] | None = await (
                await connection.execute(
                    statement(_PACKAGE, "raise_version").encode(), {"wallet": wallet, "version": version}
                )
            ).fetchone()
            assert row is not None, "an upsert returns its row"
            since = {AddressType(role): int(at) for role, at in row["since"].items()}
            message = WatchedAddress(wallet=wallet, version=version, roles=tuple(sorted(since)), since=since)
            await connection.execute(
                statement(_PACKAGE, "put_out").encode(), {"key": wallet, "value": message.encode()}
            )
    return sorted(versions)
