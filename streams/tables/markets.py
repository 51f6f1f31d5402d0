"""Facts of tokens and values of leaders, as market_facts keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from schemas.markets import LeaderValued, MarketSeen
from streams.tables.queries import query

Connection = AsyncConnection[TupleRow]
COLUMNS: Final = tuple(name for name in MarketSeen.model_fields if name != "schema_version")


async def keep_markets(connection: Connection, markets: Sequence[MarketSeen]) -> None:
    """Keep each token's facts where their version is higher than the kept one; one value per token, in its order."""
    if markets:
        ordered = sorted(markets, key=lambda market: market.token_id)
        columns = {name: [getattr(market, name) for market in ordered] for name in COLUMNS}
        await connection.execute(query("markets/keep_markets").encode(), columns)


async def keep_leader_values(connection: Connection, values: Sequence[LeaderValued]) -> None:
    """Keep the values; of two with the same time the higher."""
    if values:
        columns = {
            "wallets": [value.wallet for value in values],
            "taken_at": [value.taken_at for value in values],
            "usdc": [value.usdc for value in values],
        }
        await connection.execute(query("markets/keep_leader_values").encode(), columns)


async def drop_old_leader_values(connection: Connection, hours: int) -> None:
    """Drop values taken longer ago than this."""
    await connection.execute(query("markets/drop_old_leader_values").encode(), {"hours": hours})
