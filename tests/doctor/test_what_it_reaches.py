"""Checks of broker and database, each broken on purpose on one ground; the sentence is read."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import httpx
import psycopg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import NewPartitions

from ops.doctor import (
    broker,
    clocks,
    consumers,
    database,
    growth,
    leftovers,
    told_roles,
    wallets,
    workers,
)
from ops.doctor.examine import Look
from ops.doctor.patient import Patient
from ops.stack.local import Stack
from ops.topics import admin
from schemas.watched import WatchedAddress
from streams.topology import TRADES, WATCHED_ADDRESSES, TopicNames
from tests.doctor.patients import environment, machine, patient, well, well_found, wrong
from tests.doctor.planted_rows import ACCOUNT, KEY, LIVE, ORDER, OWN_KEY, PAPER, SKIPPED, SKIPPED_AS, WALLET
from tests.waiting import eventually


class Planted(NamedTuple):
    """A check, what is done to the tables (guards are off, as for a fault below our code), words of the sentence; a
    ``?`` in them is any sign: a look may be a second later."""

    look: Look
    says: str
    deed: str
    machine: Mapping[str, Any] = MappingProxyType({})
    runs_here: bool = False


PLANTED = {
    "a step not made": Planted(
        database.tables, "steps of the tables that are not made yet: 1, first 0026",
        "DELETE FROM applied_migrations WHERE number = 26",
    ),
    "a guard that is off": Planted(
        database.tables, "the trigger copy_orders_end of copy_orders is off",
        "ALTER TABLE copy_orders DISABLE TRIGGER copy_orders_end",
    ),
    "row security off": Planted(
        database.tables, "row security of accounts is off", "ALTER TABLE accounts DISABLE ROW LEVEL SECURITY"
    ),
    "a right too many": Planted(
        database.roles, "polycool_api may write copy_orders, which only copy_execution, prune, trading may",
        "GRANT UPDATE ON copy_orders TO polycool_api",
    ),
    "a right too few": Planted(
        database.roles, "polycool_streams may not write leader_decisions: its process fails there",
        "REVOKE INSERT ON leader_decisions FROM polycool_streams",
    ),
    "a worker that is silent": Planted(
        workers.look, "trading host:1 with epoch 7 was last heard of 3,60? s ago: nothing is posted, exits wait",
        "INSERT INTO worker_epochs VALUES ('trading', 7, 'host:1', now(), now(), now() - interval '1 hour')",
    ),
    "an account that nobody opens": Planted(
        wallets.look, "1 accounts wait for their wallet for over 60 s (M-0000001)",
        ACCOUNT.format(venue="paper", state="opening", wallet=WALLET, armed="NULL, NULL"),
    ),
    "a wallet without its key": Planted(wallets.look, "1 accounts have no key of ours (M-0000001)", PAPER),
    "a key under another one": Planted(
        wallets.look, "wallets' keys are wrapped by aws-kms/lost, which is not set up: trading cannot open them",
        f"{PAPER}; {KEY.format(owner=WALLET, provider='aws-kms/lost')}",
    ),
    "a wallet that is not its key's": Planted(
        wallets.look, "M-0000001 is live, and its wallet is not its key's by signature type 0",
        f"{LIVE}; {KEY.format(owner='0x' + 'cd' * 20, provider='local')}",
    ),
    "no permission": Planted(
        wallets.look, "M-0000001 is armed and the exchange may not take what its orders need",
        f"""{LIVE}; {OWN_KEY}; INSERT INTO live_looks (account_id, answered_at, region_allowed, wallet_ready, permitted,
            withdrawal_possible) VALUES ('M-0000001', now(), true, true, false, true)""",
    ),
    "a balance that is not readable": Planted(
        wallets.look, "the exchange's books of M-0000001 could not be read: it does not answer",
        f"""{PAPER}; {OWN_KEY}; INSERT INTO account_audits (account_id, outcome, why, differences)
            VALUES ('M-0000001', 'unread', 'it does not answer', '[]')""",
    ),
    "an order unknown for long": Planted(
        leftovers.look, "1 orders are unknown for over 120 s, the oldest for 3,60? s: their money is reserved",
        f"""{PAPER}; {ORDER}; INSERT INTO order_transitions (order_hash, from_state, to_state, cause, at)
            VALUES ('0xff', 'submitting', 'unknown', 'planted', now() - interval '1 hour')""",
    ),
    "a dead letter": Planted(
        leftovers.look, "1 dead letters, the first from 20",
        """INSERT INTO dead_letters (letter_partition, letter_offset, topic, partition, "offset", reason, detail, stage,
               size, sha256, body, first_seen_at, last_seen_at, appended_at)
           VALUES (0, 0, 'trades', 0, 5, 'UNREADABLE', 'no JSON', 'classify', 2, '', '', now(), now(), now())""",
    ),
    "a notice that is late": Planted(
        leftovers.look, "1 notices wait for over 60 s, the oldest for 30? s",
        """INSERT INTO users (user_id, label, telegram_id) VALUES ('U-0000001', 'Ann', 5);
           INSERT INTO notifications (user_id, kind, event, body, due_at)
           VALUES ('U-0000001', 'signed_in', 'x', '{}', now() - interval '5 minutes')""",
    ),
    "a message that is not sent": Planted(
        leftovers.look, "1 messages wait in the outbox for over 30 s",
        "INSERT INTO outbox (topic, key, created_at) VALUES ('copy_results', 'x', now() - interval '5 minutes')",
    ),
    "rows that nobody prunes": Planted(
        growth.look, "audits of accounts are still there 310 days after their time: nothing prunes",
        f"""{PAPER}; INSERT INTO account_audits (account_id, outcome, why, differences, audited_at)
            SELECT 'M-0000001', 'agrees', '', '[]', now() - make_interval(days => d) FROM unnest(ARRAY[400, 0]) d""",
    ),
    "a disk that soon is full": Planted(
        growth.look, "the disk lasts 0 more days at today's pace",
        f"""INSERT INTO copy_orders (copy_order_id, trade_id, decided_at, ended_at, {SKIPPED})
            VALUES ('C-1', 't', now(), now(), {SKIPPED_AS})""",
        {"free_disk_mb": lambda _: 0}, True,
    ),
}  # fmt: skip


@pytest.fixture
def one(stack: Stack, database_url: str, topics: TopicNames, tmp_path: Path) -> Patient:
    """A patient on this test's broker and database, well."""
    return patient(tmp_path, environment(stack.kafka, database_url, topics.prefix))


@pytest.mark.parametrize("planted", PLANTED)
async def test_what_the_tables_show_is_said(
    stack: Stack, database_url: str, topic_prefix: str, tmp_path: Path, planted: str
) -> None:
    """✗ with its sentence and its mend."""
    look, says, deed, parts, runs_here = PLANTED[planted]
    settings = environment(stack.kafka, database_url, topic_prefix)
    _plant(database_url, deed)
    said = await wrong(look, patient(tmp_path, settings, well, machine(**parts), runs_here=runs_here))
    assert fnmatchcase(said, f"*{says}*"), said


async def test_a_well_ground_is_found_well(one: Patient) -> None:
    """Every check of the parts: nothing wrong."""
    for look in (
        broker.broker, broker.topics, clocks.look, database.tables, database.roles, told_roles.look, workers.look,
        wallets.look, leftovers.look, growth.look,
    ):  # fmt: skip
        assert await well_found(look, one)


async def test_a_clock_that_is_off_is_said(
    stack: Stack, database_url: str, topics: TopicNames, tmp_path: Path
) -> None:
    """Against the broker's, the database's and the exchange's; a second is borne."""
    settings = environment(stack.kafka, database_url, topics.prefix)

    def late(shift: float) -> Patient:
        return patient(tmp_path, settings, machine=machine(now=lambda: time.time() + shift))

    await well_found(clocks.look, late(0.5))
    said = await wrong(clocks.look, late(-90))
    for who in ("the database", "the broker"):
        assert re.search(rf"this machine's clock is (89|90|91)\.\d s behind that of {who}", said), said
    assert "s ahead of that of the database" in await wrong(clocks.look, late(5))

    def telling(request: httpx.Request) -> httpx.Response:
        return (
            httpx.Response(200, json=int(time.time()) + 60) if request.url.path == "/time" else well(request)
        )

    said = await wrong(clocks.look, patient(tmp_path, settings, telling))
    assert "s behind that of the paper exchange" in said
    assert "that of the database" not in said


async def test_topics_that_are_not_as_they_must_be_are_said(
    one: Patient, stack: Stack, topics: TopicNames
) -> None:
    """SAFETY R23: more partitions in a living topic, a missing one, another retention."""
    names = list(topics.all())
    async with admin(stack.kafka) as client:
        await client.create_partitions({names[0]: NewPartitions(total_count=8)})
        await client.delete_topics([names[1]])

    async def seen() -> bool:
        said = await wrong(broker.topics, one)
        return "8 partitions at the broker, 4 expected" in said and f"{names[1]} are not there" in said

    await eventually(seen)
    said = await wrong(broker.topics, one)
    assert "the count of a living topic never changes" in said
    assert "topics have unequal numbers of partitions" in said
    assert "polycool topics --execute" in said


async def test_a_database_of_another_cluster_is_said(one: Patient, database_url: str) -> None:
    """SAFETY R32."""
    _plant(database_url, "UPDATE database_binding SET cluster_id = 'another'")
    assert "this database belongs to the Kafka cluster another" in await wrong(broker.topics, one)


async def test_topics_that_nobody_reads_and_partitions_that_stand_still_are_said(
    one: Patient, stack: Stack, topics: TopicNames, tmp_path: Path
) -> None:
    """No member; a member that leaves topics out; a message that is not committed for a minute."""
    assert "nobody reads the topics: trades wait, nothing is copied" in await wrong(consumers.look, one)
    trades = topics.of(TRADES)
    reader = AIOKafkaConsumer(
        trades,
        bootstrap_servers=stack.kafka,
        group_id=f"{topics.prefix}polycool-streams",
        enable_auto_commit=False,
    )
    await reader.start()
    try:
        async with AIOKafkaProducer(bootstrap_servers=stack.kafka) as producer:
            await producer.send_and_wait(trades, b"{}", partition=2)
        await reader.commit({TopicPartition(trades, 2): 0})
        said = await wrong(consumers.look, one)
        assert f"{topics.prefix}copy_leader has nobody for partition 0, 1, 2, 3" in said
        assert f"{trades} has nobody" not in said
        assert "stands still" not in said
        later = datetime.now(UTC).timestamp() + 90
        said = await wrong(
            consumers.look, patient(tmp_path, one.environment, machine=machine(now=lambda: later))
        )
        assert f"{trades}/2 stands still: its message 0 waits for" in said
    finally:
        await reader.stop()


async def test_roles_that_workers_are_told_otherwise_are_said(
    one: Patient, stack: Stack, database_url: str, topics: TopicNames
) -> None:
    """As after a restore: the topic has a later version without the role, the table still holds it."""
    _plant(
        database_url,
        f"""INSERT INTO watched_addresses (wallet, version) VALUES ('{WALLET}', 1);
            INSERT INTO wallet_roles (wallet, role, since_version) VALUES ('{WALLET}', 'copy_leader', 1)""",
    )
    async with AIOKafkaProducer(bootstrap_servers=stack.kafka) as producer:
        for version, roles in ((1, ("copy_leader",)), (2, ())):
            told = WatchedAddress.model_validate(
                {"wallet": WALLET, "version": version, "roles": roles, "since": dict.fromkeys(roles, 1)}
            )
            await producer.send_and_wait(topics.of(WATCHED_ADDRESSES), told.encode(), key=WALLET.encode())
            if version == 1:
                await well_found(told_roles.look, one)
    assert f"workers are told other roles than the table holds of {WALLET}" in await wrong(
        told_roles.look, one
    )


async def test_an_older_trading_worker_that_holds_on_is_said(one: Patient, database_url: str) -> None:
    """Its connections began before the newest one took its epoch."""
    with psycopg.connect(database_url, application_name="polycool-trading"):
        _plant(
            database_url,
            """INSERT INTO worker_epochs
               VALUES ('trading', 2, 'host:2', now() + interval '2 minutes', now(), now() + interval '2 minutes')""",
        )
        assert "an older trading worker still has 1 connections" in await wrong(workers.look, one)


def _plant(database: str, deed: str) -> None:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(deed.encode())
