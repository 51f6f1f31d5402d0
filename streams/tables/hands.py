"""Orders by hand and their quotes: asked for by people, answered, decided and carried out by trading (UX N4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import TupleRow, class_row, dict_row

from schemas.enums import Side, Venue
from streams.tables import bookings
from streams.tables.asking import ask
from streams.tables.bookings import OpenLot, OrderToBook
from streams.tables.plans import NewOrder, Plan, signed_columns
from streams.tables.pool import Pool
from streams.tables.queries import query


@dataclass(frozen=True, slots=True)
class HandToBook(OrderToBook):
    """An order of an order by hand, in the form of a copy order's: ``copy_order_id`` names the order by hand. Of a
    position by hand ``allocation_id`` is its account's (``by_hand``)."""

    @property
    def owner(self) -> str | None:
        """The allocation whose lot it is; None for what belongs to nobody's copying."""
        return None if self.allocation_id == by_hand(self.account_id) else self.allocation_id


def by_hand(account_id: str) -> str:
    """What stands for the allocation of an account's positions by hand."""
    return f"by hand {account_id}"


@dataclass(frozen=True, slots=True)
class QuoteAsked:
    """A quote that somebody waits for; ``tick`` and ``fee_rate`` are None where the market is not known."""

    quote_id: str
    venue: Venue
    side: Side
    token_id: str
    amount_usdc: Decimal | None
    shares: Decimal | None
    tick: Decimal | None
    fee_rate: Decimal | None
    min_buy_usdc: Decimal
    closed: bool
    market_version: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "side", Side(self.side))
        object.__setattr__(self, "venue", Venue(self.venue))


@dataclass(frozen=True, slots=True)
class HandCase:
    """All a decision on an order by hand reads, under the locks of its account and allocation."""

    manual_order_id: str
    side: Side
    amount_usdc: Decimal | None
    shares: Decimal | None
    limit_price: Decimal
    deadline: datetime
    now: datetime
    account_id: str
    venue: Venue
    account_state: str
    armed: bool
    day_cap_usdc: Decimal | None
    cash_usdc: Decimal
    reserved_usdc: Decimal
    spent_today_usdc: Decimal
    account_stopped: bool
    market_known: bool
    closed: bool
    fee_rate: Decimal
    min_buy_usdc: Decimal
    lot_shares: Decimal
    on_sale: Decimal
    buys_stopped: bool
    live_stopped: bool

    def __post_init__(self) -> None:
        object.__setattr__(self, "side", Side(self.side))
        object.__setattr__(self, "venue", Venue(self.venue))


async def pending(pool: Pool, within_seconds: float) -> bool:
    """Whether a quote was asked for within so many seconds, or an order by hand is to be decided or sent."""
    async with pool.connection() as connection:
        found = await connection.execute(query("trading/hands_pending"), {"within": within_seconds})
        row = await found.fetchone()
    return row is not None and bool(row[0])


async def quotes_asked(
    pool: Pool, venues: Sequence[str], within_seconds: float, most: int
) -> list[QuoteAsked]:
    """Quotes asked for within so many seconds and not answered."""
    async with (
        pool.connection() as connection,
        connection.cursor(row_factory=class_row(QuoteAsked)) as cursor,
    ):
        await cursor.execute(
            query("trading/quotes_to_answer"),
            {"venues": list(venues), "within": within_seconds, "most": most},
        )
        return await cursor.fetchall()


async def answer_quotes(
    connection: AsyncConnection[TupleRow], rows: Sequence[Mapping[str, object]], good_seconds: float
) -> None:
    """Answer quotes; those with a limit hold for so many seconds."""
    for name, parameters in bookings.written("answer_quotes", rows):
        await ask(connection, [(name, {**parameters, "seconds": good_seconds})])


async def waiting(pool: Pool, venues: Sequence[str], most: int) -> list[tuple[str, str, str | None]]:
    """Orders by hand to decide: id, account, and the allocation whose lot is to be sold."""
    async with pool.connection() as connection:
        found = await connection.execute(
            query("trading/hands_waiting"), {"venues": list(venues), "most": most}
        )
        return [(str(name), str(account), allocation) for name, account, allocation in await found.fetchall()]


async def load_case(connection: AsyncConnection[TupleRow], manual_order_id: str) -> HandCase | None:
    """What to decide on, under the caller's locks; None when it is decided already."""
    async with connection.cursor(row_factory=class_row(HandCase)) as cursor:
        await cursor.execute(query("trading/hands_to_decide"), {"manual_order_id": manual_order_id})
        return await cursor.fetchone()


async def decide(connection: AsyncConnection[TupleRow], row: Mapping[str, object]) -> None:
    """Store a decision (manual_order_id, state, reason, cause, reserve_usdc, decided_value, decided_limit)."""
    await ask(connection, [("trading/decide_hand", row)])


async def claim(connection: AsyncConnection[TupleRow], venues: Sequence[str], most: int) -> list[Plan]:
    """Lock the orders by hand that are next; each as a plan whose ``copy_order_id`` is the order by hand's."""
    async with connection.cursor(row_factory=class_row(Plan)) as cursor:
        await cursor.execute(query("trading/claim_hands"), {"venues": list(venues), "most": most})
        return await cursor.fetchall()


async def store(connection: AsyncConnection[TupleRow], epoch: int, orders: Sequence[NewOrder]) -> None:
    """Store their signed orders and take them, in the transaction that claimed them."""
    named = {"manual_order_ids": [order.plan.copy_order_id for order in orders]}
    signed = {**signed_columns(epoch, orders), "manual_order_id": named["manual_order_ids"]}
    answers = await ask(connection, [("trading/take_hands", named), ("trading/store_hand_orders", signed)])
    assert len(answers["trading/take_hands"]) == len(orders), "a claimed order by hand is locked"


async def accounts_to_pay_out(pool: Pool, token_id: str, most: int) -> list[str]:
    """Accounts that hold a position by hand in the token, with no order by hand open in it."""
    async with pool.connection() as connection:
        found = await connection.execute(
            query("trading/hands_to_pay_out"), {"token_id": token_id, "most": most}
        )
        return [str(row[0]) for row in await found.fetchall()]


async def lots_by_hand(
    connection: AsyncConnection[TupleRow], account_ids: Sequence[str], token_id: str
) -> list[OpenLot]:
    """Their open positions by hand in the token, locked; without those that orders by hand are open in."""
    named = {"account_ids": list(account_ids), "token_id": token_id}
    answers = await ask(connection, [("trading/lots_by_hand", named)])
    return [OpenLot(*row) for row in answers["trading/lots_by_hand"]]


async def over(pool: Pool, most: int) -> list[dict[str, Any]]:
    """Planned orders by hand that can have no order any more."""
    async with pool.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(query("trading/hands_that_are_over"), {"most": most})
        return await cursor.fetchall()


async def end(
    connection: AsyncConnection[TupleRow], ends: Sequence[Mapping[str, object]]
) -> list[dict[str, Any]]:
    """End planned orders by hand (manual_order_id, state, reason, reject_reason, cause); those that went on stay."""
    columns = ("manual_order_id", "state", "reason", "reject_reason", "cause")
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            query("trading/end_hands"), {name: [each[name] for each in ends] for name in columns}
        )
        return await cursor.fetchall()
