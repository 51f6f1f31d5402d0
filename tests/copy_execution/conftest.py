"""A world of its own for each test, and pools with the rights of the processes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from streams.copy_execution.agent import CopyExecution
from streams.tables.pool import Pool, open_pool
from tests.copy_execution.world import World, stage


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    made = World.on(database_url)
    yield made
    made.owner.close()


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    """Connections with the rights of `polycool_streams`."""
    opened = await open_pool(database_url, "streams")
    yield opened
    await opened.close()


@pytest.fixture
async def trading_pool(database_url: str) -> AsyncIterator[Pool]:
    """Connections with the rights of `polycool_trading`."""
    opened = await open_pool(database_url, "trading")
    yield opened
    await opened.close()


@pytest.fixture
def deciding(pool: Pool) -> CopyExecution:
    return stage(pool)
