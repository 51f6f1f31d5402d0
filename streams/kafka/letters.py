"""Dead letters: the bytes, the place and the reason of a message that could not be handled."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from schemas.dead_letters import BODY_BYTES_MAX, DeadLetter
from streams.kafka.guard import DeadMessage

# A key is a wallet or a token's id; what is longer is garbage, of which the start is enough.
KEY_CHARACTERS_MAX: Final = 300
DETAIL_CHARACTERS_MAX: Final = 4_000
FIRST_APPENDED: Final = "first-appended-at"
"""The header of what is redriven: when the message was on its topic first, in milliseconds since 1970."""


def dead_letter(dead: DeadMessage, stage: str, now: datetime) -> DeadLetter:
    """The letter as it goes onto the topic; a body over 700 kB is cut, its size and digest are of the whole."""
    received = dead.received
    body = received.value or b""
    return DeadLetter(
        topic=received.topic,
        partition=received.partition,
        offset=received.offset,
        key=None if received.key is None else readable_key(received.key),
        body=base64.b64encode(body[:BODY_BYTES_MAX]).decode(),
        body_cut=len(body) > BODY_BYTES_MAX,
        size=len(body),
        sha256=hashlib.sha256(body).hexdigest(),
        reason=dead.reason,
        detail=dead.detail[:DETAIL_CHARACTERS_MAX],
        stage=stage,
        first_seen_at=now,
        last_seen_at=now,
        appended_at=received.known_at,
    )


def readable_key(key: bytes) -> str:
    """The key as text, whatever its bytes are."""
    return key[:KEY_CHARACTERS_MAX].decode("utf-8", "backslashreplace")


def first_appended(headers: Any) -> datetime | None:
    """What the header of a redriven message says; none without it, or where it says nothing readable."""
    pairs = headers.items() if isinstance(headers, Mapping) else headers or ()
    for name, value in pairs:
        if name == FIRST_APPENDED:
            try:
                return datetime.fromtimestamp(int(value) / 1_000, UTC)
            except (ValueError, TypeError, OverflowError, OSError):
                return None
    return None
