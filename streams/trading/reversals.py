"""A match that failed on the chain after it was booked is taken back: lots, cash and sums by rows of their own, the
owner told, a sale begun anew (DESIGN §8, SAFETY R14)."""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from streams.tables import bookings, reversals
from streams.tables.asking import Question
from streams.tables.epochs import writing
from streams.trading.bookkeeper import follow_up
from streams.trading.corrections import Corrections, LotState, state_of
from streams.trading.desk import Desk
from streams.venues.trades import FillSeen

_log = structlog.get_logger("trading.reversals")


class Reversals:
    """Corrects the books for settlements that failed, each once."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def take_back(self, failed: Sequence[FillSeen]) -> int:
        """Take back those of these fills that are booked and were not taken back yet; how many. One transaction."""
        names = {f"{fill.trade_id}:{fill.order_hash}": fill.order_hash for fill in failed}
        hashes = sorted(set(names.values()))
        async with writing(self._desk.pool, self._desk.epoch) as connection:
            locked = await bookings.lock(connection, order_hashes=hashes)
            fills = await reversals.fills_taken_back(connection, sorted(names))
            if not fills:
                return 0
            lots = await reversals.lots_of_fills(connection, fills)
            pairs = sorted({(fill.following, fill.token_id) for fill in fills if fill.following is not None})
            made = Corrections(
                {lot.lot_id: state_of(lot) for lot in lots},
                await reversals.sells_since(connection, hashes),
                await reversals.on_sale(connection, pairs),
            )
            for fill in fills:
                made.take_back(fill)
            questions = await _written(connection, made)
            questions += [
                ("trading/fail_fills", {"fill_ids": [fill.fill_id for fill in fills]}),
                ("trading/fail_orders", {"order_hashes": hashes}),
                ("trading/settle_orders", {"order_hashes": hashes}),
                ("trading/mark_reversed", {"copy_order_ids": [f.copy_order_id for f in fills]}),
            ]
            await follow_up(connection, questions, locked, self._desk.now(), self._desk.decide_waiting)
        for fill in fills:
            _log.warning("taken_back", fill_id=fill.fill_id, side=fill.side.value, shares=str(fill.shares))
        self._desk.figures.settled.labels("failed").inc(len(fills))
        return len(fills)


async def _written(connection: AsyncConnection[TupleRow], made: Corrections) -> list[Question]:
    """The questions that write a correction; lots are written at once where new ones need their ids."""
    new = [lot for lot in made.touched if lot.lot_id is None]
    changed = bookings.written("correct_lot", [lot.row() for lot in made.touched if lot not in new])
    if new:
        ids = await bookings.insert_lots(connection, changed, [lot.row() for lot in new])
        for lot, lot_id in zip(new, ids, strict=True):
            lot.lot_id = lot_id
        changed = []
    return [
        *changed,
        *bookings.written("insert_lot_entry", _entries(made.touched)),
        *bookings.written("insert_cash_entry", made.cash_entries),
        *bookings.written(
            "add_cash",
            [{"account_id": account, "usdc": usdc} for account, usdc in sorted(made.cash.items()) if usdc],
        ),
        *bookings.written("insert_reversal", [row | {"lot_id": lot.lot_id} for row, lot in made.reversals]),
        *bookings.written("insert_shortfall", made.shortfalls),
        *bookings.written("stop_accounts", made.stops),
        *bookings.written("insert_exit_order", made.exits),
        *bookings.written("insert_notification", made.notices),
    ]


def _entries(lots: Sequence[LotState]) -> list[bookings.Row]:
    return [entry | {"lot_id": lot.lot_id} for lot in lots for entry in lot.entries]
