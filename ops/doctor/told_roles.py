"""Roles as the table has them against what workers are told by the topic: after a restore the two may part."""

from __future__ import annotations

from typing import Final

import psycopg

from ops.audit.topics import messages
from ops.doctor.finding import Finding, Notes
from ops.doctor.patient import Patient
from ops.statements import statement
from schemas.watched import WatchedAddress
from streams.topology import WATCHED_ADDRESSES

NAMES_MAX: Final = 5


async def look(patient: Patient) -> list[Finding]:
    """The highest version of each wallet on the topic says what its row says, but for what the outbox holds."""
    notes = Notes("told roles")
    place = patient.place()
    told: dict[str, tuple[int, frozenset[str]]] = {}
    async for message in messages(place.kafka, place.names.of(WATCHED_ADDRESSES)):
        if message.value is None:
            continue
        watched = WatchedAddress.decode(message.value)
        if watched.version > told.get(watched.wallet, (0, frozenset()))[0]:
            told[watched.wallet] = (watched.version, frozenset(role.value for role in watched.roles))
    async with await psycopg.AsyncConnection.connect(place.database_url, autocommit=True) as connection:
        rows = await (await connection.execute(statement("ops.doctor", "roles_held").encode())).fetchall()
    held = {wallet: (version, frozenset(roles)) for wallet, version, roles, _ in rows}
    on_their_way = {wallet for wallet, _, _, waits in rows if waits}
    unlike = sorted(
        wallet
        for wallet in told.keys() | held.keys()
        if wallet not in on_their_way and not _agree(told.get(wallet), held.get(wallet))
    )
    if unlike:
        shown = ", ".join(unlike[:NAMES_MAX])
        more = f" and {len(unlike) - NAMES_MAX} more" if len(unlike) > NAMES_MAX else ""
        notes.wrong(
            f"workers are told other roles than the table holds of {shown}{more}: their trades are sorted by the topic",
            "polycool backup roles --execute tells them anew from the table",
        )
    return notes.all(f"{len(held)} wallets, told as the table holds them")


def _agree(told: tuple[int, frozenset[str]] | None, held: tuple[int, frozenset[str]] | None) -> bool:
    nothing = (0, frozenset[str]())
    there, here = told or nothing, held or nothing
    return there[1] == here[1] and (there[0] <= here[0] or not there[1])
