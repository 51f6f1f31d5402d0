"""What is known of tokens, as the exchange is told it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from psycopg.rows import class_row

from streams.tables.pool import Pool
from streams.tables.queries import query


@dataclass(frozen=True, slots=True)
class KnownMarket:
    """A row of ``markets``; ``closed`` is False for a resolved one, whose end is told by resolving it."""

    token_id: str
    market_id: str
    question: str | None
    outcome: str | None
    tick: Decimal
    min_buy_usdc: Decimal
    min_rest_shares: Decimal
    fee_rate: Decimal
    neg_risk: bool
    end_at: datetime | None
    closed: bool
    version: int


async def of_tokens(pool: Pool, token_ids: Sequence[str]) -> list[KnownMarket]:
    """What is known of these tokens; those nobody knows are left out."""
    async with (
        pool.connection() as connection,
        connection.cursor(row_factory=class_row(KnownMarket)) as cursor,
    ):
        await cursor.execute(query("trading/markets_of_tokens"), {"token_ids": list(token_ids)})
        return await cursor.fetchall()
