"""Topic ``dead_letters``: what could not be read or handled, with its bytes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from schemas.base import Message, Moment
from schemas.enums import DeadLetterReason

# Bytes beyond this are cut; size and digest of the whole tell what is missing. A dead letter must itself fit the topic.
BODY_BYTES_MAX = 700_000


class DeadLetter(Message):
    """Original bytes (base64), place, and reason of one message. ``body`` is cut at 700 kB; ``size`` and ``sha256`` are
    those of the whole value. ``appended_at``: when the message was on its topic first, also before it was redriven."""

    schema_version: Literal[1] = 1
    topic: str
    partition: Annotated[int, Field(ge=0)]
    offset: Annotated[int, Field(ge=0)]
    key: str | None = None
    body: Annotated[str, Field(max_length=2_000_000)]
    body_cut: bool = False
    size: Annotated[int, Field(ge=0)]
    sha256: str
    reason: DeadLetterReason
    detail: Annotated[str, Field(max_length=4_000)]
    stage: str
    first_seen_at: Moment
    last_seen_at: Moment
    appended_at: Moment | None = None
