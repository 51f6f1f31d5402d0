"""Planned copy orders: claimed in order, and their signed orders stored before anything is posted (DESIGN §8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from schemas.enums import Side, Venue
from streams.tables.asking import ask
from streams.tables.epochs import check_held, holding
from streams.tables.queries import query


@dataclass(frozen=True, slots=True)
class Plan:
    """A planned copy order with what its next order needs. ``shares_left`` is unsold (SELL); ``leader_price``,
    ``former_limit`` and ``settings`` are given from the second attempt on; ``tick`` and ``neg_risk`` are None where
    neither the market nor a lot knows them."""

    copy_order_id: str
    account_id: str
    allocation_id: str
    venue: Venue
    side: Side
    token_id: str
    amount_usdc: Decimal | None
    shares_left: Decimal | None
    limit_price: Decimal | None
    attempts: int
    decided_at: datetime
    deadline: datetime | None
    tick: Decimal | None
    neg_risk: bool | None
    exchange_version: int | None
    market_version: int
    former_attempt: int
    former_limit: Decimal | None
    leader_price: Decimal | None
    settings: dict[str, Any] | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "side", Side(self.side))
        object.__setattr__(self, "venue", Venue(self.venue))


@dataclass(frozen=True, slots=True)
class NewOrder:
    """A signed order as it is stored: the first attempt of a plan, or a later one."""

    order_hash: str
    body: bytes
    plan: Plan
    attempt: int
    amount_usdc: Decimal | None
    shares: Decimal | None
    limit_price: Decimal


async def tokens_to_look_at(
    connection: AsyncConnection[TupleRow], venues: Sequence[str], most: int
) -> list[tuple[str, str]]:
    """Venue and token of each later attempt that is due: its book is looked at before it is claimed."""
    found = await connection.execute(
        query("trading/tokens_to_look_at"), {"venues": list(venues), "most": most}
    )
    return [(str(venue), str(token_id)) for venue, token_id in await found.fetchall()]


async def claim(
    connection: AsyncConnection[TupleRow],
    epoch: int,
    venues: Sequence[str],
    looked_at: Sequence[str],
    most: int,
) -> list[Plan]:
    """Begin a transaction of ``epoch`` and lock the plans that are next, SELLs first, then by deadline; those another
    transaction holds are left out. One round trip; raises ``EpochLost``."""
    wanted = {"venues": list(venues), "looked_at": list(looked_at), "most": most}
    answers = await ask(connection, [holding(epoch), ("trading/claim_plans", wanted)])
    check_held(answers, epoch)
    return [Plan(*row) for row in answers["trading/claim_plans"]]


async def store(connection: AsyncConnection[TupleRow], epoch: int, orders: Sequence[NewOrder]) -> None:
    """Store signed orders and take their plans, in the transaction that claimed them; one round trip."""
    named = {"copy_order_ids": [order.plan.copy_order_id for order in orders]}
    signed = {**signed_columns(epoch, orders), "copy_order_id": named["copy_order_ids"]}
    answers = await ask(connection, [("trading/take_plans", named), ("trading/store_orders", signed)])
    assert len(answers["trading/take_plans"]) == len(orders), "a claimed plan is locked"


def signed_columns(epoch: int, orders: Sequence[NewOrder]) -> dict[str, object]:
    """What is stored of signed orders whatever they are for; the name of what they are for goes beside it."""
    return {
        "epoch": epoch,
        "order_hash": [order.order_hash for order in orders],
        "attempt": [order.attempt for order in orders],
        "account_id": [order.plan.account_id for order in orders],
        "venue": [order.plan.venue.value for order in orders],
        "side": [order.plan.side.value for order in orders],
        "token_id": [order.plan.token_id for order in orders],
        "amount_usdc": [order.amount_usdc for order in orders],
        "shares": [order.shares for order in orders],
        "limit_price": [order.limit_price for order in orders],
        "body": [order.body for order in orders],
    }
