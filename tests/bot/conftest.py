"""A bot on a chat that is no Telegram and an API that is no server."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.bot.facts import STANDING, USER, account
from tests.bot.stage import Scene, as_json, page


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
