"""Wrapped data keys as they stand, and the step from one wrapping to another. No private key is read here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from psycopg.rows import class_row

from streams.tables.pool import Pool
from streams.tables.queries import query


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A wallet's data key as it is stored, with what it is bound to."""

    account_id: str
    user_id: str
    wallet: str
    version: int
    provider: str
    wrapped_data_key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Rewrapped:
    """The same data key under another wrapping; ``former`` is what it replaces."""

    account_id: str
    provider: str
    former: bytes = field(repr=False)
    wrapped_data_key: bytes = field(repr=False)


async def counted(pool: Pool) -> dict[str, int]:
    """How many data keys each provider's key has wrapped."""
    async with pool.connection() as connection:
        found = await connection.execute(query("trading/keys_by_provider"))
        return {str(provider): int(keys) for provider, keys in await found.fetchall()}


async def not_under(pool: Pool, provider: str, after: str, most: int) -> list[WrappedKey]:
    """Data keys that another key has wrapped, in order of account, behind ``after``."""
    async with (
        pool.connection() as connection,
        connection.cursor(row_factory=class_row(WrappedKey)) as cursor,
    ):
        await cursor.execute(
            query("trading/keys_to_rewrap"), {"provider": provider, "after": after, "most": most}
        )
        return await cursor.fetchall()


async def replace(pool: Pool, rows: Sequence[Rewrapped]) -> int:
    """Put new wrappings in place of those they were made from, in one transaction; how many were. A row that changed
    meanwhile stays as it is."""
    async with pool.connection() as connection:
        done = await connection.execute(
            query("trading/rewrap_keys"),
            {
                "account_id": [row.account_id for row in rows],
                "provider": [row.provider for row in rows],
                "former": [row.former for row in rows],
                "wrapped_data_key": [row.wrapped_data_key for row in rows],
            },
        )
        return done.rowcount
