"""Prices of tokens that people hold or look at, kept in ``token_prices`` within a budget of requests (UX N4).

Orders come first: while POSTs wait in the line, only a quarter of the budget is used.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Final

import structlog

from schemas.enums import Venue as VenueName
from streams.tables import prices
from streams.tables.prices import Priced
from streams.trading.book_tops import top
from streams.trading.desk import Desk
from streams.trading.markets_told import MarketsTold
from streams.trading.price_line import HELD, WISHED, PriceLine
from streams.venues.venue import VenueFault

_log = structlog.get_logger("trading.price_watch")
PASS_SECONDS: Final = 1.0
_WISH_SECONDS: Final = 60.0
"""A wish is over after a minute."""
_HELD_EVERY_SECONDS: Final = 5.0
# Who opens a position sees its price by the wish; reading what is held is a walk over all open lots.
_HELD_MOST: Final = 10_000
_WISHED_MOST: Final = 2_000
_BUSY_SHARE: Final = 0.25


class PriceWatch:
    """One for each exchange, with a loop of its own: one that hangs holds up no other."""

    def __init__(self, desk: Desk, venue: VenueName, told: MarketsTold, busy: Callable[[], bool]) -> None:
        self._desk = desk
        self._venue = venue
        self._told = told
        self._busy = busy
        settings = desk.settings
        self._line = PriceLine({WISHED: settings.price_wished_seconds, HELD: settings.price_held_seconds})
        self._held: list[Priced] = []
        self._held_at = float("-inf")

    async def look(self) -> None:
        """One pass over what is due."""
        now = time.monotonic()
        if now - self._held_at >= _HELD_EVERY_SECONDS:
            self._held = await prices.held(self._desk.pool, self._venue, _HELD_MOST)
            self._held_at = now
        wished = await prices.wished(self._desk.pool, self._venue, _WISH_SECONDS, _WISHED_MOST)
        settings = self._desk.settings
        requests = settings.price_requests_per_second * PASS_SECONDS * (_BUSY_SHARE if self._busy() else 1)
        at_once = settings.price_books_at_once
        due = self._line.due(wished, self._held, now, max(1, int(requests)) * at_once)
        for begin in range(0, len(due), at_once):
            batch = due[begin : begin + at_once]
            self._line.looked(batch, now)
            try:
                await self._price(batch)
            except VenueFault as fault:
                # The rest of this pass would wait as long; what is shown says how old it is.
                _log.warning("prices_not_read", venue=self._venue.value, fault=str(fault))
                return

    async def _price(self, batch: Sequence[Priced]) -> None:
        venue = self._venue
        if venue is VenueName.PAPER:
            await self._told.tell({each.token_id: each.version for each in batch if each.version})
        asked_at = time.monotonic()
        books = await self._desk.venues[venue].books([each.token_id for each in batch])
        rows = [
            {"token_id": token_id, **asdict(top(books.get(token_id)))}
            for token_id in sorted({each.token_id for each in batch})
        ]
        await prices.keep(self._desk.pool, venue, time.monotonic() - asked_at, rows)
        self._desk.figures.prices.labels(venue.value).inc(len(rows))
