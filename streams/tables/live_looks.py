"""Looks at live accounts that people ask for, and caps that begin to count (UX S14a, SAFETY R26)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import TupleRow, class_row

from streams.tables import bookings
from streams.tables.pool import Pool
from streams.tables.queries import query


@dataclass(frozen=True, slots=True)
class LookAsked:
    """A look that somebody waits for; ``ready``: the account's wallet stands and is logged in."""

    look_id: int
    account_id: str
    ready: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAnswer:
    """What was seen; None where it could not be looked at. ``closed_only``: the exchange lets this
    account only sell. USDC at the exchange; seconds its clock is ahead of ours."""

    look_id: int
    region: str | None
    region_allowed: bool | None
    wallet_ready: bool | None
    permitted: bool | None
    closed_only: bool | None
    cash_usdc: Decimal | None
    withdrawal_possible: bool | None
    clock_ahead_seconds: Decimal | None

    def row(self) -> Mapping[str, Any]:
        """By the names of the columns."""
        return {name: getattr(self, name) for name in self.__slots__}


async def asked(pool: Pool, within_seconds: float, most: int) -> list[LookAsked]:
    """Looks asked for within so many seconds and not answered."""
    async with pool.connection() as connection, connection.cursor(row_factory=class_row(LookAsked)) as cursor:
        await cursor.execute(query("trading/looks_to_answer"), {"within": within_seconds, "most": most})
        return await cursor.fetchall()


async def answer(connection: AsyncConnection[TupleRow], seen: LookAnswer) -> None:
    """Answer a look."""
    await connection.execute(query("trading/answer_look"), seen.row())


async def stop_closed_only(
    connection: AsyncConnection[TupleRow], account_id: str, look_id: int, *, closed_only: bool
) -> bool:
    """Stop the account's live BUYs because the exchange lets it only sell, under its lock, or let them go again because
    it does not any more; whether that changed anything. Its owner is told once of a stop."""
    named = {"account_id": account_id, "look_id": look_id}
    if closed_only:
        await bookings.lock(connection, account_ids=[account_id])
    found = await connection.execute(
        query("trading/stop_closed_only" if closed_only else "trading/lift_closed_only"), named
    )
    return await found.fetchone() is not None


async def kept_apart(connection: AsyncConnection[TupleRow], account_id: str) -> bool:
    """Whether money from outside waits for its owner to accept it (SAFETY R38)."""
    found = await connection.execute(query("trading/money_kept_apart"), {"account_id": account_id})
    return await found.fetchone() is not None


async def forget(connection: AsyncConnection[TupleRow]) -> None:
    """Looks of former days."""
    await connection.execute(query("trading/forget_looks"))


async def raise_caps(connection: AsyncConnection[TupleRow]) -> list[str]:
    """Accounts whose higher cap counts from now on."""
    found = await connection.execute(query("trading/raise_day_caps"))
    return [str(row[0]) for row in await found.fetchall()]
