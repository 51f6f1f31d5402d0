"""Where an event stands among all events, and the id that says so to a browser. Pure.

The order is that of transactions (the database's numbers for them, which never come again), within one by table and
number. An id also carries the time, so that one from long ago is known as such.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, NamedTuple

_ID: Final = re.compile(r"([0-9]{1,15})-([0-9]{1,19})-([a-z]?)-([0-9]{1,19})")
# The greatest number the database knows; what is greater is no id of ours.
_GREATEST: Final = 2**63 - 1


class Place(NamedTuple):
    """After all of transaction ``xid - 1``, and of ``xid`` after what is not after (``source``, ``id``)."""

    xid: int
    source: str = ""
    id: int = 0


@dataclass(frozen=True, slots=True)
class Event:
    """A change: its place and time, whose it is (None: the operators'), its kind and its data as JSON text."""

    place: Place
    at: datetime
    user_id: str | None
    kind: str
    data: str


def event_id(place: Place, at: datetime) -> str:
    """The id of an event, or of a place between events."""
    return f"{int(at.timestamp() * 1000)}-{place.xid}-{place.source}-{place.id}"


def read_id(text: str) -> tuple[Place, datetime] | None:
    """What an id says; None when it is none of ours."""
    found = _ID.fullmatch(text)
    if found is None:
        return None
    millis, xid, source, number = int(found[1]), int(found[2]), found[3], int(found[4])
    if max(xid, number) > _GREATEST or millis > 253_402_300_799_000:
        return None
    return Place(xid, source, number), datetime.fromtimestamp(millis / 1000, UTC)
