"""Each exchange: whether it answers and how quickly, its mode, a token's price step and fee, and our region."""

from __future__ import annotations

import time
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import httpx
import psycopg

from ops.doctor import database
from ops.doctor.finding import Finding, Notes
from ops.doctor.patient import ANSWER_SECONDS, Patient
from ops.statements import statement
from schemas.money import plain

PAPER, POLYMARKET = "paper", "polymarket"
# An order is posted in as much; in a thin market the price is gone by then.
SLOW_SECONDS: Final = 1.0
GEOBLOCK: Final = "https://polymarket.com/api/geoblock"


def exchanges(patient: Patient) -> Iterator[tuple[str, str]]:
    """Name and address of each one that orders go to here."""
    url = patient.environment.get("POLYCOOL_PAPER_URL")
    if url:
        yield PAPER, url.rstrip("/")
    url = patient.environment.get("POLYCOOL_POLYMARKET_URL")
    if url:
        yield POLYMARKET, url.rstrip("/")


async def look(patient: Patient) -> list[Finding]:
    """Every exchange that is set up; of the region, a refusal ends there: nobody goes round it."""
    notes = Notes("exchange")
    told = []
    token = await _token(patient)
    for name, url in exchanges(patient):
        if name == POLYMARKET and not await _region(patient, notes):
            continue
        seconds = await _alive(patient, notes, name, url)
        if seconds is None:
            continue
        told.append(f"{name} in {seconds * 1_000:.0f} ms")
        if name == PAPER:
            await _mode(patient, notes, url)
        if token is not None:
            await _facts(patient, notes, name, url, token)
    if not told and not list(exchanges(patient)):
        notes.note(
            "no exchange is set up here", "polycool up, or POLYCOOL_PAPER_URL and POLYCOOL_POLYMARKET_URL"
        )
    return notes.all(
        f"{', '.join(told) or 'none asked'}; {'no market is known yet' if token is None else 'price step and fee read'}"
    )


async def _alive(patient: Patient, notes: Notes, name: str, url: str) -> float | None:
    """Seconds until it answered; None where it does not."""
    began = time.monotonic()
    try:
        answer = await patient.http.get(f"{url}/ok", timeout=ANSWER_SECONDS)
        answer.raise_for_status()
    except httpx.HTTPError as error:
        mend = (
            "polycool paper, or polycool up"
            if name == PAPER
            else "its status page; orders wait meanwhile, nothing is lost"
        )
        notes.wrong(
            f"the {name} exchange at {url} does not answer ({_why(error)}): orders stay unknown or wait", mend
        )
        return None
    seconds = time.monotonic() - began
    if seconds > SLOW_SECONDS:
        notes.note(f"the {name} exchange took {seconds:.1f} s to answer: copies are late by as much")
    return seconds


async def _mode(patient: Patient, notes: Notes, url: str) -> None:
    """What the paper exchange takes at the moment; the real one says so only when it refuses."""
    token = patient.setting("POLYCOOL_PAPER_ADMIN_TOKEN")
    if not token:
        return
    answer = await patient.http.get(
        f"{url}/paper/admin/mode", headers={"Authorization": f"Bearer {token}"}, timeout=ANSWER_SECONDS
    )
    if answer.status_code == httpx.codes.UNAUTHORIZED:
        notes.wrong(
            "the paper exchange refuses our POLYCOOL_PAPER_ADMIN_TOKEN: no account can be opened there",
            "give both processes the same one",
        )
        return
    mode = str(answer.json().get("mode", "unknown"))
    if mode != "open":
        notes.wrong(
            f"the paper exchange is {mode.replace('_', ' ')}: it places nothing",
            f'PUT {url}/paper/admin/mode with {{"mode": "open"}}, or wait until it ends by itself',
        )


async def _facts(patient: Patient, notes: Notes, name: str, url: str, token: tuple[str, Decimal]) -> None:
    token_id, tick = token
    step = await _asked(patient, f"{url}/tick-size", token_id, "minimum_tick_size")
    fee = await _asked(patient, f"{url}/fee-rate", token_id, "base_fee")
    if step is None or fee is None:
        missing = "price step" if step is None else "fee"
        notes.note(
            f"the {name} exchange does not tell the {missing} of token {token_id[:12]}…: its market may have closed"
        )
    elif step != tick:
        notes.note(
            f"the {name} exchange has a price step of {plain(step)} for token {token_id[:12]}…, we hold {plain(tick)}: "
            "a refusal by TICK corrects it",
        )


async def _asked(patient: Patient, url: str, token_id: str, field: str) -> Decimal | None:
    answer = await patient.http.get(url, params={"token_id": token_id}, timeout=ANSWER_SECONDS)
    if answer.status_code != httpx.codes.OK:
        return None
    try:
        return Decimal(str(answer.json()[field]))
    except (KeyError, InvalidOperation, TypeError):
        return None


async def _region(patient: Patient, notes: Notes) -> bool:
    """Whether the real exchange takes orders from here, by its own answer."""
    url = patient.setting("POLYCOOL_GEOBLOCK_URL", GEOBLOCK)
    try:
        said: Any = (await patient.http.get(url, timeout=ANSWER_SECONDS)).raise_for_status().json()
        blocked, where = (
            bool(said["blocked"]),
            f"{said.get('country', '')}-{said.get('region', '')}".strip("-"),
        )
    except (httpx.HTTPError, KeyError, TypeError, ValueError) as error:
        notes.wrong(
            f"the exchange does not say whether it takes orders from here ({_why(error)}): nobody can arm",
            "set POLYCOOL_GEOBLOCK_URL to where it says so",
        )
        return False
    if blocked:
        notes.wrong(
            f"the exchange takes no orders from here ({where})", "none: this ends here; paper goes on"
        )
    return not blocked


async def _token(patient: Patient) -> tuple[str, Decimal] | None:
    """A token whose market was open when it was last seen, with the price step we hold."""
    place = patient.ground()
    if place is None or not await database.answers(place.database_url):
        return None
    try:
        async with await psycopg.AsyncConnection.connect(place.database_url, autocommit=True) as connection:
            row = await (await connection.execute(statement("ops.doctor", "open_token").encode())).fetchone()
    except psycopg.errors.UndefinedTable:
        return None
    return None if row is None else (str(row[0]), Decimal(row[1]))


def _why(error: Exception) -> str:
    return str(error).splitlines()[0][:120] if str(error) else type(error).__name__
