"""Lists, newest first by (time, id): cursors that are opaque and signed with what they belong to. Pure.

A row never changes its place (the order is by times that are never written again), and a cursor names a place, not a
count; so rows that arrive are neither shown twice nor push others past the reader.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from api.problems import Refused, invalid

Row = TypeVar("Row")
_MAC_BYTES: Final = 12
PAGE_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class Place:
    """After which row a page begins."""

    at: datetime | None = None
    id: str | None = None


BEGINNING: Final = Place()


@dataclass(frozen=True, slots=True)
class RankPlace:
    """After which row a page of a list by rank begins."""

    rank: int | None = None
    id: str | None = None


class Pager:
    """Makes and reads cursors with a key derived from a secret of the process."""

    def __init__(self, secret: str) -> None:
        self._key = hashlib.blake2b(secret.encode(), digest_size=32, person=b"polycool.cursors").digest()

    def read(self, cursor: str | None, belongs: Mapping[str, object]) -> Place:
        """Where the cursor points. 422 when it is not ours, or was made for other filters or another asker."""
        if cursor is None:
            return BEGINNING
        at, name = self._read(cursor, belongs)
        return Place(datetime.fromisoformat(at), name)

    def read_rank(self, cursor: str | None, belongs: Mapping[str, object]) -> RankPlace:
        """As `read`, of a list that goes by rank: highest first, then by id."""
        if cursor is None:
            return RankPlace()
        rank, name = self._read(cursor, belongs)
        return RankPlace(int(rank), name)

    def _read(self, cursor: str, belongs: Mapping[str, object]) -> tuple[str, str]:
        try:
            raw = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
        except (ValueError, binascii.Error) as error:
            raise _foreign() from error
        body, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(body, belongs)):
            raise _foreign()
        place, name = json.loads(body)
        return str(place), str(name)

    def page(
        self,
        rows: Sequence[Row],
        limit: int,
        belongs: Mapping[str, object],
        place: Callable[[Row], tuple[datetime | int, str]],
    ) -> tuple[tuple[Row, ...], str | None]:
        """The rows of this page and the cursor of the next; `rows` holds one more than `limit` where there is one."""
        shown = tuple(rows[:limit])
        if len(rows) <= limit:
            return shown, None
        at, name = place(shown[-1])
        body = json.dumps([at.isoformat() if isinstance(at, datetime) else str(at), name]).encode()
        return shown, base64.urlsafe_b64encode(body + self._mac(body, belongs)).decode().rstrip("=")

    def _mac(self, body: bytes, belongs: Mapping[str, object]) -> bytes:
        about = json.dumps({name: str(value) for name, value in sorted(belongs.items()) if value is not None})
        told = body + b"\x00" + about.encode()
        return hashlib.blake2b(
            told, digest_size=_MAC_BYTES, key=self._key, person=b"polycool.cursors"
        ).digest()


def _foreign() -> Refused:
    return invalid("cursor", "is not one of ours for these filters; begin without it")
