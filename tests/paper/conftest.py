"""The paper exchange under test: a real process on a real database of its own."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from ops.stack.local import Stack
from tests.conftest import _drop_database, _make_database, on_database, until_ready
from tests.paper.exchange import Exchange

StartExchange = Callable[..., Awaitable[Exchange]]


@pytest.fixture
def paper_database(stack: Stack, template_database: str) -> Iterator[str]:
    """A fresh migrated database; dropped afterwards."""
    name = f"paper_{uuid.uuid4().hex[:12]}"
    _make_database(stack.database_url, name, template_database)
    yield on_database(stack.database_url, name)
    _drop_database(stack.database_url, name)


@pytest.fixture
async def start_exchange(paper_database: str, tmp_path: Path) -> AsyncIterator[StartExchange]:
    """`await start_exchange(POLYCOOL_PAPER_FILL_MODEL="book")` starts an exchange that knows one market."""
    started: list[Exchange] = []

    async def start(**settings: str) -> Exchange:
        directory = tmp_path / f"exchange-{len(started)}"
        directory.mkdir()
        exchange = Exchange(paper_database, directory, settings)
        started.append(exchange)
        exchange.program.start()
        await until_ready(exchange.program)
        await exchange.put_market()
        return exchange

    yield start
    for exchange in started:
        exchange.program.stop(seconds=10.0)


@pytest.fixture
async def exchange(start_exchange: StartExchange) -> Exchange:
    """An exchange with the default settings."""
    return await start_exchange()
