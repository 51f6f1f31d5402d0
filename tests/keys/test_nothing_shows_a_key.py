"""No route and no command shows a key: their words, their fields, what they print when all goes wrong (promise 10)."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from api.app import create_app
from ops.cli import COMMANDS
from ops.contracts import documents
from tests.api.conftest import Face, api_settings, serving

KEY = base64.b64encode(hashlib.sha256(b"canary of the key-encryption key").digest()).decode()
FORMER = base64.b64encode(hashlib.sha256(b"canary of the former key").digest()).decode()
SECRETS = {
    "POLYCOOL_KEY_ENCRYPTION_KEY": KEY,
    "POLYCOOL_KEY_ENCRYPTION_FORMER_KEYS": FORMER,
    "POLYCOOL_OPERATOR_TOKEN": "canary-of-the-operator-token",
    "POLYCOOL_PAPER_ADMIN_TOKEN": "canary-of-the-paper-token",
    "POLYCOOL_WEBHOOK_SECRETS": "whsec_" + base64.b64encode(b"canary-of-the-webhooks-secrets!!").decode(),
    "AWS_ACCESS_KEY_ID": "AKIACANARY",
    "AWS_SECRET_ACCESS_KEY": "canary-of-the-kms-credentials",
}
CANARIES = [
    *SECRETS.values(), base64.b64decode(KEY).hex(), base64.b64decode(FORMER).hex(), "canary-of-the-database",
]  # fmt: skip
# What a field with a key in it would be called.
_KEY_WORDS = re.compile(
    r"private|secret|sealed|wrapped|mnemonic|seed|passphrase|data_key|api_key", re.IGNORECASE
)


def shown(text: str) -> list[str]:
    """The canaries that stand in a text, in any letters."""
    return [canary for canary in CANARIES if canary.lower() in text.lower()]


def _python(*words: str, **settings: str) -> str:
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent"} | SECRETS | settings
    ran = subprocess.run(
        [sys.executable, *words], env=environment, capture_output=True, text=True, timeout=90, check=False
    )
    return ran.stdout + ran.stderr


_ALL_HELP = """
import contextlib
from ops.cli import COMMANDS, run
import importlib
for name in COMMANDS:
    app = getattr(importlib.import_module(f"ops.commands.{name}"), "app", None)
    parts = [] if app is None else [each.name or each.callback.__name__ for each in app.registered_commands]
    for words in ([name], *([name, part] for part in parts)):
        print("HELP OF", *words)
        with contextlib.suppress(SystemExit):
            run([*words, "--help"])
"""


def test_no_command_offers_a_key() -> None:
    """The help of every command and sub-command, with secrets in the environment: none is a default, none is shown."""
    text = _python("-c", _ALL_HELP)
    assert text.count("Usage") == text.count("HELP OF") > len(COMMANDS)
    assert "HELP OF keys rotate" in text
    assert shown(text) == []
    assert not re.search(r"(show|print|export|dump|reveal)[^.]{0,40}(private|secret)", text, re.IGNORECASE)


@pytest.mark.parametrize(
    ("words", "settings"),
    [
        (("keys", "status"), {}),
        (("keys", "status", "--json", "-v"), {}),
        (("keys", "rotate", "--execute", "-v"), {}),
        (("keys", "rotate", "--to", "local/00000000"), {}),
        (("keys", "status", "-v"), {"POLYCOOL_KEY_ENCRYPTION_KEY": "canary-of-the-operator-token"}),
        (("keys", "status"), {"POLYCOOL_KMS_KEY": "alias/canary-of-the-operator-token"}),
        (("trading", "-v"), {}),
    ],
)
def test_a_command_that_fails_tells_no_secret(words: tuple[str, ...], settings: dict[str, str]) -> None:
    """No database there, or wrong settings: the sentence, or the whole trace with -v, names no value."""
    nowhere = {
        "POLYCOOL_DATABASE_URL": "postgresql://someone:canary-of-the-database@127.0.0.1:1/none",
        "POLYCOOL_KAFKA": "127.0.0.1:1",
    }
    text = _python("-m", "ops.cli", *words, **(nowhere | settings))
    assert text
    assert shown(text) == []


def _fields(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from schema.get("properties", {}) if isinstance(schema.get("properties"), dict) else ()
        for part in schema.values():
            yield from _fields(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from _fields(part)


def test_no_field_of_the_api_or_of_a_message_holds_key_material() -> None:
    """Every schema of OpenAPI, and every contract of the topics."""
    app = create_app(api_settings("postgresql://nobody@127.0.0.1:1/none", "127.0.0.1:1", ""))
    found = [name for name in _fields(app.openapi()) if _KEY_WORDS.search(name)]
    assert found == []
    assert [
        name
        for text in documents().values()
        for name in re.findall(r'"(\w+)":', text)
        if _KEY_WORDS.search(name)
    ] == []
    assert not [route for route in app.openapi()["paths"] if re.search(r"key|secret|wallet_keys", route)]


async def test_every_reading_route_answers_without_a_secret(database_url: str) -> None:
    """All GET routes asked for real, as an operator, for a user and as nobody: no canary in any answer."""
    async with serving(api_settings(database_url, "127.0.0.1:1", "")) as face:
        user = await face.new_user()
        texts = [await _asked(face, path, user) for path in _reads(face)]
    told = "".join(texts)
    tokens = [face.settings.operator_token.get_secret_value(), "former-secret-of-these-tests"]
    assert len(texts) > 25
    assert not [token for token in tokens if token in told]
    assert "sealed" not in told


def _reads(face: Face) -> list[str]:
    app = create_app(face.settings)
    paths = app.openapi()["paths"]
    return [path for path, methods in paths.items() if "get" in methods and not _never_ends(methods["get"])]


def _never_ends(operation: dict[str, Any]) -> bool:
    """A stream of events goes on until the listener leaves; what it tells is its rows (`tests/api/test_events.py`)."""
    return "text/event-stream" in operation["responses"]["200"].get("content", {})


async def _asked(face: Face, path: str, user: str) -> str:
    filled = re.sub(r"\{\w+\}", "1", path)
    answers = [
        await face.get(filled, user=user),
        await face.get(filled),
        await face.http.get(filled, headers={"Authorization": "Bearer no-token-of-ours"}),
    ]
    return "".join(f"{answer.text}{dict(answer.headers)}" for answer in answers)
