"""Withdrawals as trading reads and writes them (SAFETY R25)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from psycopg import AsyncConnection
from psycopg.rows import TupleRow, class_row

from streams.tables.pool import Pool
from streams.tables.queries import query


@dataclass(frozen=True, slots=True)
class WithdrawalAsked:
    """A withdrawal that is not signed yet, with its address as it is now, and what its account has free (settled, less
    all other reserves). ``busy``: another transaction of the wallet is under way."""

    withdrawal_id: str
    account_id: str
    state: str
    address: str
    address_user_id: str
    user_id: str
    address_added_at: datetime
    address_held: bool
    usdc: Decimal
    free_usdc: Decimal
    now: datetime
    asked_seconds_ago: float
    busy: bool


@dataclass(frozen=True, slots=True)
class SignedWithdrawal:
    """The bytes of a withdrawal, as they are stored before they are sent."""

    withdrawal_id: str
    nonce: int
    expires_at: datetime | None
    body: bytes


@dataclass(frozen=True, slots=True)
class OpenWithdrawal:
    """A signed withdrawal whose end is not proven. ``withdrawn``: its address was taken away since."""

    withdrawal_id: str
    account_id: str
    user_id: str
    address: str
    usdc: Decimal
    nonce: int
    body: bytes
    state: str
    transaction_id: str | None
    posts: int
    looks: int
    mortal: bool
    expired: bool
    withdrawn: bool
    seconds_since_post: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "nonce", int(self.nonce))


@dataclass(frozen=True, slots=True)
class WithdrawalNote:
    """What was learnt of a withdrawal; ``done`` and ``refused`` end it."""

    withdrawal_id: str
    state: str
    cause: str
    words: str | None = None
    looks: int = 0
    transaction_id: str | None = None
    transaction_hash: str | None = None


async def asked_ones(pool: Pool, most: int) -> list[tuple[str, str]]:
    """Withdrawals that are not signed yet, oldest first: name and account."""
    async with pool.connection() as connection:
        found = await connection.execute(query("trading/withdrawals_asked"), {"most": most})
        return [(str(row[0]), str(row[1])) for row in await found.fetchall()]


async def to_sign(connection: AsyncConnection[TupleRow], withdrawal_id: str) -> WithdrawalAsked | None:
    """The row, locked; None when it is signed or over. Its account is locked by the caller, so the sums stand."""
    async with connection.cursor(row_factory=class_row(WithdrawalAsked)) as cursor:
        await cursor.execute(query("trading/withdrawal_to_sign"), {"withdrawal_id": withdrawal_id})
        return await cursor.fetchone()


async def store(connection: AsyncConnection[TupleRow], epoch: int, signed: SignedWithdrawal) -> None:
    """Store the bytes, before anything is sent."""
    values = {
        "withdrawal_id": signed.withdrawal_id,
        "nonce": signed.nonce,
        "expires_at": signed.expires_at,
        "body": signed.body,
        "epoch": epoch,
    }
    await connection.execute(query("trading/store_withdrawal"), values)


async def open_ones(pool: Pool, margin_seconds: float, most: int) -> list[OpenWithdrawal]:
    """All signed withdrawals under way, oldest first."""
    async with (
        pool.connection() as connection,
        connection.cursor(row_factory=class_row(OpenWithdrawal)) as cursor,
    ):
        await cursor.execute(query("trading/open_withdrawals"), {"margin": margin_seconds, "most": most})
        return await cursor.fetchall()


async def look_before_send(connection: AsyncConnection[TupleRow], epoch: int, withdrawal_id: str) -> bool:
    """Mark that the bytes go out now; False when they may not."""
    found = await connection.execute(
        query("trading/look_before_withdrawal"), {"epoch": epoch, "withdrawal_id": withdrawal_id}
    )
    return await found.fetchone() is not None


async def note(connection: AsyncConnection[TupleRow], learnt: WithdrawalNote) -> bool:
    """Keep what was learnt; False when it had ended before."""
    found = await connection.execute(
        query("trading/note_withdrawal"),
        {
            "withdrawal_id": learnt.withdrawal_id,
            "state": learnt.state,
            "cause": learnt.cause,
            "words": learnt.words,
            "looks": learnt.looks,
            "transaction_id": learnt.transaction_id,
            "transaction_hash": learnt.transaction_hash,
        },
    )
    return await found.fetchone() is not None
