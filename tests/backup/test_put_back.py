"""A dump is put back whole or not at all; readers go back, workers are told the roles anew (SAFETY R19)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import psycopg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

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
from tests.copy_execution.world import World
from tests.doctor.patients import environment, patient, well_found, wrong

LEADER, REMOVED, ADDED = (f"0x{digit * 40}" for digit in "abc")


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
    with pytest.raises(Missing, match="of another version than the dump"):
        await refuse_if_unfit(place, manifest, cluster_id)
    os.truncate(dump, dump.stat().st_size - 100)
    with pytest.raises(Missing, match="cut short or was changed"):
        load(dump)


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
