"""The outbox relay on the real broker and database: what was committed goes out, in order, whoever relays."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import NoReturn

import psycopg
import pytest
from aiokafka import AIOKafkaProducer

from schemas.dead_letters import DeadLetter
from schemas.enums import DeadLetterReason
from streams.outbox.agent import Relay
from streams.topology import COPY_RESULTS, DEAD_LETTERS, WATCHED_ADDRESSES
from tests.conftest import StartProcess
from tests.streams.door import Door
from tests.waiting import eventually


def _crash(fault: BaseException) -> NoReturn:
    raise AssertionError("the relay may not end the process here") from fault


@asynccontextmanager
async def relaying(door: Door, *, kept_minutes: int = 60) -> AsyncIterator[Relay]:
    """A relay that runs while the block does."""
    producer = AIOKafkaProducer(bootstrap_servers=door.kafka, acks="all", enable_idempotence=True)
    await producer.start()

    async def produce(topic: str, key: bytes | None, value: bytes | None) -> Awaitable[object]:
        confirmation: Awaitable[object] = await producer.send(topic, value, key=key)
        return confirmation

    relay = Relay(
        door.database_url, door.names, produce, kept_minutes=kept_minutes, crash=_crash, told=lambda *_: None
    )
    running = asyncio.create_task(relay.run())
    try:
        yield relay
        assert not running.done(), "the relay has ended"
    finally:
        running.cancel()
        await asyncio.wait({running})
        await producer.stop()


async def put(door: Door, *rows: tuple[str, str, bytes]) -> None:
    """Commit facts, as a stage does together with their cause."""
    async with await psycopg.AsyncConnection.connect(door.database_url) as connection:
        for topic, key, value in rows:
            await connection.execute(
                "INSERT INTO outbox (topic, key, value) VALUES (%s, %s, %s)", (topic, key, value)
            )
        await connection.execute("SELECT pg_notify('polycool_outbox', '')")


async def unsent(door: Door) -> int:
    """How many rows wait."""
    rows = await door.rows("SELECT count(*) FROM outbox WHERE sent_at IS NULL")
    return int(rows[0]["count"])


async def test_committed_facts_go_out_in_order_and_are_marked_sent(door: Door) -> None:
    """Those from before the relay's start too; per key in the order of commit."""
    await put(door, *((COPY_RESULTS.name, f"key{number % 3}", b"%d" % number) for number in range(600)))
    async with relaying(door):
        await put(
            door, *((COPY_RESULTS.name, f"key{number % 3}", b"%d" % number) for number in range(600, 700))
        )
        await eventually(lambda: _all_sent(door), 20)
    records = await door.read(COPY_RESULTS, 700)
    assert len(records) == 700
    for key in range(3):
        numbers = [int(record.value) for record in records if record.key == b"key%d" % key]
        assert numbers == [number for number in range(700) if number % 3 == key]


async def _all_sent(door: Door) -> bool:
    return await unsent(door) == 0


async def test_two_relays_send_each_fact_once_and_the_second_takes_over(door: Door) -> None:
    """One holds the lock; when it ends the other goes on within a second or two."""
    async with relaying(door):
        async with relaying(door):
            await put(door, *((COPY_RESULTS.name, "key", b"%d" % number) for number in range(50)))
            await eventually(lambda: _all_sent(door), 20)
        await put(door, (COPY_RESULTS.name, "key", b"50"))
        await eventually(lambda: _all_sent(door), 20)
    assert [int(record.value) for record in await door.read(COPY_RESULTS, 51)] == list(range(51))


async def test_a_relay_whose_connection_is_cut_goes_on(door: Door) -> None:
    """Its session is terminated by the server; later facts go out all the same."""
    async with relaying(door):
        await put(door, (COPY_RESULTS.name, "key", b"0"))
        await eventually(lambda: _all_sent(door), 20)
        cut = await door.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'polycool-relay' "
            "AND datname = current_database()"
        )
        assert cut
        await put(door, (COPY_RESULTS.name, "key", b"1"))
        await eventually(lambda: _all_sent(door), 20)


async def test_a_fact_that_can_never_go_out_holds_up_nobody(door: Door) -> None:
    """An unknown topic, and a value beyond the broker's limit: their bytes become dead letters, the others go out."""
    async with relaying(door):
        await put(
            door,
            ("no_such_topic", "key", b"lost?"),
            (WATCHED_ADDRESSES.name, "key", b"x" * 3_000_000),
            (WATCHED_ADDRESSES.name, "key", b"{}"),
        )
        await eventually(lambda: _all_sent(door), 20)
    letters = [DeadLetter.decode(record.value) for record in await door.read(DEAD_LETTERS, 2)]
    assert {letter.topic for letter in letters} == {"outbox:no_such_topic", "outbox:watched_addresses"}
    assert {letter.reason for letter in letters} == {DeadLetterReason.FAILED}
    assert [record.value for record in await door.read(WATCHED_ADDRESSES, 1)] == [b"{}"]


@pytest.mark.parametrize(("age_minutes", "left"), [(30, 1), (90, 0)])
async def test_sent_facts_are_dropped_after_an_hour(door: Door, age_minutes: int, left: int) -> None:
    """And not before."""
    await door.rows(
        "INSERT INTO outbox (topic, key, value, sent_at) VALUES "
        "('copy_results', 'key', 'x', now() - %s * interval '1 minute') RETURNING 1",
        age_minutes,
    )
    async with relaying(door):
        await put(door, (COPY_RESULTS.name, "key", b"1"))

        async def settled() -> bool:
            rows = await door.rows("SELECT count(*) FROM outbox")
            return await unsent(door) == 0 and rows[0]["count"] == 1 + left

        await eventually(settled, 20)


async def test_the_workers_own_relay_gives_up_what_is_too_large(
    door: Door, run_process: StartProcess
) -> None:
    """Through Faust's producer too, which names faults in its own way: a dead letter, no crash, the next one goes."""
    worker = await run_process("streams")
    await put(door, (COPY_RESULTS.name, "key", b"x" * 3_000_000), (COPY_RESULTS.name, "key", b"{}"))
    await eventually(lambda: _all_sent(door), 20)
    assert worker.exit_code() is None
    assert len(await door.read(DEAD_LETTERS, 1)) == 1
