"""Patients for the doctor: settings, a machine, and whoever answers HTTP, each as a test wants it."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr

from bot.minting import Mint
from ops.doctor.examine import Look
from ops.doctor.finding import Finding, Mark
from ops.doctor.patient import Machine, Patient

Answers = Callable[[httpx.Request], httpx.Response]


def secret(name: str) -> str:
    """A strong secret, the same for the same name."""
    return base64.b64encode(hashlib.sha256(name.encode()).digest()).decode()


def environment(kafka: str = "", database_url: str = "", prefix: str = "") -> dict[str, str]:
    """The settings of every process, well."""
    key = secret("the bot's key")
    return {
        "POLYCOOL_KAFKA": kafka,
        "POLYCOOL_DATABASE_URL": database_url,
        "POLYCOOL_TOPIC_PREFIX": prefix,
        "POLYCOOL_PARTITIONS": "4",
        "POLYCOOL_OPERATOR_TOKEN": secret("operator"),
        "POLYCOOL_PAPER_ADMIN_TOKEN": secret("paper"),
        "POLYCOOL_WEBHOOK_SECRETS": f"whsec_{secret('webhook')}",
        "POLYCOOL_KEY_ENCRYPTION_KEY": secret("wrapping"),
        "POLYCOOL_BOT_SIGNING_KEY": key,
        "POLYCOOL_BOT_PUBLIC_KEYS": Mint(SecretStr(key)).public_key(),
        "POLYCOOL_BOT_SECRET": secret("buttons"),
        "POLYCOOL_TELEGRAM_TOKEN": "123456:" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R",
        "POLYCOOL_API_URL": "http://api.test",
        "POLYCOOL_PAPER_URL": "http://paper.test",
    }


def well(request: httpx.Request) -> httpx.Response:
    """The API, the exchanges and Telegram as they answer when all is well."""
    path = request.url.path
    if path.endswith("/v1/webhooks/trades"):
        return httpx.Response(422 if "webhook-signature" in request.headers else 401)
    if path.endswith("/getMe"):
        return httpx.Response(200, json={"ok": True, "result": {"username": "polycool_bot"}})
    if path.endswith("/getWebhookInfo"):
        return httpx.Response(200, json={"ok": True, "result": {"url": ""}})
    answers: dict[str, Any] = {
        "/ok": "OK",
        "/paper/admin/mode": {"mode": "open"},
        "/api/geoblock": {"blocked": False, "country": "IE", "region": "L"},
        "/tick-size": {"minimum_tick_size": 0.01},
        "/fee-rate": {"base_fee": 0},
    }
    return httpx.Response(200, json=answers[path]) if path in answers else httpx.Response(404)


def patient(
    directory: Path,
    settings: Mapping[str, str],
    answers: Answers = well,
    machine: Machine | None = None,
    *,
    runs_here: bool = False,
) -> Patient:
    """One to be examined."""
    http = httpx.AsyncClient(transport=httpx.MockTransport(answers))
    given = {name: text for name, text in settings.items() if text}
    return Patient(given, directory, runs_here, http, machine or Machine())


def machine(**changed: Any) -> Machine:
    """This machine with some of its answers changed."""
    return dataclasses.replace(Machine(), **changed)


async def wrong(look: Look, one: Patient) -> str:
    """The sentences of the findings that are wrong, as they are printed."""
    return "\n".join(_line(finding) for finding in await look(one) if finding.mark is Mark.WRONG)


async def well_found(look: Look, one: Patient) -> list[Finding]:
    """The findings of a check that must find nothing wrong."""
    found = await look(one)
    assert [finding.line() for finding in found if finding.mark is Mark.WRONG] == []
    return found


def _line(finding: Finding) -> str:
    assert finding.found, "it says what was found"
    assert finding.mend, "it says what to do about it"
    print(finding.line())  # noqa: T201 (what an operator would read)
    return finding.line()
