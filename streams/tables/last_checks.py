"""What the look right before a POST reads and keeps beside its verdicts (SAFETY R2, R8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from schemas.enums import Venue
from schemas.money import plain
from streams.tables.asking import ask
from streams.tables.pool import Pool


@dataclass(frozen=True, slots=True)
class OpenBuyRow:
    """An open BUY; ``sent``: it went out."""

    order_hash: str
    usdc: Decimal
    limit_price: Decimal
    sent: bool


async def open_buys_of_token(pool: Pool, venue: Venue, token_id: str) -> list[OpenBuyRow]:
    """All followers' open BUYs of the token, in the order in which they were claimed."""
    wanted = {"venue": venue.value, "token_id": token_id}
    async with pool.connection() as connection:
        answers = await ask(connection, [("trading/open_buys_of_token", wanted)], commit=True)
    return [OpenBuyRow(*row) for row in answers["trading/open_buys_of_token"]]


async def note_leader_out(pool: Pool, order_hashes: Sequence[str]) -> None:
    """Keep with the decisions how soon the leader sold again."""
    async with pool.connection() as connection:
        noted = {"order_hashes": list(order_hashes)}
        await ask(connection, [("trading/note_leader_out", noted)], commit=True)


async def note_thin_market(
    pool: Pool, found: Mapping[str, tuple[Decimal, Decimal]], under: Decimal, seconds: float
) -> None:
    """Keep with the decisions what was wanted and what was bid (USDC), and the two settings that measured it."""
    noted = {
        "order_hash": list(found),
        "wanted": [plain(wanted) for wanted, _ in found.values()],
        "depth": [plain(depth) for _, depth in found.values()],
        "under": plain(under),
        "seconds": f"{seconds:g}",
    }
    async with pool.connection() as connection:
        await ask(connection, [("trading/note_thin_market", noted)], commit=True)
