"""The counterparts, each on a free loopback port."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from ops.telegram.server import TelegramServer
from tests.telegram.other import OtherTelegram, run_other


@pytest.fixture(autouse=True)
def spans(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library's next form of `retry_after`; the older one warns."""
    monkeypatch.setenv("PTB_TIMEDELTA", "1")


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramServer]:
    """Our local server without flood limits."""
    async with TelegramServer() as server:
        yield server


@pytest.fixture(scope="session")
def other_telegram() -> Iterator[OtherTelegram]:
    """telegram-test-api behind our shim; the test is skipped, saying so, where node or npm is absent."""
    with run_other() as other:
        yield other
