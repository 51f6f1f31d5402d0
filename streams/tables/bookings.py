"""The rows of a booking: loaded under the locks in the agreed order, written in one go (SAFETY R4)."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import orjson
from psycopg import AsyncConnection
from psycopg.rows import TupleRow, class_row

from schemas.enums import AllocationState, CopyState, OrderState, Side, Venue
from streams.tables.queries import query

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class OrderToBook:
    """An order with its copy order, allocation and market, locked. ``proven``: its end is booked already. The sums are
    the copy order's."""

    order_hash: str
    order_state: OrderState
    proven: bool
    attempt: int
    token_id: str
    side: Side
    account_id: str
    copy_order_id: str
    trade_id: str
    allocation_id: str
    user_id: str
    follower: str | None
    leader: str
    venue: Venue
    number: int
    traded_at: datetime
    market_id: str | None
    copy_state: CopyState
    amount_usdc: Decimal | None
    shares: Decimal | None
    attempts: int
    filled_shares: Decimal
    filled_usdc: Decimal
    fee_usdc: Decimal
    realised_usdc: Decimal
    attempts_max: int
    allocation_state: AllocationState
    known_market_id: str | None
    tick: Decimal | None
    fee_rate: Decimal | None
    neg_risk: bool | None
    exchange_version: int | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "order_state", OrderState(self.order_state))
        object.__setattr__(self, "side", Side(self.side))
        object.__setattr__(self, "venue", Venue(self.venue))
        object.__setattr__(self, "copy_state", CopyState(self.copy_state))
        object.__setattr__(self, "allocation_state", AllocationState(self.allocation_state))


@dataclass(frozen=True, slots=True)
class OpenLot:
    """A row of ``lots``, locked; ``bought_seconds_ago`` since its last purchase was booked."""

    lot_id: int
    allocation_id: str | None
    account_id: str
    user_id: str
    token_id: str
    market_id: str
    shares: Decimal
    cost_usdc: Decimal
    target_shares: Decimal
    adds: int
    realised_usdc: Decimal
    fees_usdc: Decimal
    applied_number: int
    opened_traded_at: datetime
    tick: Decimal
    fee_rate: Decimal
    neg_risk: bool
    exchange_version: int
    bought_seconds_ago: float | None


async def lock(
    connection: AsyncConnection[TupleRow],
    *,
    order_hashes: Sequence[str] = (),
    copy_order_ids: Sequence[str] = (),
    allocation_ids: Sequence[str] = (),
    account_ids: Sequence[str] = (),
) -> list[str]:
    """Lock the allocations, then their accounts, each in order of id. Returns the allocations' ids."""
    found = await connection.execute(
        query("trading/lock_allocations"),
        {
            "order_hashes": list(order_hashes),
            "copy_order_ids": list(copy_order_ids),
            "allocation_ids": list(allocation_ids),
        },
    )
    locked = [str(row[0]) for row in await found.fetchall()]
    await connection.execute(
        query("trading/lock_accounts"),
        {
            "order_hashes": list(order_hashes),
            "allocation_ids": locked,
            "account_ids": list(account_ids),
        },
    )
    return locked


async def load_orders(
    connection: AsyncConnection[TupleRow], order_hashes: Sequence[str], attempts_max: int
) -> list[OrderToBook]:
    """The orders, locked, in the order of their leaders' trades; ``attempts_max`` where the settings name none."""
    async with connection.cursor(row_factory=class_row(OrderToBook)) as cursor:
        await cursor.execute(
            query("trading/orders_to_book"),
            {"order_hashes": list(order_hashes), "attempts_max": attempts_max},
        )
        return await cursor.fetchall()


async def load_lots(
    connection: AsyncConnection[TupleRow], allocation_ids: Sequence[str], token_ids: Sequence[str]
) -> list[OpenLot]:
    """The open lots of these pairs of allocation and token, locked."""
    async with connection.cursor(row_factory=class_row(OpenLot)) as cursor:
        await cursor.execute(
            query("trading/open_lots"),
            {"allocation_ids": list(allocation_ids), "token_ids": list(token_ids)},
        )
        return await cursor.fetchall()


async def booked_fills(connection: AsyncConnection[TupleRow], order_hashes: Sequence[str]) -> set[str]:
    """The ids of the fills of these orders that are booked already."""
    found = await connection.execute(query("trading/booked_fills"), {"order_hashes": list(order_hashes)})
    return {str(row[0]) for row in await found.fetchall()}


async def write(connection: AsyncConnection[TupleRow], name: str, rows: Sequence[Row]) -> None:
    """Run the statement ``trading/<name>`` once for all rows."""
    if rows:
        await connection.execute(query(f"trading/{name}"), {"rows": _as_json(rows)})


async def insert_lots(connection: AsyncConnection[TupleRow], rows: Sequence[Row]) -> list[int]:
    """Insert lots; their ids in the order of the rows."""
    if not rows:
        return []
    found = await (await connection.execute(query("trading/insert_lot"), {"rows": _as_json(rows)})).fetchall()
    wanted = [(row["allocation_id"], row["token_id"]) for row in rows]
    assert [(allocation, token) for _, allocation, token in found] == wanted, "rows come back in their order"
    return [int(lot_id) for lot_id, _, _ in found]


def _as_json(rows: Sequence[Row]) -> str:
    """Decimals as text, digit for digit; bytes as base64."""
    return orjson.dumps(list(rows), default=_plain).decode()


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"no column holds a {type(value).__name__}")


async def waiting_pairs(
    connection: AsyncConnection[TupleRow], allocation_ids: Sequence[str]
) -> list[tuple[str, str]]:
    """Allocation and token where copy orders wait and no BUY is open any more."""
    found = await connection.execute(query("trading/waiting_pairs"), {"allocation_ids": list(allocation_ids)})
    return [(str(allocation_id), str(token_id)) for allocation_id, token_id in await found.fetchall()]


async def end_closing_allocations(
    connection: AsyncConnection[TupleRow], allocation_ids: Sequence[str]
) -> None:
    """Allocations that are closing and hold nothing any more have ended."""
    await connection.execute(
        query("trading/end_closing_allocations"), {"allocation_ids": list(allocation_ids)}
    )
