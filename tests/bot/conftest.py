"""A bot on a chat that is no Telegram and an API that is no server."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from ops.stack.local import Stack
from ops.telegram.server import TelegramServer
from streams.topology import TopicNames
from tests.bot.facts import STANDING, USER, account
from tests.bot.stage import Scene, as_json, page
from tests.bot.town import Town, town_of
from tests.conftest import StartProcess
from tests.telegram.other import OtherTelegram, run_other


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    """A known person, who follows nobody."""
    made = Scene()
    made.stub.set("POST", "/v1/bot/users", lambda _request: as_json(USER))
    made.stub.set("GET", "/v1/me/accounts", [account()])
    made.stub.set("GET", "/v1/allocations", page([]))
    made.stub.set("GET", "/v1/me/standing", STANDING)
    yield made
    await made.close()


@pytest.fixture
def topic_prefix() -> str:
    """The living names: trading runs only without a prefix."""
    return ""


@pytest.fixture
async def town(
    stack: Stack, tmp_path: Path, database_url: str, topics: TopicNames, run_process: StartProcess
) -> AsyncIterator[Town]:
    """The whole of it without the bot."""
    async with town_of(stack, tmp_path, database_url, topics, run_process) as whole:
        yield whole
        # Shown where the test fails.
        sys.stdout.write(whole.story())


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    """Our local server of the Bot API, without its flood limits."""
    async with TelegramServer() as server:
        yield server


@pytest.fixture(scope="session")
def other_telegram() -> Iterator[OtherTelegram]:
    """telegram-test-api; skipped, saying so, where node or npm is absent."""
    with run_other() as other:
        yield other
