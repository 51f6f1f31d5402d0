"""A POST as the last span of its trade's trace, said after it is over: no order waits for it (streams/tracing.py)."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from schemas.enums import Venue
from streams.tables.asking import ask
from streams.tables.pool import Pool
from streams.venues.answers import Answer

if TYPE_CHECKING:
    from streams.tracing import Tracing

_log = structlog.get_logger("trading.post_traces")


class PostTraces:
    """Says POSTs to whoever takes traces."""

    def __init__(self, pool: Pool, tracing: Tracing) -> None:
        self._pool = pool
        self._tracing = tracing
        self._tasks: set[asyncio.Task[None]] = set()

    def posted(self, order_hash: str, venue: Venue, answer: Answer, seconds: float) -> None:
        """A POST of a stored order was answered just now, after so many seconds."""
        ended = time.time_ns()
        task = asyncio.create_task(self._say(order_hash, venue, answer, ended - int(seconds * 1e9), ended))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _say(self, order_hash: str, venue: Venue, answer: Answer, began: int, ended: int) -> None:
        name = "trading/trace_of_order"
        try:
            async with self._pool.connection() as connection:
                rows = (await ask(connection, [(name, {"order_hash": order_hash})]))[name]
        except (psycopg.OperationalError, PoolTimeout) as fault:
            _log.warning("trace_not_found", order_hash=order_hash, fault=type(fault).__name__)
            return
        for traceparent, copy_order_id in rows:
            said = {
                "polycool.copy_order_id": copy_order_id,
                "polycool.order_hash": order_hash,
                "polycool.venue": venue.value,
                "polycool.verdict": answer.verdict.value,
            }
            self._tracing.past("post", traceparent, began, ended, said)
