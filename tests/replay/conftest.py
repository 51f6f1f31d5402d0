"""One recorded past for all tests of the replay: trades on a real topic, sorted and decided by the real stages."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from ops.audit.topics import Span
from ops.bench.ground import own_ground
from ops.bench.trades import TOKENS, put_trades, trade_bodies, wallet
from ops.ground import Ground
from ops.replay.choice import Choice
from ops.replay.outlet import let_go, shadow_names
from ops.replay.plan import Plan, make_plan
from ops.replay.run import Ended, begin, go
from ops.replay.store import Runs, shadow
from ops.replay.window import Bounds, read, resolve
from ops.stack.environment import LOCAL_PARTITIONS
from ops.stack.local import Stack
from schemas.enums import AddressType, Source
from schemas.watched import WatchedAddress
from streams.classify.agent import Classify
from streams.copy_execution.agent import CopyExecution
from streams.kafka.guard import Received
from streams.kafka.roles import RoleBook
from streams.tables.pool import Pool, open_pool
from streams.topology import COPY_LEADER, TRADES
from tests.copy_execution.world import World

COUNT, WALLETS, LEADERS = 1_200, 12, 8


class _Roles:
    """The roles as a projection that has read everything."""

    def __init__(self, watched: Sequence[str]) -> None:
        self.ready = asyncio.Event()
        self.ready.set()
        self.book = RoleBook()
        for who in watched:
            role = AddressType.COPY_LEADER
            self.book.take(WatchedAddress(wallet=who, version=1, roles=(role,), since={role: 1}))


@dataclass
class Past:
    """What was recorded, and the doors to it."""

    place: Ground
    world: World
    runs: itertools.count[int]

    async def plan(self, bounds: Bounds = Bounds(), choice: Choice = Choice()) -> Plan:  # noqa: B008 (frozen)
        """The plan of a window."""
        async with shadow(self.place.database_url) as connection:
            return await make_plan(self.place.kafka, self.place.names, connection, bounds, choice)

    async def replay(self, bounds: Bounds = Bounds(), choice: Choice = Choice(), **options: Any) -> Ended:  # noqa: B008
        """Plan a window and run it to its end."""
        run = f"t{next(self.runs)}"
        async with shadow(self.place.database_url) as connection:
            plan = await make_plan(self.place.kafka, self.place.names, connection, bounds, choice)
            await begin(connection, plan, run)
            return await go(self.place, connection, run, **options)

    async def drop(self, run: str) -> None:
        """Let go of a run."""
        async with shadow(self.place.database_url) as connection:
            await Runs(connection).drop(run)
        await let_go(self.place.kafka, shadow_names(self.place.names, run))

    async def records(self, spans: dict[int, Span] | None = None) -> list[Received]:
        """The messages on ``trades``."""
        topic = self.place.names.of(TRADES)
        if spans is None:
            spans = await resolve(self.place.kafka, topic, Bounds())
        return [record async for record in read(self.place.kafka, topic, spans)]


@pytest.fixture(scope="module")
def past(stack: Stack) -> Iterator[Past]:
    """1,200 trades of 12 wallets, 8 of them leaders with two followers each of different settings."""
    with own_ground(stack) as ground:
        world = World.on(ground.database_url)
        place = Ground(ground.kafka, ground.database_url, ground.names, LOCAL_PARTITIONS)
        made = Past(place, world, itertools.count(1))
        leaders = [wallet(number) for number in range(LEADERS)]
        _furnish(world, leaders)
        asyncio.run(_record(made, leaders))
        yield made
        world.owner.close()


def _furnish(world: World, leaders: Sequence[str]) -> None:
    for token in range(TOKENS):
        world.market(str(10**76 + token * 7_919), market_id=f"0x{token:064x}")
    for number, leader in enumerate(leaders):
        world.leader(leader)
        low: dict[str, Any] = {"max_price": "0.6", "budget_usdc": "40"}
        tenth: dict[str, Any] = {"mode": "multiplier", "multiplier": "0.1", "budget_usdc": "5000"}
        for name, settings in ((f"low{number}", low), (f"all{number}", tenth)):
            world.follow(world.account(name), leader, **settings)


async def _record(past: Past, leaders: Sequence[str]) -> None:
    await put_trades(past.place.kafka, past.place.names, trade_bodies(COUNT, WALLETS), LOCAL_PARTITIONS)
    await live_through(past, await past.records(), leaders)


def _clock() -> datetime:
    return datetime.now(UTC)


async def live_through(past: Past, records: Sequence[Received], leaders: Sequence[str]) -> None:
    """Sort and decide these messages as the living stages do."""
    pool: Pool = await open_pool(past.place.database_url, "streams")
    classify = Classify(
        pool,
        _Roles(leaders),
        now=_clock,
        monotonic=time.monotonic,
        told=lambda _outcome, _count: None,
        spent=lambda _part, _seconds: None,
    )
    execution = CopyExecution(pool, frozenset({Source.CHAIN}), _clock)
    try:
        for start in range(0, len(records), 500):
            handled = await classify.handle(records[start : start + 500])
            said = [
                Received("copy_leader", 0, number, send.key.encode(), send.value, _clock())
                for number, send in enumerate(handled.sends)
                if send.topic == COPY_LEADER
            ]
            assert not (await execution.handle(said)).dead
    finally:
        await pool.close()
