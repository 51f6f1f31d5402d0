"""Many requests with one credential at once cost one look, and what was taken away meanwhile is not kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr
from starlette.requests import Request

from api.credentials import Credentials
from api.database import Database, Scope, Transaction
from api.problems import Refused
from tests.api.conftest import ALICE, MINT
from tests.copy_execution.world import World
from tests.waiting import eventually


class _Counting(Database):
    """The database, which counts its transactions and lets them begin when it is told to."""

    def __init__(self, url: str) -> None:
        super().__init__(url, size=4, wait_seconds=5)
        self.begun = 0
        self.may_go_on = asyncio.Event()

    @asynccontextmanager
    async def transaction(self, scope: Scope) -> AsyncIterator[Transaction]:
        self.begun += 1
        await self.may_go_on.wait()
        async with super().transaction(scope) as transaction:
            yield transaction


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[_Counting]:
    """Open until the test is over."""
    opened = _Counting(database_url)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
def credentials() -> Credentials:
    """They know nobody yet."""
    return Credentials(SecretStr("operators"), [MINT.public_key()])


def _asked(name: str = "one") -> Request:
    token = MINT.user(ALICE, now=datetime.now(UTC), token_id=f"t-{name:0>32}")
    return Request(
        {"type": "http", "method": "GET", "headers": [(b"authorization", f"Bearer {token}".encode())]}
    )


async def test_of_many_who_come_at_once_with_one_secret_one_looks(
    credentials: Credentials, database: _Counting, world: World
) -> None:
    """Also when whoever began it goes away before the answer; another secret is another look."""
    world.account(ALICE)
    request = _asked()
    first, *others = [asyncio.create_task(credentials.holder(request, database)) for _ in range(16)]
    await eventually(lambda: database.begun == 1)
    first.cancel()
    database.may_go_on.set()
    assert {holder.user_id for holder in await asyncio.gather(*others)} == {ALICE}
    assert (await credentials.holder(request, database)).user_id == ALICE
    assert first.cancelled()
    assert database.begun == 1
    await credentials.holder(_asked("another"), database)
    assert database.begun == 2


async def test_what_is_forgotten_while_it_is_looked_up_is_not_kept(
    credentials: Credentials, database: _Counting, world: World
) -> None:
    """It may have been read before it was taken away: the next request looks again."""
    world.account(ALICE)
    request = _asked()
    looking = asyncio.create_task(credentials.holder(request, database))
    await eventually(lambda: database.begun == 1)
    credentials.forget()
    database.may_go_on.set()
    await looking
    assert database.begun == 1
    await credentials.holder(request, database)
    assert database.begun == 2


async def test_a_look_that_fails_refuses_all_who_waited_and_is_not_kept(
    credentials: Credentials, database: _Counting
) -> None:
    """Nobody of that name: 401 for each, and the next one looks again."""
    request = _asked()
    waiting = [asyncio.create_task(credentials.holder(request, database)) for _ in range(4)]
    database.may_go_on.set()
    for found in await asyncio.gather(*waiting, return_exceptions=True):
        assert isinstance(found, Refused)
        assert found.status_code == 401
    with pytest.raises(Refused):
        await credentials.holder(request, database)
    assert database.begun == 2
