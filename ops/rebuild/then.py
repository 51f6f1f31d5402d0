"""How a follower stood at an earlier instant: cash, lots, what was under way, and what each limit left.

Walked back from what stands now by the entries booked since, so that it agrees with the books. An entry counts from
when it was booked; its transaction may have committed milliseconds later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import psycopg
from aiokafka import AIOKafkaConsumer, TopicPartition
from psycopg.rows import dict_row

from ops.broker_access import reach
from ops.ground import Ground
from ops.statements import statement
from schemas.allocations import AllocationSettings
from schemas.money import ZERO
from streams.copy_execution.inputs import Account
from streams.copy_execution.sizing import budget
from streams.topology import Topic

_FETCH_MS: Final = 5_000


class NoSuchPlace(Exception):
    """The topic holds no message there. One sentence."""


@dataclass(frozen=True, slots=True)
class Then:
    """What stood at ``at``: rows with the tables' column names, amounts exact. Limits are (used, most, room)."""

    at: datetime
    accounts: list[dict[str, Any]]
    positions: list[dict[str, Any]]
    under_way: list[dict[str, Any]]
    followings: list[dict[str, Any]]


async def instant_of(place: Ground, topic: Topic, partition: int, offset: int) -> datetime:
    """When the broker took the message at that place. Raises NoSuchPlace, KafkaError."""
    consumer = AIOKafkaConsumer(**reach(place.kafka), enable_auto_commit=False)
    await consumer.start()
    try:
        part = TopicPartition(place.names.of(topic), partition)
        consumer.assign([part])
        begin, end = (
            (await consumer.beginning_offsets([part]))[part],
            (await consumer.end_offsets([part]))[part],
        )
        if not begin <= offset < end:
            raise NoSuchPlace(
                f"{part.topic} holds the offsets {begin} to {end - 1} of partition {partition}."
            )
        consumer.seek(part, offset)
        for record in (await consumer.getmany(part, timeout_ms=_FETCH_MS, max_records=1)).get(part, ()):
            return datetime.fromtimestamp(record.timestamp / 1_000, UTC)
    finally:
        await consumer.stop()
    raise NoSuchPlace(f"{part.topic} does not give offset {offset} of partition {partition}.")


async def stood(database_url: str, name: str, at: datetime) -> Then:
    """How the user (U-…) or following (A-…) of this name stood; nothing but empty lists for a name nobody has."""
    async with await psycopg.AsyncConnection.connect(database_url, row_factory=dict_row) as connection:
        # One instant for all questions.
        await connection.set_isolation_level(psycopg.IsolationLevel.REPEATABLE_READ)

        async def rows(query: str) -> list[dict[str, Any]]:
            cursor = await connection.execute(
                statement("ops.rebuild", query).encode(), {"name": name, "at": at}
            )
            return await cursor.fetchall()

        accounts = await rows("accounts_then")
        lots = await rows("lots_then")
        followings = await rows("followings_then")
        under_way = await rows("copies_then")
    wealth = {account["account_id"]: _account(account, lots) for account in accounts}
    shown = [_following(row, lots, wealth[row["account_id"]]) for row in followings]
    named = {row["allocation_id"] for row in followings}
    # Of a following its own lots; of a user also those by hand.
    open_then = [
        lot for lot in lots if lot["shares"] > 0 and (lot["user_id"] == name or lot["allocation_id"] in named)
    ]
    return Then(at, accounts, open_then, under_way, shown)


def _account(row: Mapping[str, Any], lots: Sequence[Mapping[str, Any]]) -> Account:
    cost = sum((lot["cost_usdc"] for lot in lots if lot["account_id"] == row["account_id"]), ZERO)
    return Account(row["wallet"] or "", row["cash_usdc"], row["reserved_usdc"], cost)


def _following(row: Mapping[str, Any], lots: Sequence[Mapping[str, Any]], account: Account) -> dict[str, Any]:
    own = [lot for lot in lots if lot["allocation_id"] == row["allocation_id"]]
    at_work = sum((lot["cost_usdc"] for lot in own), ZERO) + row["reserved_usdc"]
    realised = sum((lot["realised_usdc"] for lot in own), ZERO)
    settings = AllocationSettings.model_validate(row["settings"])
    limits = {"BUDGET": (at_work, budget(settings, account))}
    if settings.max_loss_usdc is not None:
        limits["LOSS_LIMIT"] = (at_work - min(ZERO, realised), settings.max_loss_usdc)
    if settings.max_per_market_usdc is not None:
        limits["MARKET_LIMIT"] = (_fullest(own), settings.max_per_market_usdc)
    if settings.max_per_day_usdc is not None:
        limits["DAY_LIMIT"] = (row["day_spent_usdc"], settings.max_per_day_usdc)
    return {
        **row,
        "at_work_usdc": at_work,
        "realised_usdc": realised,
        # As RULES §3 has the rooms.
        "limits": {
            name: {"used": used, "most": most, "room": most - used} for name, (used, most) in limits.items()
        },
    }


def _fullest(lots: Sequence[Mapping[str, Any]]) -> Decimal:
    """What the market with the most money in it holds."""
    markets: dict[str, Decimal] = {}
    for lot in lots:
        markets[lot["market_id"]] = markets.get(lot["market_id"], ZERO) + lot["cost_usdc"]
    return max(markets.values(), default=ZERO)
