"""Fills whose settlement failed after they were booked, with all their correction stands on (SAFETY R14)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from psycopg import AsyncConnection
from psycopg.rows import TupleRow, class_row

from schemas.allocations import AllocationSettings
from schemas.enums import AllocationState, Side, Venue
from streams.tables.bookings import OpenLot
from streams.tables.queries import query
from streams.trading.owed_exits import SellSince, Since


@dataclass(frozen=True, slots=True)
class FillTakenBack:
    """A booked fill. ``entry_…`` is what it did to its lot; all None for a sale whose lot was gone. Of a copy order and
    an exit order at most one is there."""

    fill_id: str
    order_hash: str
    account_id: str
    side: Side
    token_id: str
    shares: Decimal
    usdc: Decimal
    fee_usdc: Decimal
    account_user: str
    venue: Venue
    attempt: int
    copy_order_id: str | None
    allocation_id: str | None
    number: int | None
    limit_price: Decimal | None
    copy_state: str | None
    exit_order_id: str | None
    like_copy_order_id: str | None
    exit_allocation_id: str | None
    exit_limit_price: Decimal | None
    allocation_state: AllocationState
    closed: bool
    lot_id: int | None
    entry_shares: Decimal | None
    entry_cost_usdc: Decimal | None
    entry_realised_usdc: Decimal | None
    entry_fee_usdc: Decimal | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "side", Side(self.side))
        object.__setattr__(self, "venue", Venue(self.venue))
        object.__setattr__(self, "allocation_state", AllocationState(self.allocation_state))

    @property
    def following(self) -> str | None:
        """The allocation it was for; None by hand."""
        return self.allocation_id or self.exit_allocation_id


@dataclass(frozen=True, slots=True)
class LotOfFill(OpenLot):
    """A lot, closed perhaps."""

    closed: bool


async def fills_taken_back(
    connection: AsyncConnection[TupleRow], fill_ids: Sequence[str]
) -> list[FillTakenBack]:
    """Those of these fills that are booked and were not taken back yet, locked."""
    async with connection.cursor(row_factory=class_row(FillTakenBack)) as cursor:
        await cursor.execute(query("trading/fills_taken_back"), {"fill_ids": list(fill_ids)})
        return await cursor.fetchall()


async def lots_of_fills(
    connection: AsyncConnection[TupleRow], fills: Sequence[FillTakenBack]
) -> list[LotOfFill]:
    """The lots they were booked in, and the open ones of the same pairs, locked."""
    ids = sorted({fill.lot_id for fill in fills if fill.lot_id is not None})
    async with connection.cursor(row_factory=class_row(LotOfFill)) as cursor:
        await cursor.execute(query("trading/lots_of_fills"), {"lot_ids": ids})
        return await cursor.fetchall()


async def on_sale(
    connection: AsyncConnection[TupleRow], pairs: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], Decimal]:
    """Shares in open SELLs and exit orders of these pairs of allocation and token."""
    asked = {"allocation_ids": [pair[0] for pair in pairs], "token_ids": [pair[1] for pair in pairs]}
    found = await connection.execute(query("trading/on_sale"), asked)
    return {(str(row[0]), str(row[1])): row[2] for row in await found.fetchall()}


async def sells_since(connection: AsyncConnection[TupleRow], order_hashes: Sequence[str]) -> dict[str, Since]:
    """Of the BUYs among these orders, by hash, the SELLs decided since their trades; only where there are any."""
    found = await connection.execute(
        query("trading/sells_since"), {"order_hashes": list(order_hashes), "seconds": 0}
    )
    return since_of(await found.fetchall())


def since_of(rows: Sequence[TupleRow]) -> dict[str, Since]:
    """The rows of ``sells_since`` by order."""
    sells: defaultdict[str, list[SellSince]] = defaultdict(list)
    rest: dict[str, tuple[Decimal, AllocationSettings]] = {}
    for order_hash, copy_order_id, limit, size, price, before, selling, settings in rows:
        sells[order_hash].append(SellSince(copy_order_id, size, price, before, limit))
        rest[order_hash] = (selling, AllocationSettings.model_validate(settings))
    return {name: Since(each, *rest[name]) for name, each in sells.items()}
