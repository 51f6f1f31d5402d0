"""The door of the streams tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from ops.stack.local import Stack
from streams.topology import TopicNames
from tests.streams.door import Door, open_door
from tests.streams.sorter import Sorter, open_sorter


@pytest.fixture
async def door(stack: Stack, topics: TopicNames, database_url: str) -> AsyncIterator[Door]:
    """Broker and database under this test's names."""
    async with open_door(stack.kafka, database_url, topics) as opened:
        yield opened


@pytest.fixture
async def sorter(database_url: str) -> AsyncIterator[Sorter]:
    """classify on this test's database."""
    async with open_sorter(database_url) as opened:
        yield opened
