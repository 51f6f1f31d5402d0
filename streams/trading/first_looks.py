"""The book before a SELL's first attempt, looked at once for all SELLs of a token that wait (SAFETY R13)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from schemas.enums import Venue as VenueName
from streams.trading.book_looks import BookLooks, Look
from streams.venues.venue import VenueFault

_log = structlog.get_logger("trading.first_looks")
_Token = tuple[VenueName, str]


class FirstLooks:
    """A book that cannot be read in time holds no exit up: it goes by the leader's price. ``wake`` is called when a
    look has ended; ``patience`` is in seconds; ``clock`` is monotonic."""

    def __init__(
        self,
        looks: BookLooks,
        patience: float,
        kept_seconds: float,
        clock: Callable[[], float],
        wake: Callable[[], None],
    ) -> None:
        self._looks = looks
        self._patience = patience
        self._kept_seconds = kept_seconds
        self._clock = clock
        self._wake = wake
        self._unread: dict[_Token, Look] = {}
        self._asking: dict[_Token, asyncio.Task[None]] = {}

    def found(self, venue: VenueName, token_id: str) -> Look | None:
        """What was seen a moment ago, or that nothing could be; None: it must be asked for first."""
        look = self._looks.fresh(venue, token_id)
        if look is not None:
            return look
        unread = self._unread.get((venue, token_id))
        young = unread is not None and self._clock() - unread.asked_at < self._kept_seconds
        return unread if young else None

    def ask(self, venue: VenueName, token_id: str) -> None:
        """Look at the book, once for all that ask meanwhile."""
        token = (venue, token_id)
        if token not in self._asking:
            self._asking[token] = asyncio.create_task(self._ask(token))

    async def _ask(self, token: _Token) -> None:
        try:
            async with asyncio.timeout(self._patience):
                await self._looks.look(*token)
            self._unread.pop(token, None)
        except (VenueFault, TimeoutError) as fault:
            _log.warning("book_not_read", token_id=token[1], fault=str(fault) or type(fault).__name__)
            now = self._clock()
            self._unread = {
                each: look for each, look in self._unread.items() if now - look.asked_at < self._kept_seconds
            }
            self._unread[token] = Look(None, now)
        finally:
            del self._asking[token]
            self._wake()
