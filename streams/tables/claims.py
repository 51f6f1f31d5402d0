"""Claims of live accounts on resolved markets, and their redemptions (SAFETY R24, R25)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import orjson
from psycopg import AsyncConnection
from psycopg.rows import TupleRow, class_row

from schemas.money import plain
from streams.tables.pool import Pool
from streams.tables.queries import query
from streams.tables.settlements import Resolved


@dataclass(frozen=True, slots=True)
class Claimed:
    """What an account may redeem in a market: shares claimed and payout by token."""

    account_id: str
    market_id: str
    signature_type: int
    claimed: Mapping[str, Decimal]
    payouts: Mapping[str, Decimal]
    neg_risk: bool
    claimed_seconds_ago: float
    attempts: int

    def __post_init__(self) -> None:
        for name in ("claimed", "payouts"):
            exact = {token: Decimal(str(value)) for token, value in getattr(self, name).items()}
            object.__setattr__(self, name, exact)


@dataclass(frozen=True, slots=True)
class NewRedemption:
    """A redemption as it is stored before it is sent; ``expires_at`` where the chain refuses its bytes after that."""

    redemption_id: str
    account_id: str
    market_id: str
    attempt: int
    shares: Mapping[str, Decimal]
    usdc: Decimal
    nonce: int
    expires_at: datetime | None
    body: bytes


@dataclass(frozen=True, slots=True)
class OpenRedemption:
    """A redemption that is neither paid nor failed. ``expired``: the chain refuses its bytes by now."""

    redemption_id: str
    account_id: str
    market_id: str
    shares: Mapping[str, Decimal]
    usdc: Decimal
    nonce: int
    body: bytes
    state: str
    transaction_id: str | None
    posts: int
    looks: int
    expired: bool
    seconds_since_post: float

    def __post_init__(self) -> None:
        object.__setattr__(
            self, "shares", {token: Decimal(str(value)) for token, value in self.shares.items()}
        )
        object.__setattr__(self, "nonce", int(self.nonce))


@dataclass(frozen=True, slots=True)
class RedemptionNote:
    """What was learnt of a redemption; ``redeemed`` and ``failed`` end it."""

    redemption_id: str
    state: str
    cause: str
    words: str | None = None
    looks: int = 0
    transaction_id: str | None = None
    transaction_hash: str | None = None


async def tokens_to_claim(pool: Pool, most: int) -> list[Resolved]:
    """Resolved tokens in which a live account still holds a lot."""
    async with pool.connection() as connection, connection.cursor(row_factory=class_row(Resolved)) as cursor:
        await cursor.execute(query("trading/tokens_to_claim"), {"most": most})
        return await cursor.fetchall()


async def allocations_to_claim(pool: Pool, token_id: str, most: int) -> list[str]:
    """Live followings that hold a lot of the token."""
    async with pool.connection() as connection:
        found = await connection.execute(
            query("trading/allocations_to_claim"), {"token_id": token_id, "most": most}
        )
        return [str(row[0]) for row in await found.fetchall()]


async def to_redeem(pool: Pool, again_seconds: float, most: int) -> list[Claimed]:
    """Accounts and markets whose claims are worth something and are not being redeemed."""
    async with pool.connection() as connection, connection.cursor(row_factory=class_row(Claimed)) as cursor:
        await cursor.execute(query("trading/claims_to_redeem"), {"again": again_seconds, "most": most})
        return await cursor.fetchall()


async def store(connection: AsyncConnection[TupleRow], epoch: int, made: NewRedemption) -> bool:
    """Store a redemption with its bytes, before anything is sent; False while a withdrawal has the wallet's nonce."""
    shares = orjson.dumps({token: plain(amount) for token, amount in made.shares.items()}).decode()
    stored = await connection.execute(
        query("trading/insert_redemption"),
        {
            "redemption_id": made.redemption_id,
            "account_id": made.account_id,
            "market_id": made.market_id,
            "attempt": made.attempt,
            "shares": shares,
            "usdc": made.usdc,
            "nonce": made.nonce,
            "expires_at": made.expires_at,
            "body": made.body,
            "epoch": epoch,
        },
    )
    return stored.rowcount == 1


async def open_ones(pool: Pool, margin_seconds: float, most: int) -> list[OpenRedemption]:
    """All redemptions under way, oldest first."""
    async with (
        pool.connection() as connection,
        connection.cursor(row_factory=class_row(OpenRedemption)) as cursor,
    ):
        await cursor.execute(query("trading/open_redemptions"), {"margin": margin_seconds, "most": most})
        return await cursor.fetchall()


async def look_before_submit(connection: AsyncConnection[TupleRow], epoch: int, redemption_id: str) -> bool:
    """Mark that the bytes go out now; False when they may not."""
    found = await connection.execute(
        query("trading/look_before_submit"), {"epoch": epoch, "redemption_id": redemption_id}
    )
    return await found.fetchone() is not None


async def note(connection: AsyncConnection[TupleRow], learnt: RedemptionNote) -> bool:
    """Keep what was learnt; False when it had ended before."""
    found = await connection.execute(
        query("trading/note_redemption"),
        {
            "redemption_id": learnt.redemption_id,
            "state": learnt.state,
            "cause": learnt.cause,
            "words": learnt.words,
            "looks": learnt.looks,
            "transaction_id": learnt.transaction_id,
            "transaction_hash": learnt.transaction_hash,
        },
    )
    return await found.fetchone() is not None


async def pay(
    connection: AsyncConnection[TupleRow], account_id: str, market_id: str, redemption_id: str
) -> None:
    """The claims that a redemption paid."""
    await connection.execute(
        query("trading/pay_claims"),
        {"account_id": account_id, "market_id": market_id, "redemption_id": redemption_id},
    )


def claim_rows(rows: Sequence[tuple[int, str, str, str, Decimal, Decimal]]) -> list[dict[str, object]]:
    """Rows of claims: lot, account, market, token, shares, USDC."""
    names = ("lot_id", "account_id", "market_id", "token_id", "shares", "usdc")
    return [dict(zip(names, row, strict=True)) for row in rows]
