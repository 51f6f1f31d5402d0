"""The fills of a matched order, by the exchange's trades; what is not listed yet is the reconciler's."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta
from typing import Final

from schemas.enums import OrderState, Side
from streams.tables.orders import Note
from streams.trading.desk import Desk
from streams.trading.endings import Ending
from streams.trading.verdicts import fills_of_order
from streams.trading.waiting_line import Job
from streams.venues.answers import Answer
from streams.venues.venue import VenueFault

# A trade may be listed a moment after its match was answered; the user stream may tell of it sooner.
_COLLECT_PAUSES: Final = (0.0, 0.1, 0.3, 1.0)
_SINCE_MARGIN: Final = timedelta(seconds=60)


class Collecting:
    """Few looks at once, and those for BUYs a little later while POSTs wait their turn."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._room = asyncio.Semaphore(desk.settings.collect_concurrency)

    async def collect(self, job: Job, answer: Answer, idle: asyncio.Event) -> Ending | Note:
        """What the trades of a matched order come to; a note where they are not all listed yet."""
        wanted = set(answer.trade_ids)
        await self._calm(job, idle)
        for pause in _COLLECT_PAUSES:
            await self._desk.bell.heard(job.name, pause)
            try:
                async with self._room:
                    found = await self._desk.venues[job.venue].fills(
                        job.wallet, token_id=job.token_id, since=job.signed_at - _SINCE_MARGIN
                    )
            except VenueFault:
                continue
            own = fills_of_order(found, job.name)
            if own and wanted <= {fill.trade_id for fill in own}:
                return Ending(job.name, OrderState.MATCHED, "matched", own)
        cause = "matched, its trades are not listed yet"
        return Note(job.name, OrderState.MATCHED, cause, None, answer.trade_ids)

    async def _calm(self, job: Job, idle: asyncio.Event) -> None:
        if job.side is Side.BUY:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._desk.settings.collect_patience_seconds):
                    await idle.wait()
