"""`/v1/me/events` and `/v1/ops/events`: what changes, as server-sent events; `Last-Event-ID` takes up where one was."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Header
from sse_starlette import EventSourceResponse
from starlette.responses import Response

from api import picture
from api.actor import Acting, Operator
from api.doors import Doors, DoorsOf
from api.events import telling
from api.events.places import read_id
from api.problems import Refused

router = APIRouter(tags=["events"])
_LastEventId = Annotated[
    str | None,
    Header(
        max_length=80, description="The id heard last; at most 10 minutes old, else `reset` is told first."
    ),
]
_STREAM: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "Events until the connection ends; a beat at least every 15 s.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}
# A stream that was taken up again stands beside the one it follows until that is noticed to be gone.
_RETRY_SECONDS: Final = 5


@router.get("/v1/me/events", response_class=Response, responses=_STREAM)
async def my_events(doors: DoorsOf, asking: Acting, last_event_id: _LastEventId = None) -> Response:
    """Copies, positions, followings and notices of one user, as they change."""
    await _check_room(doors, asking.user_id)
    after = None if last_event_id is None else _after(last_event_id)
    return _streaming(telling.mine(doors.hub, asking.user_id, after, until=asking.expires_at))


@router.get("/v1/ops/events", response_class=Response, responses=_STREAM)
async def all_events(doors: DoorsOf, _asking: Operator, last_event_id: _LastEventId = None) -> Response:
    """Everybody's copies, what is unknown, dead letters, replay runs, switches; and each second how the way is."""
    await _check_room(doors, None)
    after = None if last_event_id is None else _after(last_event_id)
    return _streaming(telling.operators(doors.hub, after, lambda: picture.shared(doors)))


async def _check_room(doors: Doors, user_id: str | None) -> None:
    settings = doors.settings
    own = settings.api_streams_per_user if user_id is not None else settings.api_streams
    if doors.hub.looking_on(user_id) >= own or doors.hub.onlookers >= settings.api_streams:
        raise Refused("too-many", "Too many streams are open; close one first.", retry_after=_RETRY_SECONDS)
    await doors.hub.begin()


def _after(text: str) -> telling.After:
    # An id that is none of ours is as one from long ago: everything is to be looked at anew.
    return read_id(text) or telling.LONG_AGO


def _streaming(events: Any) -> Response:
    # The stream beats by itself, with ids; the library's own pings carry none.
    return EventSourceResponse(events, ping=0, sep="\n")
