"""What happens by itself at its time, as conduct said: settlements fail, delayed orders are filled or killed.

It stands in the tables, so a restart forgets nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import psycopg
import structlog

from ops.paper.events import Announce, Change, cancelled
from ops.paper.ledger import Ledger, LedgerError, Record, sql
from ops.paper.placement import Terms
from ops.paper.resting import fill_one
from ops.paper.settlement import NotReversible, fail
from ops.paper.tokens import Registry

_log = structlog.get_logger("paper.due")
_RETRY_SECONDS: Final = 0.5
"""Between two looks while the database is away."""


class Due:
    """Sleeps until the next thing is due; woken when something new will be."""

    def __init__(
        self,
        ledger: Ledger,
        registry: Registry,
        terms: Terms,
        *,
        clock: Callable[[], datetime],
        announce: Announce,
    ) -> None:
        self._ledger = ledger
        self._registry = registry
        self._terms = terms
        self._clock = clock
        self._announce = announce
        self._woken = asyncio.Event()

    def expect(self) -> None:
        """Something new will be due."""
        self._woken.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._woken.clear()
            try:
                seconds = await self._settle_due()
            except LedgerError as error:
                _log.warning("due_waits", error=str(error))
                seconds = _RETRY_SECONDS
            if seconds is None or seconds > 0:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), seconds)

    async def _settle_due(self) -> float | None:
        """Do what is due; the seconds until the next thing is, None when there is none."""
        rows = await self._ledger.read("due_next", {})
        for row in rows:
            now = self._clock()
            if row["at"] > now:
                wait: float = (row["at"] - now).total_seconds()
                return wait
            async with self._ledger.writing() as connection:
                change = await self._happen(connection, row, now)
            self._announce(change)
        return 0.0 if rows else None

    async def _happen(self, connection: psycopg.AsyncConnection[Any], row: Record, now: datetime) -> Change:
        if row["kind"] == "fail":
            await _fail(connection, row, now)
            return Change(trades=(row["id"],))
        token = self._registry.get(row["token_id"])
        if row["kind"] == "fill" and token is not None:
            try:
                async with connection.transaction():
                    filled = await fill_one(connection, row["id"], token, self._terms, now=now, taker=True)
                if filled.shares:
                    return filled.change
            except psycopg.errors.CheckViolation:
                _log.info("delayed_order_not_covered", order_id=row["id"])
        await connection.execute(sql("cancel_order"), {"order_id": row["id"]})
        return cancelled([row["id"]])


async def _fail(connection: psycopg.AsyncConnection[Any], row: Record, now: datetime) -> None:
    try:
        await fail(connection, row["id"], now)
    except NotReversible as error:
        # What was bought is sold on: then it settles after all.
        _log.info("settles_after_all", trade_id=row["id"], why=str(error))
        await connection.execute(sql("settle_after_all"), {"trade_id": row["id"]})
