"""Exit orders: sales without a copy order, each with its cause (SAFETY R6, R14)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import TupleRow, class_row, dict_row

from streams.tables.asking import ask
from streams.tables.bookings import OrderToBook
from streams.tables.plans import NewOrder, Plan, signed_columns
from streams.tables.pool import Pool
from streams.tables.queries import query


@dataclass(frozen=True, slots=True)
class ExitToBook(OrderToBook):
    """An order of an exit order, in the form of a copy order's: ``copy_order_id`` names the exit order,
    ``like_copy_order_id`` the SELL whose limits and attempts it has."""

    like_copy_order_id: str
    cause_kind: str


async def tokens_to_look_at(pool: Pool, venues: Sequence[str], most: int) -> list[tuple[str, str]]:
    """Venue and token of each later attempt that is due."""
    async with pool.connection() as connection:
        found = await connection.execute(
            query("trading/exit_tokens_to_look_at"), {"venues": list(venues), "most": most}
        )
        return [(str(venue), str(token_id)) for venue, token_id in await found.fetchall()]


async def claim(
    connection: AsyncConnection[TupleRow], venues: Sequence[str], looked_at: Sequence[str], most: int
) -> list[Plan]:
    """Lock the exit orders that are next; each as a plan whose ``copy_order_id`` is the exit order's."""
    async with connection.cursor(row_factory=class_row(Plan)) as cursor:
        await cursor.execute(
            query("trading/claim_exits"),
            {"venues": list(venues), "looked_at": list(looked_at), "most": most},
        )
        return await cursor.fetchall()


async def store(connection: AsyncConnection[TupleRow], epoch: int, orders: Sequence[NewOrder]) -> None:
    """Store their signed orders and take them, in the transaction that claimed them."""
    named = {"exit_order_ids": [order.plan.copy_order_id for order in orders]}
    signed = {**signed_columns(epoch, orders), "exit_order_id": named["exit_order_ids"]}
    answers = await ask(connection, [("trading/take_exits", named), ("trading/store_exit_orders", signed)])
    assert len(answers["trading/take_exits"]) == len(orders), "a claimed exit order is locked"


async def over(pool: Pool, most: int) -> list[dict[str, Any]]:
    """Planned exit orders of ended followings and closed markets."""
    async with pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query("trading/exits_that_are_over"), {"most": most})
        return await cursor.fetchall()


async def end(connection: AsyncConnection[TupleRow], ends: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """End planned exit orders (exit_order_id, state, reason, reject_reason, cause); those that went on stay."""
    columns = ("exit_order_id", "state", "reason", "reject_reason", "cause")
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            query("trading/end_exits"), {name: [each[name] for each in ends] for name in columns}
        )
        return await cursor.fetchall()
