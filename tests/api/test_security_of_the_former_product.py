"""What stood open in the former product (research/product.md §8.4, B-34, B-35) and is shut here, each by its name."""

from __future__ import annotations

import re
from typing import Any, Final

import pytest
from pydantic import SecretStr, ValidationError
from pydantic_settings import BaseSettings

from api.settings import Settings as ApiSettings
from bot.settings import BotSettings
from ops.stack.local import Stack
from streams.trading.settings import TradingSettings
from tests.api.conftest import LEADER, Ask, Face, api_settings, serving
from tests.api.rights_rows import COMMON_ROWS
from tests.api.rights_table import COMMON, ROWS
from tests.api.test_rights import ROUTES, _asked, _cast
from tests.api.webhooks import trade
from tests.architecture.source import modules

# Looking at a wallet has it watched, so that its next trades are known (docs/decisions/0015).
# That somebody looks at a price is noted, so that it is kept fresh (docs/decisions/0017).
_NOTED: Final = frozenset({"price_wishes"})
_WATCHING: Final = frozenset(
    {"GET /v1/wallets/{wallet}", "GET /v1/wallets/resolve", "GET /v1/wallets/{wallet}/trades"}
)


def test_nothing_is_answered_to_nobody_but_health_pages_and_one_use_links() -> None:
    """§8.4 “unauthenticated API”: of all routes only these ask for no proof of who asks; the matrix tries every one."""
    health = {f"GET /{name}" for name in ("livez", "readyz", "startupz", "health", "metrics")}
    # The pages hold nothing: their scripts ask the API.
    page = {f"GET /me{name}" for name in ("", "/page.js", "/page.css")} | {
        "GET /console",
        "GET /console/{part}",
    }
    assert {name for name in ROUTES if ROWS[name].who == "-"} == health | page | {"POST /v1/auth/exchange"}


@pytest.mark.parametrize("settings", [ApiSettings, BotSettings, TradingSettings])
def test_no_secret_has_a_default(settings: type[BaseSettings]) -> None:
    """§8.4 “hard-coded default encryption key and webhook secret”: a secret is given or it is not there."""
    defaults = {
        name: field.default
        for name, field in settings.model_fields.items()
        if "Secret" in str(field.annotation) and not field.is_required()
    }
    assert {name: value for name, value in defaults.items() if value not in (None, ())} == {}


@pytest.mark.parametrize(
    "wrong",
    [
        {"operator_token": SecretStr("")},
        {"bot_public_keys": ""},
        {"bot_public_keys": "AAAA"},
        {"webhook_secrets": "whsec_"},
    ],
)
def test_an_empty_secret_stops_the_start(wrong: dict[str, Any]) -> None:
    """§8.4 “secret check skipped if empty”: empty is refused, and the refusal shows no value."""
    with pytest.raises(ValidationError):
        api_settings("postgresql:///x", "x", "", **wrong)


async def test_without_a_webhook_secret_no_webhook_is_taken(
    stack: Stack, database_url: str, topic_prefix: str
) -> None:
    """§8.4 the same: no secret set means that nobody is let in, not everybody; the former door does not exist then."""
    settings = api_settings(
        database_url, stack.kafka, topic_prefix, webhook_secrets=(), former_webhook_secret=None
    )
    async with serving(settings) as face:
        headers = {"webhook-id": "a", "webhook-timestamp": "1795348800", "webhook-signature": "v1,"}
        new = await face.http.post("/v1/webhooks/trades", json=trade(), headers=headers)
        former = await face.http.post(
            "/api/v1/webhooks/copy-trade", json={}, headers={"X-Webhook-Secret": ""}
        )
    assert (new.status_code, former.status_code) == (401, 404)


def test_tls_is_verified_everywhere() -> None:
    """§8.4 “TLS verification disabled for the indexer”: no client of ours turns it off."""
    off = re.compile(
        r"verify\s*=\s*False|CERT_NONE|check_hostname\s*=\s*False|ssl\s*=\s*False|_create_unverified"
    )
    assert [
        module.place
        for module in modules("schemas", "streams", "api", "bot", "ops")
        if off.search(module.text)
    ] == []


async def test_looking_changes_nothing(face: Face, ask: Ask) -> None:
    """§8.4 “GET that mutates”: every GET by a user and an operator leaves every table as it was."""
    for statement in COMMON_ROWS:
        await ask(statement)
    cast = await _cast(face, ask, "g")
    reads = [name for name in ROUTES if name.startswith("GET") and name not in _WATCHING]
    before = await _everything(ask)
    for name in reads:
        for asker in ("user", "operator"):
            await _asked(cast, name, "own", asker)
    after = await _everything(ask)

    assert {table for table in before if before[table] != after[table]} <= _NOTED
    assert len(reads) > 40
    assert COMMON


async def _everything(ask: Ask) -> dict[str, str]:
    tables = await ask("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    return {
        table["name"]: str(await ask(f"SELECT to_jsonb(t)::text AS row FROM {table['name']} t ORDER BY 1"))
        for table in tables
    }


async def test_a_pause_is_kept_and_a_resume_finds_it(face: Face, ask: Ask) -> None:
    """B-34 “pause is a no-op”: paused stands in the table and in every view, and resume finds the paused following."""
    user = await face.new_user()
    name = (await face.follow(user, LEADER))["allocation_id"]

    async def kept() -> tuple[str, str, list[str]]:
        row = (await ask("SELECT state FROM copy_trading_allocations WHERE allocation_id = %(id)s", id=name))[
            0
        ]
        shown = (await face.get(f"/v1/allocations/{name}", user=user)).json()["state"]
        listed = (await face.get("/v1/allocations", user=user, state="paused")).json()["items"]
        return row["state"], shown, [each["allocation_id"] for each in listed]

    paused = await face.post(f"/v1/allocations/{name}/pause", user=user)
    after_pause = await kept()
    resumed = await face.post(f"/v1/allocations/{name}/resume", user=user)

    assert (paused.status_code, after_pause) == (200, ("paused", "paused", [name]))
    assert (resumed.status_code, await kept()) == (200, ("active", "active", []))


async def test_stopping_and_following_go_through_the_api(face: Face, ask: Ask) -> None:
    """B-35 “stop and subscribe fail in bot mode”: following and ending are deeds of the API, with a token alone."""
    user = await face.new_user()
    name = (await face.follow(user, LEADER))["allocation_id"]
    ended = await face.post(f"/v1/allocations/{name}/end", user=user)
    again = await face.follow(user, LEADER)

    assert (ended.status_code, ended.json()["state"]) == (200, "ended")
    assert again["allocation_id"] != name
    assert [
        module.place for module in modules("bot") if "psycopg" in module.text or "aiokafka" in module.text
    ] == []
