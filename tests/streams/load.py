"""Trades under load, and the proof that none of them was lost, doubled or put out of order."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal

import orjson

from ops.bench.trades import put_roles, put_trades, trade_bodies
from schemas.enums import AddressType
from streams.topology import COPY_LEADER, TRADES
from tests.streams.door import Door, fill, wallet
from tests.waiting import eventually

LEADERS = [wallet(0x1EAD + number) for number in range(12)]
COPY = AddressType.COPY_LEADER


async def watch_leaders(door: Door) -> None:
    """Have all leaders watched, and wait until classify has read it: what comes before that is let go for ever."""
    for who in LEADERS:
        await door.watch(who, COPY)

    async def read() -> bool:
        (row,) = await door.rows(
            "SELECT count(DISTINCT wallet) FROM role_reads WHERE wallet = ANY(%s)", LEADERS
        )
        return bool(row["count"] == len(LEADERS))

    await eventually(read, 30)


@asynccontextmanager
async def load(door: Door, per_second: int) -> AsyncIterator[list[str]]:
    """Trades of all leaders at this rate while the block runs; the ids that the broker has confirmed."""
    await watch_leaders(door)
    confirmed: list[str] = []
    stop = asyncio.Event()

    async def produce() -> None:
        number = 0
        while not stop.is_set():
            for _ in range(max(1, per_second // 50)):
                body = fill(
                    LEADERS[number % len(LEADERS)], size=str(1 + number % 7), usdc=str((1 + number % 7) / 2)
                )
                number += 1
                await door.trade(body)
                confirmed.append(body["trade_id"])
            await asyncio.sleep(0.02)

    task = asyncio.create_task(produce())
    try:
        yield confirmed
    finally:
        stop.set()
        await task


async def all_handled(door: Door, timeout: float = 60.0) -> None:
    ends = await door.ends(TRADES)

    async def handled() -> bool:
        committed = await door.committed(TRADES)
        return all(committed.get(partition, 0) >= end for partition, end in ends.items())

    await eventually(handled, timeout, every=0.2)


async def nothing_lost_or_doubled(door: Door, confirmed: Sequence[str]) -> None:
    """Each confirmed trade has one row and one number; the topic says it at least once, always with the same bytes,
    first sayings in the order of the numbers; positions are the fold of the messages."""
    rows = await door.rows("SELECT wallet, trade_id, leader_number, leader_message FROM trades")
    assert len(confirmed) == len(set(confirmed)) == len(rows)
    assert {row["trade_id"] for row in rows} == set(confirmed)
    numbers: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        numbers[row["wallet"]].append(row["leader_number"])
    for who, given in numbers.items():
        assert sorted(given) == list(range(1, len(given) + 1)), who
    said: dict[str, bytes] = {}
    first: dict[str, list[int]] = defaultdict(list)
    last: dict[tuple[str, str], Decimal] = {}
    for record in await door.all(COPY_LEADER):
        told = orjson.loads(record.value)
        if told["trade_id"] not in said:
            first[told["wallet"]].append(told["number"])
            last[told["wallet"], told["token_id"]] = Decimal(told["position_after"])
        assert said.setdefault(told["trade_id"], record.value) == record.value
    assert {row["trade_id"]: bytes(row["leader_message"]) for row in rows} == said
    for who, order in first.items():
        assert order == sorted(order), who
    held = await door.rows("SELECT wallet, token_id, shares FROM leader_positions")
    assert {(row["wallet"], row["token_id"]): row["shares"] for row in held} == last


async def backlog(door: Door, count: int) -> list[str]:
    """So many trades on the topic, of hundreds of leaders; their ids."""
    bodies = list(trade_bodies(count, wallets=300))
    await put_roles(door.kafka, door.names, sorted({key.decode() for key, _ in bodies}), COPY)
    await put_trades(door.kafka, door.names, bodies, 4)
    return [orjson.loads(value)["trade_id"] for _, value in bodies]


async def until_stored(door: Door, count: int) -> None:
    async def stored() -> bool:
        (row,) = await door.rows("SELECT count(*) FROM trades")
        return bool(row["count"] >= count)

    await eventually(stored, 60, every=0.01)
