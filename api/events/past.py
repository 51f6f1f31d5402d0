"""The events of the last minutes, for whoever was away for a moment. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from api.events.places import Event, Place

RESUME: Final = timedelta(minutes=10)
"""How far back a stream can be taken up again (UX §5)."""


class Past:
    """At most ``most`` events; ``told_from`` is the place after which all of them are here."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._events: deque[Event] = deque()
        self._cut = Place(0)

    def cut_at(self, place: Place) -> None:
        """What came before this place is not here."""
        self._cut = max(self._cut, place)

    def add(self, events: Iterable[Event], now: datetime) -> None:
        """Keep these; let go of what nobody may ask for any more."""
        self._events.extend(events)
        while self._events and (len(self._events) > self._most or self._events[0].at < now - 2 * RESUME):
            self.cut_at(self._events.popleft().place)

    def after(self, place: Place, at: datetime, now: datetime) -> list[Event] | None:
        """What came after a place that was told at ``at``; None when that is too long ago to be sure of all."""
        if place < self._cut or at < now - RESUME:
            return None
        return [event for event in self._events if event.place > place]
