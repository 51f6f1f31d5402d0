"""Settlements that fail at their time, as conduct said when they were matched; also after a restart."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final

import structlog

from ops.paper.events import Announce, Change
from ops.paper.ledger import Ledger, LedgerError, sql
from ops.paper.settlement import NotReversible, fail

_log = structlog.get_logger("paper.failing")
_LOOK_SECONDS: Final = 0.1
"""How late a settlement may fail; the look is one read of a partial index."""


class Failing:
    """Looks for trades whose settlement is due to fail."""

    def __init__(self, ledger: Ledger, clock: Callable[[], datetime], announce: Announce) -> None:
        self._ledger = ledger
        self._announce = announce
        self._clock = clock

    async def run(self) -> None:
        """Until cancelled; a database that is away is asked again."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            try:
                await self._fail_due()
            except LedgerError as error:
                _log.warning("failing_waits", error=str(error))

    async def _fail_due(self) -> None:
        due = await self._ledger.read("trades_due_to_fail", {"now": self._clock()})
        for row in due:
            async with self._ledger.writing() as connection:
                try:
                    await fail(connection, row["trade_id"], self._clock())
                except NotReversible as error:
                    # What was bought is sold on: then it settles after all.
                    _log.info("settles_after_all", trade_id=str(row["trade_id"]), why=str(error))
                    await connection.execute(sql("settle_after_all"), {"trade_id": row["trade_id"]})
            self._announce(Change(trades=(str(row["trade_id"]),)))
