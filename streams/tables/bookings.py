"""The rows of a booking: loaded under the locks in the agreed order, written in one go (SAFETY R4)."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

import orjson
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from schemas.enums import AllocationState, CopyState, OrderState, Side, Venue
from streams.tables.asking import Question, Rows, ask
from streams.tables.epochs import check_held, holding

Row = Mapping[str, object]
LATE_SECONDS: Final = 5.0
"""No SELL passes a BUY that was posted more recently (RULES §4 check 5): nothing was sold since its trade."""


@dataclass(frozen=True, slots=True)
class OrderToBook:
    """An order with its copy order, allocation and market, locked. ``proven``: its end is booked already. The sums are
    the copy order's."""

    order_hash: str
    order_state: OrderState
    proven: bool
    attempt: int
    token_id: str
    side: Side
    account_id: str
    copy_order_id: str
    trade_id: str
    allocation_id: str
    user_id: str
    follower: str | None
    leader: str
    venue: Venue
    number: int
    traded_at: datetime
    market_id: str | None
    copy_state: CopyState
    amount_usdc: Decimal | None
    shares: Decimal | None
    attempts: int
    filled_shares: Decimal
    filled_usdc: Decimal
    fee_usdc: Decimal
    realised_usdc: Decimal
    attempts_max: int
    allocation_state: AllocationState
    known_market_id: str | None
    tick: Decimal | None
    fee_rate: Decimal | None
    neg_risk: bool | None
    exchange_version: int | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "order_state", OrderState(self.order_state))
        object.__setattr__(self, "side", Side(self.side))
        object.__setattr__(self, "venue", Venue(self.venue))
        object.__setattr__(self, "copy_state", CopyState(self.copy_state))
        object.__setattr__(self, "allocation_state", AllocationState(self.allocation_state))


@dataclass(frozen=True, slots=True)
class OpenLot:
    """A row of ``lots``, locked; ``bought_seconds_ago`` since its last purchase was booked."""

    lot_id: int
    allocation_id: str | None
    account_id: str
    user_id: str
    token_id: str
    market_id: str
    shares: Decimal
    cost_usdc: Decimal
    target_shares: Decimal
    adds: int
    realised_usdc: Decimal
    fees_usdc: Decimal
    applied_number: int
    opened_traded_at: datetime
    tick: Decimal
    fee_rate: Decimal
    neg_risk: bool
    exchange_version: int
    bought_seconds_ago: float | None


async def lock(
    connection: AsyncConnection[TupleRow],
    *,
    order_hashes: Sequence[str] = (),
    copy_order_ids: Sequence[str] = (),
    allocation_ids: Sequence[str] = (),
    account_ids: Sequence[str] = (),
) -> list[str]:
    """Lock the allocations, then their accounts, each in order of id. Returns the allocations' ids."""
    answers = await ask(
        connection,
        locking(order_hashes, copy_order_ids, allocation_ids=allocation_ids, account_ids=account_ids),
    )
    return [str(row[0]) for row in answers["trading/lock_allocations"]]


def locking(
    order_hashes: Sequence[str],
    copy_order_ids: Sequence[str] = (),
    *,
    allocation_ids: Sequence[str] = (),
    account_ids: Sequence[str] = (),
) -> list[Question]:
    """The questions that lock, in their order."""
    named = {
        "order_hashes": list(order_hashes),
        "copy_order_ids": list(copy_order_ids),
        "allocation_ids": list(allocation_ids),
    }
    return [
        ("trading/lock_allocations", named),
        ("trading/lock_accounts", named | {"account_ids": list(account_ids)}),
    ]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a booking stands on, all of it locked: allocations by id, orders in the order of their leaders' trades, open
    lots of their pairs of allocation and token, ids of the fills that are booked already; the rows of orders of exit
    orders, of orders by hand, and of what the leader sold since BUYs that come late (``streams.tables.exits``,
    ``hands``, ``reversals``)."""

    allocation_ids: Sequence[str]
    orders: Sequence[OrderToBook]
    lots: Sequence[OpenLot]
    fills: frozenset[str]
    exits: Rows
    sells_since: Rows
    hands: Rows


async def load(
    connection: AsyncConnection[TupleRow], epoch: int, order_hashes: Sequence[str], attempts_max: int
) -> Loaded:
    """Make the transaction one of ``epoch``, lock, and read; one round trip. ``attempts_max`` where the settings name
    none. Raises ``EpochLost``."""
    hashes = list(order_hashes)
    answers = await ask(
        connection,
        [
            holding(epoch),
            *locking(hashes),
            ("trading/orders_to_book", {"order_hashes": hashes, "attempts_max": attempts_max}),
            ("trading/open_lots", {"order_hashes": hashes, "allocation_ids": [], "token_ids": []}),
            ("trading/booked_fills", {"order_hashes": hashes}),
            ("trading/exits_to_book", {"order_hashes": hashes, "attempts_max": attempts_max}),
            ("trading/sells_since", {"order_hashes": hashes, "seconds": LATE_SECONDS}),
            ("trading/hands_to_book", {"order_hashes": hashes}),
            ("trading/hand_lots", {"order_hashes": hashes}),
        ],
    )
    check_held(answers, epoch)
    return Loaded(
        [str(row[0]) for row in answers["trading/lock_allocations"]],
        [OrderToBook(*row) for row in answers["trading/orders_to_book"]],
        [OpenLot(*row) for row in (*answers["trading/open_lots"], *answers["trading/hand_lots"])],
        frozenset(str(row[0]) for row in answers["trading/booked_fills"]),
        answers["trading/exits_to_book"],
        answers["trading/sells_since"],
        answers["trading/hands_to_book"],
    )


async def load_lots(
    connection: AsyncConnection[TupleRow], allocation_ids: Sequence[str], token_ids: Sequence[str]
) -> list[OpenLot]:
    """The open lots of these pairs of allocation and token, locked."""
    named = {"order_hashes": [], "allocation_ids": list(allocation_ids), "token_ids": list(token_ids)}
    answers = await ask(connection, [("trading/open_lots", named)])
    return [OpenLot(*row) for row in answers["trading/open_lots"]]


def written(name: str, rows: Sequence[Row]) -> list[Question]:
    """The statement ``trading/<name>``, once for all rows; none without rows."""
    return [(f"trading/{name}", {"rows": _as_json(rows)})] if rows else []


async def write(connection: AsyncConnection[TupleRow], name: str, rows: Sequence[Row]) -> None:
    """Run the statement ``trading/<name>`` once for all rows."""
    await ask(connection, written(name, rows))


async def insert_lots(
    connection: AsyncConnection[TupleRow], before: Sequence[Question], rows: Sequence[Row]
) -> list[int]:
    """Ask the questions ``before``, then insert lots; their ids in the order of the rows."""
    found = (await ask(connection, [*before, *written("insert_lot", rows)]))["trading/insert_lot"]
    wanted = [(row["allocation_id"], row["token_id"]) for row in rows]
    assert [(allocation, token) for _, allocation, token in found] == wanted, "rows come back in their order"
    return [int(lot_id) for lot_id, _, _ in found]


def _as_json(rows: Sequence[Row]) -> str:
    """Decimals as text, digit for digit; bytes as base64."""
    return orjson.dumps(list(rows), default=_plain).decode()


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"no column holds a {type(value).__name__}")


async def waiting_pairs(
    connection: AsyncConnection[TupleRow], questions: Sequence[Question], allocation_ids: Sequence[str]
) -> list[tuple[str, str]]:
    """Ask these questions, then for allocation and token where copy orders wait and no BUY is open any more."""
    waiting = ("trading/waiting_pairs", {"allocation_ids": list(allocation_ids)})
    answers = await ask(connection, [*questions, waiting])
    return [(str(allocation), str(token)) for allocation, token in answers["trading/waiting_pairs"]]


async def end(connection: AsyncConnection[TupleRow], allocation_ids: Sequence[str]) -> None:
    """The last of a booking: allocations that are closing and hold nothing any more have ended, who waits for ends is
    woken, and all of it is committed; one round trip."""
    closing = ("trading/end_closing_allocations", {"allocation_ids": list(allocation_ids)})
    await ask(connection, [closing, ("trading/tell", {})], commit=True)
