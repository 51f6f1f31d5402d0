"""The ground every test stands on: topics as the contract says, a database bound to them."""

from __future__ import annotations

import psycopg
import pytest
from aiokafka.admin import NewPartitions

from ops import topics as broker_topics
from ops.migration.binding import Binding, BindingRefused, bind, check, kept_partitions
from ops.migration.migrate import migrate, plan
from ops.stack.local import Stack
from streams.topology import TOPICS, TopicNames
from tests.waiting import eventually


async def test_topics_are_made_as_the_contract_says(
    stack: Stack, topics: TopicNames, database_url: str
) -> None:
    """Every topic exists with its retention or compaction, and stamped by the broker's clock (R17)."""
    cluster = await broker_topics.look(stack.kafka, topics)
    assert set(cluster.topics) == {f"{topics.prefix}{topic.name}" for topic in TOPICS}
    compared = broker_topics.plan(topics, cluster, 4, kept_partitions(database_url))
    assert (compared.missing, compared.wrong) == ({}, ())
    assert all(
        state.settings["message.timestamp.type"] == "LogAppendTime" for state in cluster.topics.values()
    )


async def test_r23_a_changed_partition_count_is_refused(
    stack: Stack, topics: TopicNames, database_url: str
) -> None:
    """A living topic with another partition count than the database kept is named as wrong (R23)."""
    async with broker_topics.admin(stack.kafka) as client:
        await client.create_partitions({f"{topics.prefix}trades": NewPartitions(8)})

    async def findings() -> tuple[str, ...]:
        cluster = await broker_topics.look(stack.kafka, topics)
        return broker_topics.plan(topics, cluster, 4, kept_partitions(database_url)).wrong

    wrong = await eventually(findings)
    assert len(wrong) == 1
    assert "8 partitions at the broker, 4 expected" in wrong[0]


def test_r32_a_database_serves_one_cluster_and_one_prefix(
    database_url: str, cluster_id: str, topic_prefix: str
) -> None:
    """Another prefix or another cluster is refused, the own one is not (R32)."""
    check(database_url, Binding(cluster_id, topic_prefix))
    with pytest.raises(BindingRefused, match="without a prefix"):
        bind(database_url, Binding(cluster_id, ""))
    with pytest.raises(BindingRefused, match="belongs to the Kafka cluster"):
        bind(database_url, Binding("another", topic_prefix))


def test_migrating_twice_changes_nothing(database_url: str) -> None:
    """All steps are applied and recorded; a second run has nothing to do."""
    before = plan(database_url)
    assert before.missing == ()
    assert migrate(database_url) == before
    with psycopg.connect(database_url) as connection:
        rows = connection.execute("SELECT count(*) FROM applied_migrations").fetchone()
    assert rows == (before.applied,)
