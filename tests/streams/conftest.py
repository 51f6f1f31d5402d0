"""The door of the streams tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from ops.stack.local import Stack
from streams.topology import TopicNames
from tests.streams.door import Door, open_door


@pytest.fixture
async def door(stack: Stack, topics: TopicNames, database_url: str) -> AsyncIterator[Door]:
    """Broker and database under this test's names."""
    async with open_door(stack.kafka, database_url, topics) as opened:
        yield opened
