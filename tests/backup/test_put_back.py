"""A dump is put back whole or not at all; readers go back, workers are told the roles anew (SAFETY R19)."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from ops.audit.run import run_audit
from ops.backup.groups import standing
from ops.backup.manifest import load
from ops.backup.restore import refuse_if_unfit, restore, unlike
from ops.backup.take import take
from ops.doctor import told_roles
from ops.failures import Missing
from ops.ground import Ground
from ops.stack.local import Stack
from schemas.watched import WatchedAddress
from streams.topology import TRADES, WATCHED_ADDRESSES, TopicNames
from tests.conftest import StartProcess, until_ready
from tests.copy_execution.world import TOKEN, World
from tests.doctor.patients import environment, patient, well_found, wrong
from tests.streams.door import fill, open_door
from tests.waiting import eventually

LEADER, REMOVED, ADDED = (f"0x{digit * 40}" for digit in "abc")
OTHER = "8" * 20


@pytest.fixture
def place(stack: Stack, database_url: str, topics: TopicNames) -> Ground:
    """This test's broker and database."""
    return Ground(stack.kafka, database_url, topics, 4)


async def test_r19_readers_go_back_and_roles_are_told_anew(
    place: Ground, cluster_id: str, tmp_path: Path
) -> None:
    """After the dump: trades are handled, a leader is removed, another is watched. Put back: the trades come again, and
    what the table holds is told above the topic's versions, or nothing of that leader would be copied, unsaid."""
    world = World.on(place.database_url)
    for wallet in (LEADER, REMOVED):
        world.leader(wallet)
        await _told(place, wallet, 1, "copy_leader")
    await _handled(place, 3)
    dump, _ = await take(place, tmp_path)
    assert dump.stat().st_mode & 0o077 == 0, "it holds what people own"

    await _handled(place, 2)
    world.run("UPDATE wallet_roles SET to_at = now() WHERE wallet = %s", REMOVED)
    world.run("UPDATE watched_addresses SET version = 2 WHERE wallet = %s", REMOVED)
    await _told(place, REMOVED, 2)
    world.leader(ADDED)
    await _told(place, ADDED, 1, "copy_leader")
    world.owner.close()

    manifest = load(dump)
    await refuse_if_unfit(place, manifest, cluster_id)
    done = await restore(place, dump, manifest, "tests")
    assert (await standing(place.kafka, place.names.prefix)) == _group(place, 3)
    assert done.gone == []
    assert list(done.told) == sorted([REMOVED, ADDED])
    with psycopg.connect(place.database_url) as connection:
        rows = connection.execute("SELECT value FROM outbox ORDER BY outbox_id").fetchall()
        told = {one.wallet: one for one in (WatchedAddress.decode(bytes(row[0])) for row in rows)}
    assert (told[REMOVED].version, len(told[REMOVED].roles)) == (3, 1)
    assert (told[ADDED].version, told[ADDED].roles) == (2, ())
    assert await unlike(place) == {REMOVED: 4, ADDED: 3}, "not told before the outbox is sent"
    one = patient(tmp_path, environment(place.kafka, place.database_url, place.names.prefix))
    await well_found(told_roles.look, one)
    with psycopg.connect(place.database_url) as connection:
        connection.execute("UPDATE outbox SET sent_at = now()")
    assert REMOVED in await wrong(told_roles.look, one)


async def test_r19_the_streams_catch_up_after_a_restore_and_buy_nothing_twice(
    place: Ground, cluster_id: str, run_process: StartProcess, tmp_path: Path
) -> None:
    """A dump under way, twelve trades decided after it, the dump put back, the worker started: it reads from where the
    dump stood, every trade has the one answer of each follower that it had, no BUY of them is planned again, numbers
    stand, and the audit finds nothing."""
    world = World.on(place.database_url)
    world.leader(LEADER, read=False)
    for token in (TOKEN, OTHER):
        world.market(token)
    await _told(place, LEADER, 1, "copy_leader")
    worker = await run_process("streams")
    async with open_door(place.kafka, place.database_url, place.names) as door:

        async def decided() -> int:
            rows = await door.rows("SELECT count(*) AS n FROM leader_decisions WHERE leader = %s", LEADER)
            return int(rows[0]["n"])

        async def numbered() -> bool:
            rows = await door.rows("SELECT leader_number AS n FROM trades ORDER BY 1")
            return [row["n"] for row in rows] == list(range(1, 18))

        async def read() -> bool:
            return bool(await door.rows("SELECT 1 FROM role_reads WHERE wallet = %s", LEADER))

        await eventually(read, 30)
        _followed_by_two(world)
        for _ in range(5):
            await door.trade(fill(LEADER, token_id=TOKEN))
        await eventually(lambda: _is(decided, 5), 30)
        dump, _ = await take(place, tmp_path)
        for number in range(12):
            await door.trade(fill(LEADER, token_id=OTHER, side="SELL" if number == 11 else "BUY"))
        await eventually(lambda: _is(decided, 17), 30)
        answered = await door.rows(_ANSWERED)
        world.owner.close()
        worker.stop()
        await eventually(lambda: _nobody_is_connected(place), 30)
        manifest = load(dump)
        await refuse_if_unfit(place, manifest, cluster_id)
        assert (await restore(place, dump, manifest, "tests")).gone == []
        assert await decided() == 5, "the database has forgotten them"
        since = {(row["trade_id"], row["allocation_id"]) for row in await door.rows(_ANSWERED)}

        worker.start()
        await until_ready(worker)
        await eventually(lambda: _is(decided, 17), 60)
        # Their copies stand on the topic still and may be decided before classify has read them again.
        await eventually(numbered, 60)
        again = await door.rows(_ANSWERED)
        pairs = [(row["trade_id"], row["allocation_id"]) for row in again]
        assert pairs == [(row["trade_id"], row["allocation_id"]) for row in answered]
        assert len(set(pairs)) == len(pairs) == 2 * 17
        _none_is_bought([row for row in again if (row["trade_id"], row["allocation_id"]) not in since])
    audit = await run_audit(
        database_url=place.database_url, kafka=place.kafka, prefix=place.names.prefix, environment={}
    )
    # The first five were planned and nobody trades here: how long they are open is no matter of this test.
    assert [name for check in audit.checks for name in check.names if "open for too long" not in name] == []


def _followed_by_two(world: World) -> None:
    """As if each had been given its paper money: the audit counts it."""
    for name in ("Ann", "Ben"):
        world.follow(world.account(name), LEADER)
    world.run(
        "INSERT INTO cash_entries (account_id, cause, ref, usdc)"
        " SELECT account_id, 'credit', account_id, cash_usdc FROM accounts"
    )
    world.run("INSERT INTO paper.balances SELECT wallet, 'USDC', cash_usdc * 1000000 FROM accounts")
    world.run("INSERT INTO paper.balances SELECT 'outside', 'USDC', -sum(cash_usdc) * 1000000 FROM accounts")


def _none_is_bought(late: list[dict[str, Any]]) -> None:
    """What is decided after the restore: the twelve trades for both, each BUY of them stopped."""
    assert len(late) == 2 * 12
    assert {(row["side"], row["state"], row["reason"]) for row in late if row["side"] == "BUY"} == {
        ("BUY", "skipped", "BUYS_STOPPED")
    }
    assert not [row for row in late if row["state"] in ("planned", "submitting", "filled")]


_ANSWERED = (
    "SELECT trade_id, allocation_id, side, state, reason FROM copy_orders ORDER BY number, allocation_id"
)


async def _is(counted: Callable[[], Awaitable[int]], wanted: int) -> bool:
    return await counted() == wanted


async def test_r19_what_must_not_be_put_back_is_refused(
    place: Ground, cluster_id: str, tmp_path: Path
) -> None:
    """Another cluster's dump, one that was cut short, one of other tables, and while a process still writes."""
    dump, manifest = await take(place, tmp_path)
    with pytest.raises(Missing, match="belongs to cluster"):
        await refuse_if_unfit(place, manifest, "another")
    with (
        psycopg.connect(place.database_url, application_name="polycool-trading"),
        pytest.raises(Missing, match="polycool-trading still use the database: stop every process"),
    ):
        await refuse_if_unfit(place, manifest, cluster_id)
    with psycopg.connect(place.database_url) as connection:
        connection.execute("DELETE FROM applied_migrations WHERE number = 1")
    await eventually(lambda: _nobody_is_connected(place), 30)
    with pytest.raises(Missing, match="of another version than the dump"):
        await refuse_if_unfit(place, manifest, cluster_id)
    os.truncate(dump, dump.stat().st_size - 100)
    with pytest.raises(Missing, match="cut short or was changed"):
        load(dump)


def _nobody_is_connected(place: Ground) -> bool:
    """A process that has ended, or a connection that was closed, is gone from the server a moment later."""
    ours = "datname = current_database() AND application_name LIKE 'polycool%'"
    with psycopg.connect(place.database_url) as connection:
        return not connection.execute(f"SELECT 1 FROM pg_stat_activity WHERE {ours}").fetchall()


async def _handled(place: Ground, count: int) -> None:
    """So many trades on partition 0, all committed by the streams' group."""
    trades = place.names.of(TRADES)
    async with AIOKafkaProducer(bootstrap_servers=place.kafka) as producer:
        sent = [await producer.send_and_wait(trades, b"{}", partition=0) for _ in range(count)]
    (group,) = _group(place, 0)
    consumer = AIOKafkaConsumer(bootstrap_servers=place.kafka, group_id=group, enable_auto_commit=False)
    await consumer.start()
    consumer.assign([TopicPartition(trades, 0)])
    await consumer.commit({TopicPartition(trades, 0): sent[-1].offset + 1})
    await consumer.stop()


def _group(place: Ground, offset: int) -> dict[str, Any]:
    return {f"{place.names.prefix}polycool-streams": {place.names.of(TRADES): {0: offset}}}


async def _told(place: Ground, wallet: str, version: int, *roles: str) -> None:
    message = WatchedAddress.model_validate(
        {"wallet": wallet, "version": version, "roles": roles, "since": dict.fromkeys(roles, version)}
    )
    async with AIOKafkaProducer(bootstrap_servers=place.kafka) as producer:
        await producer.send_and_wait(place.names.of(WATCHED_ADDRESSES), message.encode(), key=wallet.encode())
