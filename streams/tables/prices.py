"""Prices of tokens as the exchanges' books tell them, and which tokens somebody looks at or holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from schemas.enums import Venue
from streams.tables import bookings
from streams.tables.asking import ask
from streams.tables.pool import Pool
from streams.tables.queries import query


class Priced(NamedTuple):
    """A token, and the version of what ``markets`` knows of it (0: nothing)."""

    token_id: str
    version: int


async def wished(pool: Pool, venue: Venue, seconds: float, most: int) -> list[Priced]:
    """Tokens somebody looked at within so many seconds, the latest first."""
    return await _tokens(
        pool, "trading/prices_wished", {"venue": venue.value, "seconds": seconds, "most": most}
    )


async def held(pool: Pool, venue: Venue, most: int) -> list[Priced]:
    """Tokens of open lots whose market has not been resolved."""
    return await _tokens(pool, "trading/prices_of_held", {"venue": venue.value, "most": most})


async def keep(pool: Pool, venue: Venue, age_seconds: float, rows: Sequence[Mapping[str, object]]) -> None:
    """Keep prices (token_id, bid, offer, bid_depth_usdc, offer_depth_usdc) that were asked for ``age_seconds`` ago;
    a younger one stays."""
    async with pool.connection() as connection:
        for name, parameters in bookings.written("keep_prices", rows):
            await ask(connection, [(name, {**parameters, "venue": venue.value, "age_seconds": age_seconds})])


async def _tokens(pool: Pool, name: str, parameters: Mapping[str, object]) -> list[Priced]:
    async with pool.connection() as connection:
        found = await connection.execute(query(name), parameters)
        return [Priced(str(token), int(version)) for token, version in await found.fetchall()]
