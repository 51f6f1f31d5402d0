"""Orders at the exchange: the last look before a POST, and what was learnt of those that are not over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import AsyncConnection
from psycopg.rows import TupleRow, class_row

from schemas.enums import OrderState, Side, Venue
from streams.tables.asking import ask
from streams.tables.pool import Pool
from streams.tables.queries import query


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """An order that is not over, with what a POST or a look needs. ``seconds_since_post`` by the database's clock."""

    order_hash: str
    copy_order_id: str
    account_id: str
    venue: Venue
    side: Side
    token_id: str
    body: bytes
    state: OrderState
    signed_at: datetime
    last_posted_at: datetime | None
    posts: int
    venue_trade_ids: list[str] | None
    deadline: datetime | None
    seconds_since_post: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "side", Side(self.side))
        object.__setattr__(self, "venue", Venue(self.venue))
        object.__setattr__(self, "state", OrderState(self.state))


@dataclass(frozen=True, slots=True)
class Note:
    """What was learnt of an order that is not over. ``state``: accepted, matched, unknown, or signed (it waits)."""

    order_hash: str
    state: OrderState
    cause: str
    words: str | None = None
    trade_ids: tuple[str, ...] = ()


async def of_state(pool: Pool, *states: OrderState) -> list[OpenOrder]:
    """All orders in these states; a matched one only while its copy order is open."""
    async with pool.connection() as connection, connection.cursor(row_factory=class_row(OpenOrder)) as cursor:
        await cursor.execute(query("trading/orders_of_state"), {"states": [state.value for state in states]})
        return await cursor.fetchall()


async def look_before_post(
    pool: Pool,
    epoch: int,
    order_hashes: Sequence[str],
    from_state: OrderState,
    *,
    clock_agrees: bool,
    told_off: Sequence[str] = (),
) -> Mapping[str, str | None]:
    """Look once more at everything that may stop an order, and mark those that may go as posted, in one statement.

    Returns per order None (posted now), the reason that stops it, or "HOLD" (not now). An order that is missing may not
    be posted: it changed meanwhile, or the epoch is over. ``told_off``: BUYs that the book stops (SAFETY R2).
    """
    looked = {
        "order_hashes": list(order_hashes),
        "epoch": epoch,
        "from_state": from_state.value,
        "clock_agrees": clock_agrees,
        "told_off": list(told_off),
    }
    async with pool.connection() as connection:
        answers = await ask(connection, [("trading/look_before_post", looked)], commit=True)
    return {str(order_hash): verdict for order_hash, verdict in answers["trading/look_before_post"]}


async def note(connection: AsyncConnection[TupleRow], notes: Sequence[Note]) -> None:
    """Store what was learnt; an order that is over meanwhile stays as it is."""
    await connection.execute(
        query("trading/note_answers"),
        {
            "order_hash": [each.order_hash for each in notes],
            "state": [each.state.value for each in notes],
            "cause": [each.cause for each in notes],
            "words": [each.words for each in notes],
            "trade_ids": [",".join(each.trade_ids) or None for each in notes],
        },
    )


async def doubt_orders_of_the_dead(connection: AsyncConnection[TupleRow], epoch: int) -> None:
    """POSTs of earlier workers whose answer nobody has become unknown."""
    await connection.execute(query("trading/doubt_orders_of_the_dead"), {"epoch": epoch})


async def count_look(connection: AsyncConnection[TupleRow], order_hash: str, looks: int) -> None:
    """Keep how many looks showed nothing."""
    await connection.execute(query("trading/count_look"), {"order_hash": order_hash, "looks": looks})
