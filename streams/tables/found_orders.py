"""Orders of an account that only the exchange knows: who is to be looked through, what is known, what is kept (R19)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from schemas.enums import Venue
from streams.tables import bookings
from streams.tables.asking import Connection, Question, ask
from streams.tables.bookings import OpenLot, Row
from streams.tables.pool import Pool


@dataclass(frozen=True, slots=True)
class AccountToLookThrough:
    """An account, and since when its orders and trades at the exchange are listed."""

    account_id: str
    venue: Venue
    since: datetime


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """What a lot keeps of its market."""

    token_id: str
    market_id: str
    tick: Decimal
    fee_rate: Decimal
    neg_risk: bool
    exchange_version: int


async def to_look_through(
    pool: Pool, venues: Sequence[str], back_seconds: float
) -> list[AccountToLookThrough]:
    """All accounts that may trade at these exchanges."""
    wanted = {"venues": list(venues), "back_seconds": back_seconds}
    async with pool.connection() as connection:
        answers = await ask(connection, [("trading/accounts_to_look_through", wanted)], commit=True)
    return [
        AccountToLookThrough(str(account), Venue(venue), since)
        for account, venue, since in answers["trading/accounts_to_look_through"]
    ]


async def unknown(pool: Pool, order_hashes: Sequence[str]) -> set[str]:
    """Those of the orders that the tables do not know."""
    async with pool.connection() as connection:
        return await unknown_still(connection, order_hashes)


async def unknown_still(connection: Connection, order_hashes: Sequence[str]) -> set[str]:
    """The same, in a transaction that holds their account's lock."""
    answers = await ask(connection, [("trading/known_orders", {"order_hashes": list(order_hashes)})])
    return set(order_hashes) - {str(row[0]) for row in answers["trading/known_orders"]}


async def not_booked(pool: Pool, fills: Sequence[tuple[str, str]]) -> set[str]:
    """Orders that we know and took for never sent or for nothing, of which the exchange has fills (id, order)."""
    named = {"fill_ids": [each[0] for each in fills], "order_hashes": [each[1] for each in fills]}
    async with pool.connection() as connection:
        answers = await ask(connection, [("trading/forgotten_fills", named)], commit=True)
    return {str(row[0]) for row in answers["trading/forgotten_fills"]}


async def load(
    connection: Connection, account_id: str, token_ids: Sequence[str]
) -> tuple[str, list[OpenLot], dict[str, TokenFacts]]:
    """Lock what a booking of found orders touches, in the agreed order: owner, open lots, facts of the tokens."""
    named = {"account_id": account_id, "token_ids": list(token_ids)}
    touched = await ask(connection, [("trading/allocations_of_lots", named)])
    names = [str(row[0]) for row in touched["trading/allocations_of_lots"]]
    await bookings.lock(connection, allocation_ids=names, account_ids=[account_id])
    answers = await ask(
        connection,
        [
            ("trading/owner_of_account", named),
            ("trading/lots_of_account", named),
            ("trading/facts_of_tokens", named),
        ],
    )
    return (
        str(answers["trading/owner_of_account"][0][0]),
        [OpenLot(*row) for row in answers["trading/lots_of_account"]],
        {str(row[0]): TokenFacts(*row) for row in answers["trading/facts_of_tokens"]},
    )


def keeping(rows: Sequence[Row], epoch: int) -> list[Question]:
    """The question that keeps found orders, books those that are over and stops their accounts' BUYs."""
    return [
        (name, {**parameters, "epoch": epoch})
        for name, parameters in bookings.written("insert_found_orders", rows)
    ]


async def write_position(pool: Pool) -> Decimal | None:
    """How far the database has been written, in bytes; None where it only follows another."""
    async with pool.connection() as connection:
        row = (await ask(connection, [("trading/write_position", {})], commit=True))[
            "trading/write_position"
        ][0]
    return None if row[0] else Decimal(row[1])
