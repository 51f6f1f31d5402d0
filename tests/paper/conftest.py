"""The paper exchange under test: a real process on a real database of its own."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from ops.stack.local import Stack
from tests.conftest import _drop_database, _make_database, on_database, until_ready
from tests.paper.exchange import Exchange

StartExchange = Callable[..., Awaitable[Exchange]]


@pytest.fixture(scope="session")
def exchange(
    stack: Stack, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Exchange]:
    """One exchange with the default settings for all tests that bring their own traders and change no market."""
    with exchange_of_its_own(stack, template_database, tmp_path_factory.mktemp("exchange"), {}) as running:
        yield running


@contextmanager
def exchange_of_its_own(
    stack: Stack, template: str, directory: Path, settings: Mapping[str, str]
) -> Iterator[Exchange]:
    """An exchange on a database of its own, for several tests."""
    name = _fresh_database(stack, template)
    running = Exchange(on_database(stack.database_url, name), directory, settings)
    try:
        asyncio.run(_ready(running))
        yield running
    finally:
        # A request it holds on purpose is not waited for.
        running.program.stop(seconds=0.5)
        _drop_database(stack.database_url, name)


@pytest.fixture
def paper_database(stack: Stack, template_database: str) -> Iterator[str]:
    """A fresh migrated database; dropped afterwards."""
    name = _fresh_database(stack, template_database)
    yield on_database(stack.database_url, name)
    _drop_database(stack.database_url, name)


@pytest.fixture
async def start_exchange(paper_database: str, tmp_path: Path) -> AsyncIterator[StartExchange]:
    """`await start_exchange(POLYCOOL_PAPER_FILL_MODEL="book")` starts an exchange that knows one market."""
    started: list[Exchange] = []

    async def start(**settings: str) -> Exchange:
        directory = tmp_path / f"exchange-{len(started)}"
        directory.mkdir()
        running = Exchange(paper_database, directory, settings)
        started.append(running)
        await _ready(running)
        return running

    yield start
    for running in started:
        # A request it holds on purpose is not waited for.
        running.program.stop(seconds=0.5)


async def _ready(exchange: Exchange) -> None:
    exchange.program.start()
    await until_ready(exchange.program)
    await exchange.put_market()


def _fresh_database(stack: Stack, template: str) -> str:
    name = f"paper_{uuid.uuid4().hex[:12]}"
    _make_database(stack.database_url, name, template)
    return name
