"""Tokens somebody looks at: written down beside the requests, so that trading keeps their prices young (UX N4)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from typing import Final

import psycopg
import psycopg_pool
import structlog

from api.database import NOBODY, Database
from schemas.enums import Venue

log = structlog.get_logger()
# A wish is good for a minute; said again this often it never ends while somebody looks.
_AGAIN_SECONDS: Final = 20.0
# What is shown first has no price yet: it is asked for almost at once, and many looks become one statement.
_GATHER_SECONDS: Final = 0.1
_MOST: Final = 500
_Token = tuple[str, str]


class Wishes:
    """One per process; a wish lost with it is said again by the next look."""

    def __init__(self) -> None:
        self._said: dict[_Token, float] = {}
        self._waiting: dict[_Token, None] = {}
        self._some = asyncio.Event()

    def wish(self, venue: Venue | str, token_ids: Iterable[str]) -> None:
        """Somebody looks at these tokens; never waits."""
        now = time.monotonic()
        for token_id in token_ids:
            key = (str(venue), token_id)
            if now - self._said.get(key, float("-inf")) >= _AGAIN_SECONDS:
                self._said[key] = now
                self._waiting[key] = None
        if self._waiting:
            self._some.set()

    async def write(self, database: Database) -> None:
        """Write wishes down until cancelled; while the database is away they are let go."""
        while True:
            await self._some.wait()
            self._some.clear()
            gathered = sorted(self._waiting)[:_MOST]
            for key in gathered:
                del self._waiting[key]
            if self._waiting:
                self._some.set()
            try:
                async with database.transaction(NOBODY) as transaction:
                    await transaction.run(
                        "wish_prices",
                        venues=[venue for venue, _ in gathered],
                        token_ids=[token for _, token in gathered],
                    )
            except (psycopg.OperationalError, psycopg_pool.PoolTimeout) as error:
                log.warning("wishes_not_written", error=type(error).__name__)
            self._forget()
            await asyncio.sleep(_GATHER_SECONDS)

    def _forget(self) -> None:
        if len(self._said) > 10_000:
            oldest = time.monotonic() - _AGAIN_SECONDS
            self._said = {key: at for key, at in self._said.items() if at > oldest}
