"""The environment of the processes on the local stack: addresses, ports, and secrets made once per stack.

The secrets are in `secrets.env` of the stack's directory, readable by its owner alone.
"""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from bot.minting import Mint, new_key
from ops.stack.local import Stack

# Four partitions keep one worker busy; the servers' default is 12 (DESIGN §5).
LOCAL_PARTITIONS = 4
# Our own settings pass through from the caller, and what any program needs.
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SSL_CERT_FILE", "NO_COLOR", "VIRTUAL_ENV")


def process_environment(
    stack: Stack, *, prefix: str = "", api_port: int, paper_port: int, caller: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """The settings of all processes as environment variables; what the caller has set stands before ours."""
    ours = {
        "POLYCOOL_KAFKA": stack.kafka,
        "POLYCOOL_DATABASE_URL": stack.database_url,
        "POLYCOOL_TOPIC_PREFIX": prefix,
        "POLYCOOL_PARTITIONS": str(LOCAL_PARTITIONS),
        "POLYCOOL_API_PORT": str(api_port),
        "POLYCOOL_API_URL": f"http://127.0.0.1:{api_port}",
        "POLYCOOL_PAPER_PORT": str(paper_port),
        "POLYCOOL_PAPER_URL": f"http://127.0.0.1:{paper_port}",
        "POLYCOOL_STACK_DIR": str(stack.directory),
        # A new stack has no history: whoever has traded here is suggested, and soon (docs/decisions/0015).
        "POLYCOOL_LEADER_SEEN_DAYS": "0",
        "POLYCOOL_LEADER_ENDED_MARKETS": "0",
        "POLYCOOL_FACTS_RENEW_SECONDS": "10",
        **local_secrets(stack.directory),
    }
    passed = {name: value for name, value in caller.items() if name in _KEPT or name.startswith("POLYCOOL_")}
    return {**ours, **passed, "PYTHONUNBUFFERED": "1"}


def watched_processes(settings: Mapping[str, str]) -> str:
    """Where the API finds the figures of the others that have a port of their own here."""
    ports = {
        "streams": settings.get("POLYCOOL_STREAMS_HTTP_PORT"),
        "bot": settings.get("POLYCOOL_BOT_HTTP_PORT"),
        "paper": settings.get("POLYCOOL_PAPER_PORT"),
    }
    return ",".join(f"{name}=http://127.0.0.1:{port}/metrics" for name, port in ports.items() if port)


def local_secrets(directory: Path) -> dict[str, str]:
    """The stack's secrets, made at its first start."""
    file = directory / "secrets.env"
    kept = _read(file)
    missing = {name: value for name, value in _new_secrets(kept).items() if name not in kept}
    if missing:
        kept |= missing
        file.touch(mode=0o600)
        file.chmod(0o600)
        file.write_text("".join(f"{name}={value}\n" for name, value in kept.items()))
    return kept


def _new_secrets(kept: Mapping[str, str]) -> dict[str, str]:
    signing_key = kept.get("POLYCOOL_BOT_SIGNING_KEY") or new_key()
    return {
        "POLYCOOL_OPERATOR_TOKEN": secrets.token_urlsafe(32),
        "POLYCOOL_PAPER_ADMIN_TOKEN": secrets.token_urlsafe(32),
        # Standard Webhooks: whsec_ and base64 of 24 to 64 bytes.
        "POLYCOOL_WEBHOOK_SECRETS": f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}",
        # The bot mints users' tokens with its key, the API reads them with the public one.
        "POLYCOOL_BOT_SIGNING_KEY": signing_key,
        "POLYCOOL_BOT_PUBLIC_KEYS": Mint(SecretStr(signing_key)).public_key(),
        # Signs the buttons of the chat.
        "POLYCOOL_BOT_SECRET": secrets.token_urlsafe(32),
        # Wraps the data key of each wallet (AES-256).
        "POLYCOOL_KEY_ENCRYPTION_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
    }


def _read(file: Path) -> dict[str, str]:
    if not file.exists():
        return {}
    lines = (line.partition("=") for line in file.read_text().splitlines() if line)
    return {name: value for name, _, value in lines}
