"""The indexer's door: it refuses what is not signed, and takes our signature. The test body names no trade."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Final

import httpx
from standardwebhooks import Webhook

from ops.doctor.finding import Finding, Notes
from ops.doctor.patient import ANSWER_SECONDS, Patient

PATH: Final = "/v1/webhooks/trades"
SECRETS: Final = "POLYCOOL_WEBHOOK_SECRETS"
# A list of no trades: whoever is let in is told that it must hold one, and nothing reaches a topic.
BODY: Final = "[]"
SIGNED_IN: Final = httpx.codes.UNPROCESSABLE_ENTITY


async def look(patient: Patient) -> list[Finding]:
    """Two requests to the API as the indexer would make them."""
    notes = Notes("webhook")
    url = patient.environment.get("POLYCOOL_API_URL")
    if not url:
        notes.note("no API is named here (POLYCOOL_API_URL)", "polycool up, or name it")
        return notes.all("")[1:]
    try:
        bare = await patient.http.post(f"{url}{PATH}", content=BODY, timeout=ANSWER_SECONDS)
    except httpx.HTTPError as error:
        notes.wrong(
            f"the API at {url} does not answer ({type(error).__name__}): no webhook and no tap is taken",
            "polycool api",
        )
        return notes.all("")
    if bare.status_code != httpx.codes.UNAUTHORIZED:
        notes.wrong(
            f"{PATH} answers {bare.status_code} to a body that nobody signed: anybody may say what a leader did",
            "this address is not our API, or something before it answers: let the API answer itself",
        )
    secret = patient.setting(SECRETS).split(",")[0].strip()
    if not secret:
        notes.note(f"{SECRETS} is not set here: whether a signed body is taken was not looked at")
        return notes.all("refuses what is not signed")
    signed = await _signed(patient, f"{url}{PATH}", secret)
    if signed == httpx.codes.UNAUTHORIZED:
        notes.wrong(
            "the API does not take a body signed with our secret: the indexer's trades are refused as well",
            f"give the API and the indexer the same {SECRETS} (two by comma while one changes), or mend the clock",
        )
    elif signed != SIGNED_IN:
        notes.wrong(
            f"the API answers {signed} to a signed body that names no trade",
            "the log of polycool api says why",
        )
    return notes.all("refuses what is not signed, takes our signature")


async def _signed(patient: Patient, url: str, secret: str) -> int:
    name, moment = f"doctor_{uuid.uuid4().hex}", datetime.fromtimestamp(patient.machine.now(), UTC)
    headers = {
        "webhook-id": name,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": Webhook(secret).sign(name, moment, BODY),
    }
    return (await patient.http.post(url, content=BODY, headers=headers, timeout=ANSWER_SECONDS)).status_code
