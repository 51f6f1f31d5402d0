"""Wallets: made where they should be, openable by the keys that are set up, and good for trading as last seen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import psycopg
from pydantic import ValidationError

from ops.doctor.finding import Finding, Notes
from ops.doctor.patient import Patient
from ops.statements import statement
from streams.keys.settings import KeySettings

# 200 wallets are made in a second.
OPENING_SECONDS: Final = 60
NAMES_MAX: Final = 5
KEY_SETTINGS: Final = ("POLYCOOL_KEY_ENCRYPTION_KEY", "POLYCOOL_KMS_KEY")


async def look(patient: Patient) -> list[Finding]:
    """What the tables and the keys' names tell; balances and permissions as the trading process last read them."""
    notes = Notes("wallets")
    async with await psycopg.AsyncConnection.connect(
        patient.place().database_url, autocommit=True
    ) as connection:
        row = await (
            await connection.execute(
                statement("ops.doctor", "wallets").encode(), {"opening_seconds": OPENING_SECONDS}
            )
        ).fetchone()
    assert row is not None, "a SELECT without FROM answers one row"
    ready, opening, keyless, live, providers, looked, unread = row
    if opening:
        notes.wrong(
            f"{len(opening)} accounts wait for their wallet for over {OPENING_SECONDS} s ({_some(opening)}): "
            "their people cannot trade",
            "polycool trading makes them; its log says what holds it up",
        )
    if keyless:
        notes.wrong(
            f"{len(keyless)} accounts have no key of ours ({_some(keyless)}): their shares cannot be sold by us",
            "put their rows of wallet_keys back from a backup (docs/operating.md)",
        )
    for account_id, kind in _unfit(live):
        notes.wrong(
            f"{account_id} is live, and its wallet is not its key's by signature type {kind}: its orders are refused",
            "POLYCOOL_LIVE_SIGNATURE_TYPE is 3 for new addresses; the row of the account says another wallet",
        )
    for account_id, what in looked:
        notes.wrong(
            f"{account_id} is armed and {what}",
            "its owner sees the same under /live; polycool reconcile looks again",
        )
    for account_id, why in unread:
        notes.wrong(
            f"the exchange's books of {account_id} could not be read: {why}",
            f"polycool reconcile --account {account_id} --execute",
        )
    _keys(patient, notes, [str(name) for name in providers])
    return notes.all(f"{ready} ready, their keys stand under {', '.join(providers) or 'no key yet'}")


def _unfit(live: list[list[str]]) -> Iterator[tuple[str, str]]:
    """Live accounts whose wallet is not the one that their key and signature type give."""
    if not live:
        return
    # The exchange's own arithmetic of addresses; only where there is somebody to look at.
    from streams.venues.wallets import wallet_of_owner

    for account_id, kind, owner, wallet in live:
        if wallet_of_owner(owner, int(kind)).lower() != wallet.lower():
            yield account_id, kind


def _keys(patient: Patient, notes: Notes, providers: list[str]) -> None:
    """Whether the keys that wrap them are set up here, where trading is meant to run; no wallet is opened."""
    if not any(patient.environment.get(name) for name in KEY_SETTINGS):
        if patient.runs_here:
            notes.note(
                "no key-encryption key is set here, so it was not compared with what wraps the wallets"
            )
        return
    names = {name.removeprefix("POLYCOOL_").lower(): text for name, text in patient.environment.items()}
    given = {name: names[name] for name in KeySettings.model_fields if names.get(name)}
    try:
        ring = KeySettings.model_validate(given).ring()
    except ValidationError:
        return  # the check of settings says so
    lacking = [name for name in providers if name != "local" and ring.named(name) is None]
    if lacking:
        notes.wrong(
            f"wallets' keys are wrapped by {', '.join(lacking)}, which is not set up: trading cannot open them",
            "put that key back (POLYCOOL_KEY_ENCRYPTION_FORMER_KEYS, POLYCOOL_KMS_FORMER_KEYS); polycool keys status",
        )


def _some(names: list[str]) -> str:
    return ", ".join(names[:NAMES_MAX]) + (" …" if len(names) > NAMES_MAX else "")
