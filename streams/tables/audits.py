"""Audits of accounts: the books they compare, and what they found (SAFETY R38)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from psycopg import AsyncConnection
from psycopg.rows import TupleRow, class_row

from schemas.enums import Venue
from streams.tables.pool import Pool
from streams.tables.queries import query
from streams.tables.reversals import LotOfFill

CASH = "USDC"
WITHDRAWING = frozenset({"a withdrawal is under way", "a withdrawal has just ended"})
"""What keeps an account from being at rest for an audit, and not for the proof of a withdrawal (account_books.sql)."""


@dataclass(frozen=True, slots=True)
class AuditRequest:
    """An audit that somebody asked for: of one account, or of all."""

    request_id: str
    account_id: str | None
    accept: bool
    allow_buys: bool


@dataclass(frozen=True, slots=True)
class AccountBooks:
    """What the exchange should have of an account. ``busy`` keeps it from being at rest; ``mark`` changes with
    every booking; its trades matter from ``since`` on."""

    user_id: str
    venue: Venue
    cash: Decimal
    since: datetime
    busy: str | None
    mark: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "venue", Venue(self.venue))


async def next_request(pool: Pool) -> AuditRequest | None:
    """The oldest audit asked for that nobody has begun, begun now."""
    async with (
        pool.connection() as connection,
        connection.cursor(row_factory=class_row(AuditRequest)) as cursor,
    ):
        await cursor.execute(query("trading/next_audit_request"))
        return await cursor.fetchone()


async def of_request(pool: Pool, venues: Sequence[str], account_id: str | None) -> list[str]:
    """The accounts that a request is about."""
    return await _names(
        pool, "trading/accounts_of_request", {"venues": list(venues), "account_id": account_id}
    )


async def due(
    pool: Pool, venues: Sequence[str], since: datetime, again_seconds: float, most: int
) -> list[str]:
    """Accounts whose audit is due since then; one that was busy comes again after so many seconds."""
    values = {"venues": list(venues), "since": since, "again": again_seconds, "most": most}
    return await _names(pool, "trading/accounts_to_audit", values)


async def _names(pool: Pool, name: str, values: dict[str, object]) -> list[str]:
    async with pool.connection() as connection:
        found = await connection.execute(query(name), values)
        return [str(row[0]) for row in await found.fetchall()]


async def books(
    connection: AsyncConnection[TupleRow], account_id: str
) -> tuple[AccountBooks, dict[str, Decimal]]:
    """The account's books, and what the exchange should show of each asset."""
    named = {"account_id": account_id}
    async with connection.cursor(row_factory=class_row(AccountBooks)) as cursor:
        await cursor.execute(query("trading/account_books"), named)
        account = await cursor.fetchone()
    assert account is not None, "an account that is ready"
    found = await connection.execute(query("trading/account_shares"), named)
    shares = {str(token): amount for token, amount in await found.fetchall()}
    return account, {CASH: account.cash} | shares


async def known_fills(
    connection: AsyncConnection[TupleRow], fills: Sequence[tuple[str, str]]
) -> dict[str, tuple[bool, str | None]]:
    """By fill (its id, its order): whether the order is ours, and how far the fill is booked (None: not)."""
    asked = {"fill_ids": [each[0] for each in fills], "order_hashes": [each[1] for each in fills]}
    found = await connection.execute(query("trading/known_fills"), asked)
    return {str(row[0]): (bool(row[1]), row[2]) for row in await found.fetchall()}


async def allocations_of(connection: AsyncConnection[TupleRow], account_id: str) -> list[str]:
    """The followings of an account."""
    found = await connection.execute(query("trading/allocations_of_account"), {"account_id": account_id})
    return [str(row[0]) for row in await found.fetchall()]


async def lots_of(connection: AsyncConnection[TupleRow], account_id: str, token_id: str) -> list[LotOfFill]:
    """The open lots of an account in a token, those by hand first, locked."""
    async with connection.cursor(row_factory=class_row(LotOfFill)) as cursor:
        await cursor.execute(query("trading/lots_to_audit"), {"account_id": account_id, "token_id": token_id})
        return await cursor.fetchall()


async def open_shortfall(connection: AsyncConnection[TupleRow], account_id: str, token_id: str) -> Decimal:
    """Shares the account is known to lack of a token (SAFETY R14)."""
    named = {"account_id": account_id, "token_id": token_id}
    row = await (await connection.execute(query("trading/open_shortfall"), named)).fetchone()
    assert row is not None
    return Decimal(row[0])


async def insert_move(
    connection: AsyncConnection[TupleRow], account_id: str, asset: str, amount: Decimal
) -> int:
    """Keep that something came from outside (positive) or left; the row's number."""
    named = {"account_id": account_id, "asset": asset, "amount": amount}
    row = await (await connection.execute(query("trading/insert_external_move"), named)).fetchone()
    assert row is not None
    return int(row[0])
