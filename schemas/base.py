"""What all messages share: frozen, closed, exact, in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Final, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, PlainSerializer

_RFC3339: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")


def _rfc3339(value: object) -> object:
    if isinstance(value, datetime):
        return value
    if isinstance(value, str) and _RFC3339.fullmatch(value):
        return value
    raise ValueError('must be an RFC 3339 time with its zone, such as "2026-11-22T12:03:04Z"')


def _utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("must have a time zone")
    return value if value.tzinfo is UTC else value.astimezone(UTC)


def rfc3339(value: datetime) -> str:
    """The time as text in UTC, with microseconds only where there are some."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


Moment = Annotated[
    datetime,
    BeforeValidator(_rfc3339),
    AfterValidator(_utc),
    PlainSerializer(rfc3339, return_type=str, when_used="json"),
]
"""A point in time, always UTC; text with a zone on the wire, never a number."""


class Message(BaseModel):
    """A fact on a topic: never changed once made, unknown fields refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, str_max_length=20_000)

    def encode(self) -> bytes:
        """The bytes as they go onto the topic; absent fields are left out."""
        return self.model_dump_json(exclude_none=True).encode()

    @classmethod
    def decode(cls, raw: bytes) -> Self:
        """Read bytes of a topic; ``pydantic.ValidationError`` names each bad field."""
        return cls.model_validate_json(raw)
