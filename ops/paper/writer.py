"""Orders in batches: while one batch is being committed the next one gathers, so a commit is shared (group commit)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

import psycopg
import structlog

from ops.paper.decide import decide
from ops.paper.events import Announce, decided
from ops.paper.holdings import CASH, Rows
from ops.paper.ledger import Ledger, LedgerError, load_holdings, write_rows
from ops.paper.placement import Placed, Placement, Sitting, Terms
from ops.paper.refusals import NO_BOOK, NOT_STORED, Refusal
from ops.paper.tokens import Registry

_log = structlog.get_logger("paper.writer")

Verdict = Placed | Refusal


class _Waiting(NamedTuple):
    placement: Placement
    answer: asyncio.Future[Verdict]


class Writer:
    """Takes placements, answers when what they came to is committed."""

    def __init__(
        self,
        ledger: Ledger,
        registry: Registry,
        terms: Terms,
        *,
        max_batch: int,
        clock: Callable[[], datetime],
        announce: Announce,
    ) -> None:
        self._ledger = ledger
        self._registry = registry
        self.terms = terms
        self._max_batch = max_batch
        self._clock = clock
        self._announce = announce
        self._queue: asyncio.Queue[_Waiting] = asyncio.Queue()

    async def place(self, placement: Placement) -> Verdict:
        """The verdict on one order, durable before it is given."""
        waiting = _Waiting(placement, asyncio.get_running_loop().create_future())
        self._queue.put_nowait(waiting)
        return await waiting.answer

    async def run(self) -> None:
        """Batch after batch until cancelled."""
        while True:
            batch = [await self._queue.get()]
            while len(batch) < self._max_batch and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            await self._settle(batch)

    async def _settle(self, batch: Sequence[_Waiting]) -> None:
        try:
            verdicts = await self._commit([waiting.placement for waiting in batch])
        except LedgerError as error:
            # Whether the commit arrived is not known, and the real one says no more than this either.
            _log.error("batch_not_stored", orders=len(batch), error=str(error))
            verdicts = [NOT_STORED] * len(batch)
        except asyncio.CancelledError:
            for waiting in batch:
                waiting.answer.cancel()
            raise
        for waiting, verdict in zip(batch, verdicts, strict=True):
            if not waiting.answer.done():
                waiting.answer.set_result(verdict)

    async def _commit(self, placements: Sequence[Placement]) -> list[Verdict]:
        async with self._ledger.writing() as connection:
            rows = Rows()
            verdicts = await self._decide(connection, placements, rows)
            if rows.orders:
                await write_rows(connection, rows)
                self._registry.books.update(rows.books)
                self._announce(decided(rows))
            return verdicts

    async def _decide(
        self, connection: psycopg.AsyncConnection[object], placements: Sequence[Placement], rows: Rows
    ) -> list[Verdict]:
        now = self._clock()
        holdings = await load_holdings(
            connection,
            order_ids={placement.order_id for placement in placements},
            accounts={placement.account for placement in placements},
            assets={CASH} | {placement.token.token_id for placement in placements},
            now=now,
            lagging_since=now - self.terms.balance_lag,
        )
        sitting = Sitting(holdings, rows, self.terms, now)
        verdicts: list[Verdict] = []
        for placement in placements:
            token_id = placement.token.token_id
            # The token as it is now: its market may have closed while the order waited.
            token = self._registry.get(token_id)
            if token is None or token.closed:
                verdicts.append(NO_BOOK)
                continue
            book = rows.books.get(token_id) or self._registry.books.get(token_id)
            verdicts.append(decide(replace(placement, token=token), book, sitting))
        return verdicts
