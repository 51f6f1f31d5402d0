"""The one writer of what orders come to: notes and endings, gathered and committed in groups (SAFETY R4)."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

import psycopg
import structlog
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from streams.tables import bookings, orders
from streams.tables.asking import Question
from streams.tables.epochs import EpochLost, writing
from streams.tables.exits import ExitToBook
from streams.tables.hands import HandToBook, by_hand
from streams.tables.orders import Note
from streams.tables.reversals import since_of
from streams.trading.desk import DecideWaiting, Desk
from streams.trading.endings import AttemptRules, Ending
from streams.trading.entries import Entries
from streams.trading.lot_books import stored

_log = structlog.get_logger("trading.bookkeeper")
_PAUSE_SECONDS = 0.5


class Bookkeeper:
    """``submit`` and forget, or ``commit`` and wait until it is durable."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        settings = desk.settings
        self._rules = AttemptRules(settings.attempt_pauses, settings.share_lag_seconds)
        self._queue: asyncio.Queue[tuple[Ending | Note, asyncio.Future[None] | None]] = asyncio.Queue()
        self._queued: Counter[str] = Counter()

    def knows_of(self, order_hash: str) -> bool:
        """Whether something learnt of the order waits to be written: nobody need look it up meanwhile."""
        return order_hash in self._queued

    def submit(self, *learnt: Ending | Note) -> None:
        """Put what was learnt into the queue."""
        for each in learnt:
            self._put(each, None)

    async def commit(self, learnt: Ending | Note) -> None:
        """Put it into the queue and wait until it is committed."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._put(learnt, done)
        await done

    async def run(self) -> None:
        """Commit what comes, in groups of what gathered while the last was committed."""
        while True:
            batch = [await self._queue.get()]
            while not self._queue.empty() and len(batch) < self._desk.settings.book_most:
                batch.append(self._queue.get_nowait())
            await self._commit([learnt for learnt, _ in batch])
            for learnt, done in batch:
                self._written(learnt)
                if done is not None and not done.done():
                    done.set_result(None)

    def _put(self, learnt: Ending | Note, done: asyncio.Future[None] | None) -> None:
        self._queued[learnt.order_hash] += 1
        self._queue.put_nowait((learnt, done))

    def _written(self, learnt: Ending | Note) -> None:
        self._queued[learnt.order_hash] -= 1
        if not self._queued[learnt.order_hash]:
            del self._queued[learnt.order_hash]

    async def _commit(self, batch: Sequence[Ending | Note]) -> None:
        gave_up_at = time.monotonic() + self._desk.settings.patience_seconds
        while True:
            try:
                await self._write(batch)
            except psycopg.OperationalError:
                if time.monotonic() > gave_up_at:
                    raise
                await asyncio.sleep(_PAUSE_SECONDS)
                continue
            except EpochLost:
                raise
            except Exception:
                if len(batch) == 1:
                    # It stays open and is looked up again by the reconciler; the neighbours go on.
                    self._desk.figures.booking_failed.inc()
                    _log.exception("booking_failed", order_hash=batch[0].order_hash)
                    return
                middle = len(batch) // 2
                await self._commit(batch[:middle])
                await self._commit(batch[middle:])
            return

    async def _write(self, batch: Sequence[Ending | Note]) -> None:
        notes = {each.order_hash: each for each in batch if isinstance(each, Note)}
        endings: dict[str, Ending] = {}
        again: list[Ending] = []
        for each in batch:
            if isinstance(each, Ending):
                if each.order_hash in endings:
                    again.append(each)
                endings.setdefault(each.order_hash, each)
        if notes:
            async with writing(self._desk.pool, self._desk.epoch) as connection:
                await orders.note(connection, list(notes.values()))
        entries = await self._book(endings) if endings else None
        if entries is not None:
            self._report(entries)
        for each in again:
            await self._write([each])

    async def _book(self, endings: dict[str, Ending]) -> Entries:
        async with self._desk.pool.connection() as connection:
            loaded = await bookings.load(
                connection, self._desk.epoch, sorted(endings), self._desk.settings.attempts_max
            )
            entries = Entries(
                datetime.now(UTC),
                self._rules,
                {
                    (lot.allocation_id or by_hand(lot.account_id), lot.token_id): stored(lot)
                    for lot in loaded.lots
                },
                set(loaded.fills),
                since_of(loaded.sells_since),
            )
            for order in (
                *loaded.orders,
                *(ExitToBook(*row) for row in loaded.exits),
                *(HandToBook(*row) for row in loaded.hands),
            ):
                entries.book(order, endings[order.order_hash])
            written = await entries_written(connection, entries)
            await follow_up(
                connection, written, loaded.allocation_ids, entries.now, self._desk.decide_waiting
            )
        return entries

    def _report(self, entries: Entries) -> None:
        for order, after, late in entries.said:
            self._desk.figures.ended(order.venue, order.side, after, late=late)
            _log.info(
                "copy_order",
                copy_order_id=order.copy_order_id,
                trade_id=order.trade_id,
                allocation_id=order.allocation_id,
                order_hash=order.order_hash,
                attempt=order.attempt,
                side=order.side.value,
                state=after.state.value,
                reason=after.reason,
                reject_reason=after.reject_reason,
                cause=after.cause,
                late=late,
            )


async def entries_written(connection: AsyncConnection[TupleRow], entries: Entries) -> list[Question]:
    """The questions that write the rows of a booking; lots are written at once where new ones need their ids."""
    new = [lot for lot in entries.touched if lot.lot_id is None]
    # What closes goes before what opens: a pair of allocation and token has one open lot at a time.
    changed = bookings.written("update_lot", [lot.row() for lot in entries.touched if lot not in new])
    if new:
        ids = await bookings.insert_lots(connection, changed, [lot.row() for lot in new])
        for lot, lot_id in zip(new, ids, strict=True):
            lot.lot_id = lot_id
        changed = []
    return [
        *changed,
        *bookings.written(
            "insert_lot_entry",
            [entry | {"lot_id": lot.lot_id} for lot in entries.touched for entry in lot.entries],
        ),
        *bookings.written("insert_fill", entries.fills),
        *bookings.written("insert_cash_entry", entries.cash_entries),
        *bookings.written("add_cash", entries.cash_rows()),
        *bookings.written("update_order", entries.orders),
        *bookings.written("update_copy_order", entries.copy_orders),
        *bookings.written("add_late_fill", entries.late_fills),
        *bookings.written("update_exit_order", entries.exit_orders),
        *bookings.written("add_late_exit_fill", entries.late_exit_fills),
        *bookings.written("insert_exit_order", entries.new_exits),
        *bookings.written("update_hand", entries.hand_orders),
        *bookings.written("add_late_hand_fill", entries.late_hand_fills),
        *bookings.written("insert_shortfall", entries.shortfalls),
        *bookings.written("stop_accounts", entries.stops),
        *bookings.written("insert_outbox", entries.outbox),
        *bookings.written("insert_notification", entries.notifications),
    ]


async def follow_up(
    connection: AsyncConnection[TupleRow],
    questions: Sequence[Question],
    allocation_ids: Sequence[str],
    now: datetime,
    decide_waiting: DecideWaiting,
) -> None:
    """Ask these questions, and do what follows from ended orders in the same transaction: what waited is decided, what
    was closing has ended. Commits."""
    for allocation_id, token_id in await bookings.waiting_pairs(connection, questions, allocation_ids):
        await decide_waiting(connection, allocation_id, token_id, now)
    await bookings.end(connection, allocation_ids)
