"""Settlement on the chain and the payout of resolved markets: what is due, and what was done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from psycopg import AsyncConnection
from psycopg.rows import TupleRow, class_row

from schemas.enums import Venue
from streams.tables.asking import Question
from streams.tables.pool import Pool
from streams.tables.queries import query


@dataclass(frozen=True, slots=True)
class OrderToSettle:
    """An order whose trades are looked at again."""

    order_hash: str
    account_id: str
    venue: Venue
    token_id: str
    signed_at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "venue", Venue(self.venue))


@dataclass(frozen=True, slots=True)
class Resolved:
    """A token of a resolved market; ``payout`` in USDC per share."""

    token_id: str
    market_id: str
    payout: Decimal


async def to_settle(pool: Pool, after_seconds: float, most: int, seen: Sequence[str]) -> list[OrderToSettle]:
    """Matched orders whose fills are booked, oldest first, without those ``seen`` a moment ago."""
    return await _orders(
        pool, "trading/orders_to_settle", {"after": after_seconds, "most": most, "seen": list(seen)}
    )


async def not_found(pool: Pool, within_seconds: float, most: int, seen: Sequence[str]) -> list[OrderToSettle]:
    """Orders that ended by proof of absence not long ago, oldest first, without those ``seen`` a moment ago."""
    values = {"within": within_seconds, "most": most, "seen": list(seen)}
    return await _orders(pool, "trading/orders_not_found", values)


async def _orders(pool: Pool, name: str, parameters: dict[str, object]) -> list[OrderToSettle]:
    async with (
        pool.connection() as connection,
        connection.cursor(row_factory=class_row(OrderToSettle)) as cursor,
    ):
        await cursor.execute(query(name), parameters)
        return await cursor.fetchall()


async def note(
    connection: AsyncConnection[TupleRow], statuses: Sequence[tuple[str, str]], order_hashes: Sequence[str]
) -> int:
    """Keep the fills' statuses (fill id, status); orders all of whose fills are confirmed are settled. Their number."""
    async with connection.cursor() as cursor:
        await cursor.executemany(
            query("trading/note_settlement"),
            [{"fill_id": fill_id, "status": status} for fill_id, status in statuses],
        )
        await cursor.execute(query("trading/settle_orders"), {"order_hashes": list(order_hashes)})
        return cursor.rowcount


async def to_pay_out(pool: Pool, most: int) -> list[Resolved]:
    """Resolved tokens in which somebody still holds a lot."""
    async with pool.connection() as connection, connection.cursor(row_factory=class_row(Resolved)) as cursor:
        await cursor.execute(query("trading/tokens_to_pay_out"), {"most": most})
        return await cursor.fetchall()


async def resolved(pool: Pool) -> list[Resolved]:
    """All resolved tokens."""
    async with pool.connection() as connection, connection.cursor(row_factory=class_row(Resolved)) as cursor:
        await cursor.execute(query("trading/tokens_resolved"))
        return await cursor.fetchall()


async def payouts_of_market(pool: Pool, market_id: str) -> dict[str, tuple[Decimal, int]]:
    """Payout and version of each resolved token of a market."""
    async with pool.connection() as connection:
        found = await connection.execute(query("trading/payouts_of_market"), {"market_id": market_id})
        return {str(token): (payout, int(version)) for token, payout, version in await found.fetchall()}


async def allocations_to_pay_out(pool: Pool, token_id: str, most: int) -> list[str]:
    """Allocations that hold a lot of the token."""
    async with pool.connection() as connection:
        found = await connection.execute(
            query("trading/allocations_to_pay_out"), {"token_id": token_id, "most": most}
        )
        return [str(row[0]) for row in await found.fetchall()]


async def at_rest(
    connection: AsyncConnection[TupleRow], allocation_ids: Sequence[str], token_id: str
) -> list[str]:
    """Of these (locked) allocations those without an open copy order in the token."""
    found = await connection.execute(
        query("trading/pairs_at_rest"), {"allocation_ids": list(allocation_ids), "token_id": token_id}
    )
    return [str(row[0]) for row in await found.fetchall()]


async def dust_to_pay_out(
    connection: AsyncConnection[TupleRow], token_id: str, payout: Decimal
) -> list[tuple[str, Decimal]]:
    """Per account what the exchange pays for dust and fractions, or does not pay for shares that are lacking
    (negative), not booked yet."""
    found = await connection.execute(
        query("trading/dust_to_pay_out"), {"token_id": token_id, "payout": payout}
    )
    return [(str(account_id), usdc) for account_id, usdc in await found.fetchall()]


def telling(lot_ids: Sequence[int | None]) -> list[Question]:
    """The question that tells the owners of lots what became of them; asked once their payouts are written."""
    return [("trading/tell_resolved", {"lot_ids": list(lot_ids)})] if lot_ids else []
