"""Books of tokens, each looked at once for all that wait, and kept for a few seconds (SAFETY R2, R13)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from schemas.enums import Venue as VenueName
from streams.venues.venue import Level, Venue

_KEPT_MOST = 5_000


@dataclass(frozen=True, slots=True)
class Look:
    """The bids of a token, best first; None: there is no book. ``asked_at`` is a monotonic moment."""

    bids: tuple[Level, ...] | None
    asked_at: float

    @property
    def best_bid(self) -> Decimal | None:
        """The highest price somebody pays."""
        return self.bids[0].price if self.bids else None


class BookLooks:
    """``seconds``: how old a look may be; ``now`` is a monotonic clock."""

    def __init__(self, venues: Mapping[VenueName, Venue], seconds: float, now: Callable[[], float]) -> None:
        self._venues = venues
        self._seconds = seconds
        self._now = now
        self._looks: dict[tuple[VenueName, str], Look] = {}
        self._asked: dict[tuple[VenueName, str], asyncio.Task[Look]] = {}

    def fresh(self, venue: VenueName, token_id: str) -> Look | None:
        """The last look where it is young enough."""
        look = self._looks.get((venue, token_id))
        return look if look is not None and self._now() - look.asked_at < self._seconds else None

    async def look(self, venue: VenueName, token_id: str) -> Look:
        """The book, looked at now unless it was a moment ago. Raises ``VenueFault``."""
        found = self.fresh(venue, token_id)
        if found is not None:
            return found
        key = (venue, token_id)
        task = self._asked.get(key)
        if task is None:
            task = self._asked[key] = asyncio.create_task(self._ask(venue, token_id))
            task.add_done_callback(lambda ended: self._ended(key, ended))
        return await asyncio.shield(task)

    async def _ask(self, venue: VenueName, token_id: str) -> Look:
        asked_at = self._now()
        seen = await self._venues[venue].book(token_id)
        look = Look(None if seen is None else seen.bids, asked_at)
        if len(self._looks) >= _KEPT_MOST:
            self._forget_old()
        self._looks[venue, token_id] = look
        return look

    def _ended(self, key: tuple[VenueName, str], task: asyncio.Task[Look]) -> None:
        """Its fault is told to those that wait; where nobody does any more it is nobody's."""
        self._asked.pop(key, None)
        if not task.cancelled():
            task.exception()

    def _forget_old(self) -> None:
        oldest = self._now() - self._seconds
        self._looks = {key: look for key, look in self._looks.items() if look.asked_at >= oldest}
