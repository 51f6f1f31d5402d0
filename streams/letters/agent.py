"""dead_letters: each letter on the topic becomes a row that operators see; the topic stays the whole truth.

Nothing here ever becomes a dead letter itself: it would come back. What is no letter is kept as one without a place.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence
from typing import Any, Final

import pydantic

from schemas.dead_letters import DeadLetter
from schemas.enums import DeadLetterReason
from streams.kafka.guard import Handled, Received
from streams.kafka.letters import readable_key
from streams.tables.letters import keep_letters
from streams.tables.pool import Pool

BODY_SHOWN: Final = 4_096
"""So many bytes of a body are kept in the table."""
_DETAIL_SHOWN: Final = 1_000


class Letters:
    """The stage as the guard sees it."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def handle(self, batch: Sequence[Received]) -> Handled:
        """Keep the batch's letters in one transaction; one that comes again changes nothing."""
        rows = [letter_row(received) for received in batch if received.value is not None]
        if rows:
            async with self._pool.connection() as connection:
                await keep_letters(connection, rows)
        return Handled()


def letter_row(received: Received) -> dict[str, Any]:
    """A letter as it is kept. Pure."""
    place = {
        "letter_partition": received.partition,
        "letter_offset": received.offset,
        "appended_at": received.appended_at,
    }
    value = received.value or b""
    try:
        letter = DeadLetter.decode(value)
        body = base64.b64decode(letter.body)
    except (pydantic.ValidationError, binascii.Error):
        return place | _no_letter(received, value)
    return place | {
        "topic": letter.topic,
        "partition": letter.partition,
        "offset": letter.offset,
        "key": _text(letter.key),
        "reason": letter.reason.value,
        "detail": _text(letter.detail[:_DETAIL_SHOWN]),
        "stage": letter.stage,
        "size": letter.size,
        "sha256": letter.sha256,
        "body": body[:BODY_SHOWN],
        "first_seen_at": letter.first_seen_at,
        "last_seen_at": letter.last_seen_at,
    }


def _no_letter(received: Received, value: bytes) -> dict[str, Any]:
    return {
        "topic": received.topic,
        "partition": received.partition,
        "offset": received.offset,
        "key": None if received.key is None else _text(readable_key(received.key)),
        "reason": DeadLetterReason.UNREADABLE.value,
        "detail": "what is on this topic must be a dead letter",
        "stage": "dead_letters",
        "size": len(value),
        "sha256": hashlib.sha256(value).hexdigest(),
        "body": value[:BODY_SHOWN],
        "first_seen_at": received.appended_at,
        "last_seen_at": received.appended_at,
    }


def _text(text: str | None) -> str | None:
    """Without the one character that the database's text cannot hold."""
    return None if text is None else text.replace("\x00", "�")
