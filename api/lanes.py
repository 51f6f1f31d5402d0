"""Connections that are asked by libpq itself, several statements in one round trip, without psycopg's cursors.

A lane is a connection in pipeline mode for as long as it lives. What is sent up to a sync is one transaction, so a
scope that is set holds for what is sent with it and for nothing after it. Values go as text, rows come as text.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from typing import Any, Final

import psycopg
from psycopg import pq
from psycopg.errors import error_from_result
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from api.database import answering

Value = bytes | None
Rows = list[tuple[Value, ...]]
_ROWS: Final = pq.ExecStatus.TUPLES_OK
_SYNC: Final = pq.ExecStatus.PIPELINE_SYNC
_FAULTS: Final = frozenset({pq.ExecStatus.FATAL_ERROR, pq.ExecStatus.BAD_RESPONSE})


class Lane:
    """One connection; one question at a time, which may be several statements."""

    def __init__(self, connection: psycopg.AsyncConnection[Any]) -> None:
        self.connection = connection
        self._libpq = connection.pgconn
        # Kept: libpq forgets its socket with the connection.
        self._socket = connection.pgconn.socket
        self._loop = asyncio.get_running_loop()
        self._names: dict[bytes, bytes] = {}
        self._named = count()
        self._results: list[pq.abc.PGresult] = []
        self._answer: asyncio.Future[list[pq.abc.PGresult]] | None = None
        self.broken = False
        self.left: Callable[[], None] = lambda: None
        self._libpq.nonblocking = 1
        self._libpq.enter_pipeline_mode()
        self._loop.add_reader(self._socket, self._readable)

    @property
    def busy(self) -> bool:
        """Whether an answer is still on its way (its asker may have gone)."""
        return self._answer is not None

    async def ask(self, statements: Sequence[tuple[bytes, Sequence[Value]]]) -> list[Rows]:
        """Run the statements (with `$1` …, each prepared once) in one transaction; the rows of each.

        Raises psycopg.Error: what the database says, or OperationalError when it is gone.
        """
        libpq = self._libpq
        self._answer = self._loop.create_future()
        try:
            for statement, values in statements:
                name = self._names.get(statement)
                if name is None:
                    name = self._names[statement] = b"q%d" % next(self._named)
                    libpq.send_prepare(name, statement)
                libpq.send_query_prepared(name, values)
            libpq.pipeline_sync()
            if libpq.flush():
                self._loop.add_writer(self._socket, self._writable)
        except psycopg.Error as fault:
            self._break(fault)
            raise psycopg.OperationalError(str(fault)) from fault
        results = await self._answer
        return [_rows(result) for result in results if result.status == _ROWS]

    def leave(self) -> None:
        """Watch the connection no longer."""
        self._loop.remove_reader(self._socket)
        self._loop.remove_writer(self._socket)

    def end(self) -> None:
        """Leave the connection as it was found; nothing may be under way."""
        self.leave()
        self._libpq.exit_pipeline_mode()
        self._libpq.nonblocking = 0

    def _writable(self) -> None:
        try:
            if not self._libpq.flush():
                self._loop.remove_writer(self._socket)
        except psycopg.Error as fault:
            self._break(fault)

    def _readable(self) -> None:
        libpq = self._libpq
        try:
            libpq.consume_input()
            while self._answer is not None and not libpq.is_busy():
                result = libpq.get_result()
                if result is None:
                    continue  # between the results of two statements
                if result.status == _SYNC:
                    self._done()
                    return
                self._results.append(result)
        except psycopg.Error as fault:
            self._break(fault)

    def _done(self) -> None:
        answer, results = self._answer, self._results
        self._answer, self._results = None, []
        assert answer is not None, "nothing is read that was not asked"
        fault = next((result for result in results if result.status in _FAULTS), None)
        if fault is not None:
            self._names.clear()  # what was refused may not have been prepared
        if answer.done():
            self.left()  # the asker has gone; the lane is free only now
        elif fault is None:
            answer.set_result(results)
        else:
            answer.set_exception(error_from_result(fault))

    def _break(self, fault: psycopg.Error) -> None:
        answer, self._answer, self.broken = self._answer, None, True
        self._results = []
        self.leave()
        if answer is None:
            return
        if answer.done():
            self.left()
        else:
            answer.set_exception(psycopg.OperationalError(str(fault)))


class Lanes:
    """At most ``size`` lanes, opened as they are needed from a pool that knows how to connect; who waits longer than
    ``wait_seconds`` for one gets PoolTimeout."""

    def __init__(
        self, pool: AsyncConnectionPool[psycopg.AsyncConnection[Any]], *, size: int, wait_seconds: float
    ) -> None:
        self._pool = pool
        self._size = size
        self._wait_seconds = wait_seconds
        self._all: set[Lane] = set()
        self._opening = 0
        self._free: list[Lane] = []
        self._waiting: deque[asyncio.Future[Lane]] = deque()
        self._closing: set[asyncio.Task[None]] = set()

    async def ask(self, statements: Sequence[tuple[bytes, Sequence[Value]]]) -> list[Rows]:
        """Ask in one round trip. A connection that was kept may have died with the database: then all kept ones go, and
        whether it is back a new one tells. Raises psycopg.Error, PoolTimeout."""
        lane = await self._take()
        try:
            return await self._asked(lane, statements)
        except psycopg.OperationalError:
            if not lane.broken:
                raise
        while self._free:
            self._drop(self._free.pop())
        return await self._asked(await self._take(), statements)

    async def close(self) -> None:
        """Give all connections back."""
        for lane in list(self._all):
            if lane.busy or lane.broken:
                self._drop(lane)
            else:
                self._all.discard(lane)
                lane.end()
                await self._pool.putconn(lane.connection)
        if self._closing:
            await asyncio.wait(self._closing)

    async def _asked(self, lane: Lane, statements: Sequence[tuple[bytes, Sequence[Value]]]) -> list[Rows]:
        try:
            return await lane.ask(statements)
        finally:
            if lane.busy:
                lane.left = partial(self._give, lane)
            else:
                self._give(lane)

    async def _take(self) -> Lane:
        while self._free:
            lane = self._free.pop()
            if not lane.broken:
                return lane
            self._drop(lane)
        if len(self._all) + self._opening < self._size:
            return await self._opened()
        waiter: asyncio.Future[Lane] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            async with asyncio.timeout(self._wait_seconds):
                return await waiter
        except TimeoutError as late:
            raise PoolTimeout(f"no lane within {self._wait_seconds} s") from late
        finally:
            if waiter.cancelled() or not waiter.done():
                self._waiting.remove(waiter)

    async def _opened(self) -> Lane:
        self._opening += 1
        try:
            check = AsyncConnectionPool.check_connection
            lane = Lane(await answering(self._pool, self._wait_seconds, check))
        finally:
            self._opening -= 1
        self._all.add(lane)
        return lane

    def _give(self, lane: Lane) -> None:
        if lane.broken:
            self._drop(lane)
            return
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(lane)
                return
        self._free.append(lane)

    def _drop(self, lane: Lane) -> None:
        """Close it. Who waits for one opens another."""
        if lane not in self._all:
            return
        self._all.discard(lane)
        if not lane.broken:
            lane.leave()
        closing = asyncio.create_task(self._close(lane))
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    async def _close(self, lane: Lane) -> None:
        await lane.connection.close()
        await self._pool.putconn(lane.connection)
        while self._waiting and len(self._all) + self._opening < self._size:
            waiter = self._waiting.popleft()
            if not waiter.done():
                try:
                    lane = await self._opened()
                except psycopg.Error as fault:
                    if not waiter.done():
                        waiter.set_exception(fault)
                else:
                    if waiter.done():
                        self._give(lane)
                    else:
                        waiter.set_result(lane)


def _rows(result: pq.abc.PGresult) -> Rows:
    value, columns = result.get_value, range(result.nfields)
    return [tuple([value(row, column) for column in columns]) for row in range(result.ntuples)]
