"""Lots of a resolved token ended at shares × payout, under the locks that the caller holds (RULES §5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from streams.tables import bookings
from streams.tables.settlements import Resolved
from streams.trading.booking import settle
from streams.trading.lot_books import stored


@dataclass(frozen=True, slots=True)
class ClosedLot:
    """A lot that ended: what it held, and what that is worth in USDC."""

    lot_id: int
    account_id: str
    shares: Decimal
    usdc: Decimal


async def close_lots(
    connection: AsyncConnection[TupleRow], allocation_ids: Sequence[str], token: Resolved
) -> list[ClosedLot]:
    """Close the open lots of these (locked) allocations; lots and their entries are written, cash is the caller's."""
    found = await bookings.load_lots(connection, allocation_ids, [token.token_id] * len(allocation_ids))
    closed: list[ClosedLot] = []
    lots = []
    for row in found:
        lot = stored(row)
        assert lot.held is not None, "an open lot"
        booking = settle(lot.held, token.payout)
        closed.append(ClosedLot(row.lot_id, row.account_id, lot.held.shares, booking.cash_usdc))
        lot.take("payout", token.token_id, booking)
        lots.append(lot)
    await bookings.write(connection, "update_lot", [lot.row() for lot in lots])
    entries = [entry | {"lot_id": lot.lot_id} for lot in lots for entry in lot.entries]
    await bookings.write(connection, "insert_lot_entry", entries)
    return closed
