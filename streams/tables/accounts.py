"""Accounts: their sealed keys, their opening, their paper money."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from psycopg import AsyncConnection
from psycopg.rows import TupleRow, class_row

from schemas.enums import Venue
from streams.tables.pool import Pool
from streams.tables.queries import query


@dataclass(frozen=True, slots=True)
class AccountKey:
    """An account with its envelope; all of the envelope is None before the key was made. ``wallet`` is the key's own
    address, ``address`` where the money is, ``signature_type`` how that belongs to the key."""

    account_id: str
    user_id: str
    venue: Venue
    wallet: str | None
    version: int | None
    provider: str | None
    wrapped_data_key: bytes | None
    sealed_key: bytes | None
    sealed_api: bytes | None
    signature_type: int = 0
    address: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "venue", Venue(self.venue))


@dataclass(frozen=True, slots=True)
class NewKey:
    """A sealed key as it is stored for an account."""

    account_id: str
    user_id: str
    wallet: str
    version: int
    provider: str
    wrapped_data_key: bytes
    sealed_key: bytes


@dataclass(frozen=True, slots=True)
class CreditAsked:
    """Paper money that somebody asked for and that has no cash entry yet."""

    credit_id: str
    account_id: str
    usdc: Decimal
    wallet: str


async def to_open(pool: Pool, venues: Sequence[str], most: int) -> list[AccountKey]:
    """Accounts that wait to be opened, oldest first."""
    return await _keys(pool, "trading/accounts_to_open", {"venues": list(venues), "most": most})


async def keys_of(pool: Pool, account_ids: Sequence[str]) -> list[AccountKey]:
    """The envelopes of accounts that are ready."""
    return await _keys(pool, "trading/keys_of_accounts", {"account_ids": list(account_ids)})


async def ready_accounts(pool: Pool, most: int) -> list[str]:
    """Accounts that may trade, those that traded last first."""
    async with pool.connection() as connection:
        found = await connection.execute(query("trading/ready_accounts"), {"most": most})
        return [str(row[0]) for row in await found.fetchall()]


async def to_listen(pool: Pool, most: int) -> list[str]:
    """Live accounts whose fills may come now, those with orders under way first."""
    async with pool.connection() as connection:
        found = await connection.execute(query("trading/accounts_to_listen"), {"most": most})
        return [str(row[0]) for row in await found.fetchall()]


async def _keys(pool: Pool, name: str, parameters: dict[str, object]) -> list[AccountKey]:
    async with (
        pool.connection() as connection,
        connection.cursor(row_factory=class_row(AccountKey)) as cursor,
    ):
        await cursor.execute(query(name), parameters)
        return await cursor.fetchall()


async def store_keys(connection: AsyncConnection[TupleRow], keys: Sequence[NewKey]) -> None:
    """Store sealed keys; an account that has one keeps it."""
    async with connection.cursor() as cursor:
        await cursor.executemany(
            query("trading/insert_key"),
            [
                {
                    "account_id": key.account_id,
                    "user_id": key.user_id,
                    "wallet": key.wallet,
                    "version": key.version,
                    "provider": key.provider,
                    "wrapped_data_key": key.wrapped_data_key,
                    "sealed_key": key.sealed_key,
                }
                for key in keys
            ],
        )


async def store_credentials(
    connection: AsyncConnection[TupleRow], sealed: Sequence[tuple[str, bytes]]
) -> None:
    """Store the sealed credentials of accounts."""
    async with connection.cursor() as cursor:
        await cursor.executemany(
            query("trading/keep_credentials"),
            [{"account_id": account_id, "sealed_api": content} for account_id, content in sealed],
        )


async def mark_ready(connection: AsyncConnection[TupleRow], opened: Sequence[tuple[str, str, int]]) -> None:
    """Accounts (id, where the money is, signature type) may trade from now on."""
    async with connection.cursor() as cursor:
        await cursor.executemany(
            query("trading/mark_account_ready"),
            [
                {"account_id": account_id, "wallet": address, "signature_type": signature_type}
                for account_id, address, signature_type in opened
            ],
        )


async def credits_to_give(pool: Pool, most: int) -> list[CreditAsked]:
    """Paper money not booked yet."""
    async with (
        pool.connection() as connection,
        connection.cursor(row_factory=class_row(CreditAsked)) as cursor,
    ):
        await cursor.execute(query("trading/credits_to_give"), {"most": most})
        return await cursor.fetchall()


async def book_credits(connection: AsyncConnection[TupleRow], credits: Sequence[CreditAsked]) -> None:
    """Book credits once each, with the accounts locked in order."""
    ids = sorted({credit.account_id for credit in credits})
    await connection.execute(query("trading/lock_accounts_by_id"), {"account_ids": ids})
    async with connection.cursor() as cursor:
        await cursor.executemany(
            query("trading/book_credit"),
            [
                {"account_id": credit.account_id, "credit_id": credit.credit_id, "usdc": credit.usdc}
                for credit in credits
            ],
        )
