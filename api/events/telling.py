"""A stream as it goes out: the past it missed, then what comes, a beat in silence, and an end before its token's.

Every id says: all before it was told here. So what the stream says of itself carries one only while nothing waits.
"""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Final

from sse_starlette import ServerSentEvent

from api.events.hub import Hub
from api.events.places import Event, Place, event_id
from schemas.base import rfc3339

BEAT_SECONDS: Final = 15.0
# A stream ends with the token it was opened with, an operators' one after this long; it is taken up again at once.
LIFE_SECONDS: Final = 840.0
PIPELINE_SECONDS: Final = 1.0
# To a user a copy nobody knows the end of is a copy like any other; operators are told by a name of its own.
_MINE: Final = {
    "copy": "copy",
    "unknown": "copy",
    "position": "position",
    "allocation": "allocation",
    "notice": "notice",
}
_OPERATORS: Final = {name: name for name in ("copy", "unknown", "dead_letter", "replay", "switch")}
After = tuple[Place, datetime] | None
LONG_AGO: Final = (Place(0), datetime(1970, 1, 1, tzinfo=UTC))
Picture = Callable[[], Awaitable[str]]


async def mine(
    hub: Hub, user_id: str, after: After, *, until: datetime | None
) -> AsyncIterator[ServerSentEvent]:
    """A user's stream: copies, positions, followings and notices of theirs, until their token ends."""
    left = LIFE_SECONDS if until is None else (until - datetime.now(UTC)).total_seconds()
    async for told in _told(hub, user_id, after, BEAT_SECONDS, min(left, LIFE_SECONDS)):
        said = _said(told, _MINE)
        if said is not None:
            yield said


async def operators(hub: Hub, after: After, picture: Picture) -> AsyncIterator[ServerSentEvent]:
    """The operators' stream: everybody's copies, letters, runs, switches, and each second how the way is."""
    drawn = float("-inf")
    async for told in _told(hub, None, after, PIPELINE_SECONDS, LIFE_SECONDS):
        said = _said(told, _OPERATORS)
        if said is not None:
            yield said
        if time.monotonic() - drawn >= PIPELINE_SECONDS * 0.9:
            drawn = time.monotonic()
            yield ServerSentEvent(event="pipeline", data=await picture())


async def _told(
    hub: Hub, user_id: str | None, after: After, tick_seconds: float, life_seconds: float
) -> AsyncIterator[Event | ServerSentEvent | None]:
    """Events, what the stream says of itself, and at least each tick something, be it nothing."""
    onlooker = hub.join(user_id, after)
    try:
        began = beaten = time.monotonic()
        yield _marked("beat", *onlooker.joined, told_all=not onlooker.behind)
        while time.monotonic() - began < life_seconds:
            silent = BEAT_SECONDS - (time.monotonic() - beaten)
            left = life_seconds - (time.monotonic() - began)
            for event in await onlooker.wait(max(0.0, min(tick_seconds, silent, left))):
                beaten = time.monotonic()
                yield event
            if onlooker.lost:
                onlooker.lost = False
                beaten = time.monotonic()
                yield _marked("reset", *hub.here, told_all=True)
            elif time.monotonic() - beaten >= BEAT_SECONDS:
                beaten = time.monotonic()
                yield _marked("beat", *hub.here, told_all=not onlooker.behind)
            else:
                yield None
    finally:
        hub.leave(onlooker)


def _said(told: Event | ServerSentEvent | None, names: dict[str, str]) -> ServerSentEvent | None:
    if not isinstance(told, Event):
        return told
    name = names.get(told.kind)
    return (
        None
        if name is None
        else ServerSentEvent(event=name, id=event_id(told.place, told.at), data=told.data)
    )


def _marked(name: str, place: Place, now: datetime, *, told_all: bool) -> ServerSentEvent:
    return ServerSentEvent(
        event=name, id=event_id(place, now) if told_all else None, data=json.dumps({"at": rfc3339(now)})
    )
