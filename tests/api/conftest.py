"""The API as it really runs: uvicorn on a port, asked over HTTP, on this test's database and topics."""

from __future__ import annotations

import asyncio
import base64
import ssl
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any

import httpx
import psycopg
import pytest
import uvicorn
from psycopg.rows import dict_row
from pydantic import SecretStr

from api.app import create_app
from api.settings import Settings
from bot.minting import Mint
from ops.stack.local import Stack
from ops.stack.ports import free_port
from streams.copy_execution.agent import CopyExecution
from streams.tables.pool import open_pool
from streams.topology import TopicNames
from tests.copy_execution.world import World, stage
from tests.waiting import eventually

TOKEN = "operator-token-of-these-tests"
SIGNING_SECRET = "whsec_" + base64.b64encode(b"s" * 32).decode()
# The bot's key of these tests.
SIGNING_KEY = base64.b64encode(b"k" * 32).decode()
MINT = Mint(SecretStr(SIGNING_KEY))
FORMER_SECRET = "former-secret-of-these-tests"
# Plain HTTP on the loopback: reading the machine's certificates would take longer than a request.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
_keys = count()


@dataclass(frozen=True)
class Face:
    """A running API: `http` asks as an operator; `acting` are a user's headers, with a token as the bot mints it."""

    http: httpx.AsyncClient
    settings: Settings

    def acting(self, user_id: str) -> dict[str, str]:
        """Headers for one user."""
        token = MINT.user(user_id, now=datetime.now(UTC), token_id=f"t-{uuid.uuid4().hex}")
        return {"Authorization": f"Bearer {token}"}

    def as_bot(self) -> dict[str, str]:
        """Headers of the bot itself."""
        token = MINT.own(now=datetime.now(UTC), token_id=f"t-{uuid.uuid4().hex}")
        return {"Authorization": f"Bearer {token}"}

    async def post(
        self, path: str, body: Any = None, *, user: str | None = None, key: str | None = None
    ) -> httpx.Response:
        """A POST with an Idempotency-Key of its own."""
        headers = {"Idempotency-Key": key or f"key-{next(_keys)}"} | (self.acting(user) if user else {})
        return await self.http.post(path, json=body, headers=headers)

    async def get(self, path: str, *, user: str | None = None, **parameters: Any) -> httpx.Response:
        """A GET, for a user or as the operator."""
        return await self.http.get(path, params=parameters, headers=self.acting(user) if user else {})

    async def new_user(self, label: str = "Alice", **more: Any) -> str:
        """A user's name."""
        answer = await self.post("/v1/users", {"label": label, **more})
        assert answer.status_code == 201, answer.text
        name: str = answer.json()["user_id"]
        return name

    async def follow(self, user: str, leader: str, **settings: Any) -> dict[str, Any]:
        """A following with a fixed amount."""
        body = {"leader": leader, "settings": SETTINGS | settings}
        answer = await self.post("/v1/allocations", body, user=user)
        assert answer.status_code == 201, answer.text
        shown: dict[str, Any] = answer.json()
        return shown


ALICE, BOB = "U-0000001", "U-0000002"
SETTINGS: dict[str, Any] = {"mode": "fixed_amount", "fixed_amount_usdc": "2", "budget_usdc": "100"}
LEADER = "0x" + "ab" * 20
OTHER = "0x" + "cd" * 20


def api_settings(database_url: str, kafka: str, prefix: str, **more: Any) -> Settings:
    """Settings of a test's API."""
    given: dict[str, Any] = {
        "kafka": kafka,
        "database_url": SecretStr(database_url),
        "topic_prefix": prefix,
        "operator_token": SecretStr(TOKEN),
        "bot_public_keys": MINT.public_key(),
        # A test asks more at once than a person; the paces have tests of their own.
        "api_looks_at_once": 10_000,
        "api_changes_at_once": 10_000,
        "webhook_secrets": SIGNING_SECRET,
        "former_webhook_secret": SecretStr(FORMER_SECRET),
        "api_port": free_port(),
        # Nobody reads roles here: a following answers that it is starting, at once.
        "api_follow_seconds": 0.0,
        # The limits of SAFETY R27 have a test of their own.
        "api_followings_max": 1_000,
        "api_new_leaders_a_day": 1_000,
    }
    return Settings(**given | more)


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[Face]:
    """An API that listens, and ends with the block."""
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(settings), host="127.0.0.1", port=settings.api_port, log_config=None, access_log=False
        )
    )
    running = asyncio.create_task(server.serve())
    await eventually(lambda: server.started or running.done(), 60)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    limits = httpx.Limits(max_connections=300)
    try:
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{settings.api_port}",
            headers=headers,
            timeout=30,
            limits=limits,
            verify=NO_TLS,
        ) as http:
            yield Face(http, settings)
    finally:
        server.should_exit = True
        await running


@pytest.fixture
async def face(stack: Stack, database_url: str, topic_prefix: str) -> AsyncIterator[Face]:
    """The API on this test's database; its topics are not made."""
    async with serving(api_settings(database_url, stack.kafka, topic_prefix)) as running:
        yield running


@pytest.fixture
async def gateway(stack: Stack, database_url: str, topics: TopicNames) -> AsyncIterator[Face]:
    """The API on this test's database and topics."""
    async with serving(api_settings(database_url, stack.kafka, topics.prefix)) as running:
        yield running


Ask = Callable[..., Awaitable[list[dict[str, Any]]]]


@asynccontextmanager
async def owner_asking(database_url: str) -> AsyncIterator[Ask]:
    """`await ask("SELECT …", name=value)` as the owner of the tables."""
    async with await psycopg.AsyncConnection.connect(
        database_url, autocommit=True, row_factory=dict_row
    ) as connection:

        async def rows(statement: str, **values: Any) -> list[dict[str, Any]]:
            cursor = await connection.execute(statement.encode(), values)
            return await cursor.fetchall() if cursor.description else []

        yield rows


@pytest.fixture
async def ask(database_url: str) -> AsyncIterator[Ask]:
    """Ask the tables as their owner."""
    async with owner_asking(database_url) as asking:
        yield asking


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """Leaders, followers and money, written as the owner of the tables."""
    made = World.on(database_url)
    yield made
    made.owner.close()


@asynccontextmanager
async def stage_on(database_url: str) -> AsyncIterator[CopyExecution]:
    """The stage that decides."""
    pool = await open_pool(database_url, "streams")
    yield stage(pool)
    await pool.close()


@pytest.fixture
async def deciding(database_url: str) -> AsyncIterator[CopyExecution]:
    """The stage that decides."""
    async with stage_on(database_url) as deciding:
        yield deciding
