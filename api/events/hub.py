"""One reader of changes for all who look on at this process: one question a tick, however many they are."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import psycopg
import psycopg_pool
import structlog

from api.database import OPERATOR, Database
from api.events.past import RESUME, Past
from api.events.places import Event, Place
from schemas.base import rfc3339

log = structlog.get_logger()
TICK_SECONDS: Final = 0.25
# While nobody looks on the place is kept, so that who comes back finds what happened meanwhile.
_IDLE_TICK_SECONDS: Final = 2.0
_MOST: Final = 2_000
# About 15 MB: ten minutes of thirty changes a second. With more, who was away that long begins anew.
_PAST_MOST: Final = 20_000
# What one onlooker may be behind; then it is told to look at everything anew.
_BEHIND_MOST: Final = 1_000
_AWAY: Final = (psycopg.OperationalError, psycopg_pool.PoolTimeout)


class Onlooker:
    """One open stream: what it has still to be told. ``user_id`` None: an operator, who sees all; ``joined``: up to
    where everything had been told when it began."""

    def __init__(self, user_id: str | None, joined: tuple[Place, datetime]) -> None:
        self.user_id = user_id
        self.joined = joined
        self.lost = False
        self._events: list[Event] = []
        self._some = asyncio.Event()

    @property
    def behind(self) -> bool:
        """Whether something waits to be told."""
        return bool(self._events) or self.lost

    def sees(self, event: Event) -> bool:
        """Whether the event may be told here: a user's own, never another's nor the operators'."""
        return self.user_id is None or event.user_id == self.user_id

    def tell(self, events: Sequence[Event]) -> None:
        """Add what it sees; too far behind, all is dropped and said to be lost."""
        if self.lost:
            return
        self._events.extend(event for event in events if self.sees(event))
        if len(self._events) > _BEHIND_MOST:
            self._events.clear()
            self.lost = True
        if self._events or self.lost:
            self._some.set()

    async def wait(self, seconds: float) -> list[Event]:
        """What is to be told next, after at most so long."""
        if not self.behind:
            try:
                async with asyncio.timeout(seconds):
                    await self._some.wait()
            except TimeoutError:
                return []
        self._some.clear()
        events, self._events = self._events, []
        return events


class Hub:
    """Begins with the first onlooker, then reads for ever."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._past = Past(_PAST_MOST)
        self._place: Place | None = None
        self._now: datetime | None = None
        self._onlookers: set[Onlooker] = set()
        self._reading: asyncio.Task[None] | None = None
        self._beginning = asyncio.Lock()
        self._woken = asyncio.Event()

    @property
    def here(self) -> tuple[Place, datetime]:
        """Up to where everything was told, and the database's time then."""
        assert self._place is not None
        assert self._now is not None
        return self._place, self._now

    @property
    def onlookers(self) -> int:
        """How many streams are open here."""
        return len(self._onlookers)

    def looking_on(self, user_id: str | None) -> int:
        """How many streams this user (None: the operators) has open here."""
        return sum(each.user_id == user_id for each in self._onlookers)

    async def begin(self) -> None:
        """Read the last minutes, once. Raises psycopg.OperationalError or PoolTimeout while the database is away."""
        async with self._beginning:
            if self._reading is None:
                await self._begin()
                self._reading = asyncio.create_task(self._read_for_ever())

    def join(self, user_id: str | None, after: tuple[Place, datetime] | None) -> Onlooker:
        """An onlooker who is told everything after ``after`` (None: from now on), or that this is too long ago. It
        waits for nothing: what the past holds comes from there, what comes later is told by the reader, once."""
        onlooker = Onlooker(user_id, self.here)
        missed = [] if after is None else self._past.after(*after, self.here[1])
        if missed is None:
            onlooker.lost = True
        else:
            onlooker.tell(missed)
        self._onlookers.add(onlooker)
        self._woken.set()
        return onlooker

    def leave(self, onlooker: Onlooker) -> None:
        """It is told nothing any more."""
        self._onlookers.discard(onlooker)

    async def close(self) -> None:
        """Read no more."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait({self._reading})

    async def _begin(self) -> None:
        async with self._database.transaction(OPERATOR) as transaction:
            row = await transaction.row("events_begin", seconds=RESUME.total_seconds(), most=_MOST)
        assert row is not None, "an aggregate always has a row"
        first = row["until"] if row["first"] is None else row["first"]
        if row["cut"] is not None and row["cut"] >= first:
            first = row["cut"] + 1
            self._past.cut_at(Place(first))
        self._place = Place(first)
        while await self._read():
            continue

    async def _read_for_ever(self) -> None:
        while True:
            try:
                more = await self._read()
            except _AWAY as error:
                log.warning("events_not_read", error=type(error).__name__)
                more = False
            if not more:
                await self._pause()

    async def _pause(self) -> None:
        if self._onlookers:
            await asyncio.sleep(TICK_SECONDS)
            return
        self._woken.clear()
        try:
            async with asyncio.timeout(_IDLE_TICK_SECONDS):
                await self._woken.wait()
        except TimeoutError:
            return

    async def _read(self) -> bool:
        """Tell what is new; whether there is more to read at once."""
        assert self._place is not None
        xid, source, number = self._place
        async with self._database.transaction(OPERATOR) as transaction:
            rows = await transaction.rows("events_since", xid=str(xid), source=source, id=number, most=_MOST)
        events = [_event(row) for row in rows if row["xid"] is not None]
        more = len(events) >= _MOST
        self._now = rows[0]["now"]
        self._place = events[-1].place if more else max(self._place, Place(rows[0]["until"]))
        self._past.add(events, rows[0]["now"])
        if events:
            for onlooker in self._onlookers:
                onlooker.tell(events)
        return more


_KINDS: Final = {
    "c": "copy",
    "d": "dead_letter",
    "f": "allocation",
    "l": "position",
    "n": "notice",
    "r": "replay",
    "s": "switch",
}


def _event(row: dict[str, Any]) -> Event:
    body: dict[str, Any] = row["body"]
    unknown = row["source"] == "c" and "unknown" in (body["state"], body["state_before"])
    return Event(
        Place(row["xid"], row["source"], row["id"]),
        row["at"],
        row["user_id"],
        "unknown" if unknown else _KINDS[row["source"]],
        json.dumps({**body, "at": rfc3339(row["at"])}, ensure_ascii=False),
    )
