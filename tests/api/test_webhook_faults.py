"""The gateway while something it needs is away: 503, nothing lost, nothing twice (SAFETY R22)."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator

import pytest

from ops import topics as broker_topics
from ops.stack.local import LocalStack, Stack
from ops.stack.ports import free_port
from streams.topology import TRADES, TopicNames
from tests.api.conftest import Ask, Face, api_settings, serving
from tests.api.webhooks import on_topic, send, trade
from tests.waiting import eventually


@pytest.fixture
async def own_topics(local_stack: LocalStack, topic_prefix: str) -> AsyncIterator[TopicNames]:
    """The topics on the broker that these tests stop and start."""
    if local_stack.broker is None:
        pytest.skip("the broker was given from outside; it is not ours to stop")
    names = TopicNames(topic_prefix)
    await broker_topics.create(local_stack.stack.kafka, names, dict.fromkeys(names.all(), 4))
    yield names
    await broker_topics.delete(local_stack.stack.kafka, names)


@pytest.mark.parametrize("connected", [False, True])
async def test_r22_a_broker_that_was_down_at_the_first_try_gets_the_trade_once(
    local_stack: LocalStack, own_topics: TopicNames, database_url: str, *, connected: bool
) -> None:
    """503 while it is away, also for a producer that was connected before; the same id afterwards is taken, and the
    trade stands on the topic once: what was not confirmed does not slip out later by itself."""
    broker = local_stack.broker
    assert broker is not None
    settings = api_settings(database_url, broker.address, own_topics.prefix, api_confirm_seconds=2.0)
    body = trade()
    async with serving(settings) as face:
        if connected:
            assert (await send(face, trade())).status_code == 202
        broker.stop(kill=True)
        try:
            down = await send(face, body, webhook_id="msg_1")
        finally:
            broker.start()
            broker.wait()
        up = await send(face, body, webhook_id="msg_1")
        again = await send(face, body, webhook_id="msg_1")

    assert (down.status_code, down.headers["retry-after"]) == (503, "5")
    assert (up.status_code, up.json()["accepted"]) == (202, 1)
    assert again.content == up.content
    names = [item.trade_id for item in await on_topic(broker.address, own_topics.of(TRADES))]
    assert names.count(body["trade_id"]) == 1


async def test_r22_a_broker_that_hangs_gets_no_202_out_of_us(
    local_stack: LocalStack, own_topics: TopicNames, database_url: str
) -> None:
    """503 within the time for a confirmation; afterwards the same id is taken. A broker that had the bytes already may
    keep them twice, with equal content: the ledger counts them once."""
    broker = local_stack.broker
    assert broker is not None
    settings = api_settings(database_url, broker.address, own_topics.prefix, api_confirm_seconds=2.0)
    body = trade()
    async with serving(settings) as face:
        assert (await send(face, trade())).status_code == 202
        os.kill(broker.pid, signal.SIGSTOP)
        try:
            hanging = await send(face, body, webhook_id="msg_1")
        finally:
            os.kill(broker.pid, signal.SIGCONT)
        taken = await send(face, body, webhook_id="msg_1")

    assert (hanging.status_code, taken.status_code) == (503, 202)
    kept = [
        item
        for item in await on_topic(broker.address, own_topics.of(TRADES))
        if item.trade_id == body["trade_id"]
    ]
    assert len(kept) >= 1
    assert len({item.content_hash() for item in kept}) == 1


async def test_without_a_broker_nothing_is_accepted(database_url: str, topic_prefix: str, ask: Ask) -> None:
    """503 with Retry-After, no receipt; reading goes on."""
    nowhere = f"127.0.0.1:{free_port()}"
    settings = api_settings(database_url, nowhere, topic_prefix, api_confirm_seconds=1.0)
    async with serving(settings) as face:
        answer = await send(face, trade())
        read = await face.get("/v1/users")

    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (
        503,
        "unavailable",
        "5",
    )
    assert read.status_code == 200
    assert await ask("SELECT 1 FROM webhook_receipts") == []


async def test_without_a_database_nothing_is_accepted(stack: Stack, topics: TopicNames) -> None:
    """The answer could not be kept, so the sender is asked to come again."""
    settings = api_settings(
        "postgresql://127.0.0.1:1/nothing", stack.kafka, topics.prefix, api_pool_seconds=0.5
    )
    async with serving(settings) as face:
        answer = await send(face, trade())
        ready = await face.get("/readyz")
        alive = await face.get("/livez")

    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert "retry-after" in answer.headers
    assert (ready.status_code, alive.status_code) == (503, 200)


async def test_a_failure_of_ours_shows_only_the_requests_id(gateway: Face, ask: Ask) -> None:
    """500 with the id, no word of what went wrong."""
    await ask("ALTER TABLE webhook_receipts RENAME TO receipts_gone")

    answer = await send(gateway, trade())

    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "receipts" not in answer.text
    assert answer.json()["instance"] == answer.headers["request-id"]


async def test_connections_that_the_database_drops_are_replaced(face: Face, ask: Ask) -> None:
    """After a restart of the database the next request is answered, not the first one of each old connection, however
    many there were: a second for each would be longer than a request waits."""
    await face.new_user()
    ours = "FROM pg_stat_activity WHERE application_name = 'polycool_api' AND datname = current_database()"

    async def many() -> bool:
        await asyncio.gather(*(face.get("/v1/users") for _ in range(20)))
        return len(await ask(f"SELECT pid {ours}")) >= 5

    await eventually(many)
    await ask(f"SELECT pg_terminate_backend(pid) {ours}")

    answers = [await face.get("/v1/users") for _ in range(10)]

    assert {answer.status_code for answer in answers} == {200}
