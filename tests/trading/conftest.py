"""The trading process on a real database and a real paper exchange (a process of its own, on the same database)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from streams.tables.pool import Pool, open_pool
from tests.api.conftest import Face, api_settings, serving
from tests.conftest import until_ready
from tests.copy_execution.world import World
from tests.paper.exchange import Exchange
from tests.trading.ground import LEADER, Ground

MakeGround = Callable[..., Awaitable[Ground]]


@pytest.fixture
def topic_prefix() -> str:
    """Trading runs only without a prefix."""
    return ""


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    made = World.on(database_url)
    made.leader(LEADER)
    yield made
    made.owner.close()


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    """Connections with the rights of `polycool_streams`."""
    opened = await open_pool(database_url, "streams")
    yield opened
    await opened.close()


@pytest.fixture
async def make_ground(
    world: World, pool: Pool, database_url: str, tmp_path: Path
) -> AsyncIterator[MakeGround]:
    """`await make_ground(POLYCOOL_PAPER_FILL_MODEL="book")`: an exchange with these settings, and all around it."""
    made: list[Ground] = []

    async def make(**exchange_settings: str) -> Ground:
        exchange = Exchange(database_url, tmp_path, exchange_settings)
        exchange.program.start()
        ground = Ground(world, pool, exchange, database_url)
        made.append(ground)
        await until_ready(exchange.program)
        return ground

    yield make
    for ground in made:
        await ground.stop()
        # A request it holds on purpose is not waited for.
        ground.exchange.program.stop(seconds=0.5)


@pytest.fixture
async def ground(make_ground: MakeGround) -> Ground:
    """An exchange that fills at the limit, a market, no followers yet."""
    ground = await make_ground()
    ground.world.market()
    return ground


@pytest.fixture
async def face(database_url: str) -> AsyncIterator[Face]:
    """The API on the ground's database; no trade comes in by it."""
    async with serving(api_settings(database_url, "127.0.0.1:1", "")) as running:
        yield running
