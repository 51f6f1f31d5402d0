"""The paper exchange as its own tests have it, and our client at it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from streams.venues.clob import ClobVenue
from tests.paper.conftest import exchange as exchange
from tests.paper.conftest import paper_database as paper_database
from tests.paper.conftest import start_exchange as start_exchange
from tests.paper.exchange import Exchange


@pytest.fixture
async def venue(exchange: Exchange) -> AsyncIterator[ClobVenue]:
    """Our client at the exchange all tests share; nobody waits for long."""
    made = ClobVenue(exchange.url, connections=8, post_seconds=3.0, read_seconds=5.0)
    yield made
    await made.close()
