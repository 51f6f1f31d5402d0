"""Answers the BUYs over a flood's limit, beside the way: the other leaders' decisions do not wait for them.

All it knows is in ``flooded_buys``: after a restart, or in another worker, it goes on.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final

import psycopg
import structlog

from schemas.enums import CopyState, Reason, Side, Venue
from streams.copy_execution.answers import DecidedAs
from streams.copy_execution.names import Names
from streams.kafka.patience import PASSING, said
from streams.tables.floods import answer_floods, names_taken, waiting_floods
from streams.tables.pool import Pool

log = structlog.get_logger()

LOOK_SECONDS: Final = 1.0
"""What a worker noted that has ended since is found so soon; what this one notes wakes it at once."""
PAUSE_SECONDS: Final = 0.02
"""Between two rounds, at least."""
TIMES_AS_LONG: Final = 9
"""While the flood lasts a pause is so many times as long as the round before it: nobody waits for these answers, and a
tenth of the time is what they may take from his neighbours."""
LATE_SECONDS: Final = 60.0
LATE_TIMES_AS_LONG: Final = 2
"""Whoever floods on and on: what waited for a minute takes a third of the time."""
LASTS_SECONDS: Final = 1.0
"""A flood is over when nothing was noted for so long; then what is left takes half of the time."""


class Flooding:
    """Keeps answering what waits; ``told`` hears how many copy orders each transaction committed, by outcome."""

    def __init__(
        self,
        pool: Pool,
        told: Callable[[Mapping[DecidedAs, int]], None] = lambda _outcomes: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pool = pool
        self._told = told
        self._monotonic = monotonic
        self._noted = asyncio.Event()
        self._noted_at = -LASTS_SECONDS
        self._waited = 0.0

    def wake(self) -> None:
        """Something was noted."""
        self._noted_at = self._monotonic()
        self._noted.set()

    async def run(self) -> None:
        """Round after round until it is cancelled; a fault costs a round."""
        while True:
            self._noted.clear()
            more = False
            began = self._monotonic()
            try:
                more = await self.round()
            except PASSING as fault:
                log.warning("flooding_retry", fault=said(fault))
            except psycopg.Error as fault:
                log.error("flooding_failed", fault=said(fault))
            if more:
                await asyncio.sleep(self._pause(self._monotonic() - began))
                continue
            with suppress(TimeoutError):
                await asyncio.wait_for(self._noted.wait(), LOOK_SECONDS)

    def _pause(self, took: float) -> float:
        if self._monotonic() - self._noted_at >= LASTS_SECONDS:
            return max(PAUSE_SECONDS, took)
        late = self._waited >= LATE_SECONDS
        return max(PAUSE_SECONDS, (LATE_TIMES_AS_LONG if late else TIMES_AS_LONG) * took)

    async def round(self) -> bool:
        """Answer what one transaction takes on; whether there was anything."""
        try:
            return await self._transaction(check_names=False)
        except psycopg.errors.UniqueViolation as fault:
            log.info("name_taken", detail=fault.diag.message_detail)
            return await self._transaction(check_names=True)

    async def _transaction(self, *, check_names: bool) -> bool:
        async with self._pool.connection() as connection:
            waiting = await waiting_floods(connection)
            if waiting is None:
                return False
            names = await names_taken(connection, waiting) if check_names else Names()
            made = await answer_floods(connection, waiting, names)
        self._waited = (waiting.now - waiting.buys[0].noted_at).total_seconds()
        self._told(
            Counter(
                (Venue(row.venue), Side.BUY, CopyState.SKIPPED, Reason.LEADER_FLOOD)
                for _ in waiting.buys
                for row in waiting.allocations
            )
        )
        log.info(
            "flood_answered",
            leader=waiting.buys[0].message.wallet,
            trades=len(waiting.buys),
            copy_orders=made,
            buys=waiting.buys[-1].flood.buys,
        )
        return True
