"""The topics of the contract (streams/topology.py) at a broker: looked at, compared, made.

Partition counts never change in a living topic (SAFETY R23), settings are as DESIGN §5 says.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaConnectionError, KafkaError, TopicAlreadyExistsError, for_code

from ops.broker_access import BrokerRefuses, reach, refusal
from streams.topology import TopicNames

# A message of 10 MB must be refused with a clear answer, not stop a consumer: the broker's default of 1 MiB stays.
REQUEST_TIMEOUT_MS = 30_000
TOLD_SECONDS = 15.0


@dataclass(frozen=True)
class TopicState:
    """A topic as it stands at the broker."""

    partitions: int
    settings: Mapping[str, str]


@dataclass(frozen=True)
class Cluster:
    """What the broker says: its cluster's id and our topics as they are."""

    cluster_id: str
    topics: Mapping[str, TopicState]


@dataclass(frozen=True)
class TopicsPlan:
    """What would be made (name → partitions), and what is not as it must be, a sentence each."""

    missing: Mapping[str, int]
    wrong: tuple[str, ...]


@asynccontextmanager
async def admin(kafka: str) -> AsyncIterator[AIOKafkaAdminClient]:
    """An admin client at the address, closed afterwards. Raises BrokerRefuses when one does
    not let us in, KafkaError when none answers."""
    client = AIOKafkaAdminClient(**reach(kafka), request_timeout_ms=REQUEST_TIMEOUT_MS)
    try:
        try:
            await client.start()
        except KafkaConnectionError as away:
            # Not there, or there and refusing: people mend the two in different places.
            if (sentence := await refusal(kafka)) is None:
                raise
            raise BrokerRefuses(sentence) from away
        yield client
    finally:
        await client.close()


async def look(kafka: str, names: TopicNames) -> Cluster:
    """Ask the broker for its cluster's id and for the topics of the contract that exist."""
    async with admin(kafka) as client:
        about = await client.describe_cluster()
        existing = sorted(set(await client.list_topics()) & set(names.all()))
        if not existing:
            return Cluster(str(about["cluster_id"]), {})
        described = await client.describe_topics(existing)
        resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in existing]
        answers = await client.describe_configs(resources)
    settings = {
        resource[3]: {str(entry[0]): str(entry[1]) for entry in resource[4]}
        for answer in answers
        for resource in answer.resources
    }
    return Cluster(
        str(about["cluster_id"]),
        {
            topic["topic"]: TopicState(len(topic["partitions"]), settings.get(topic["topic"], {}))
            for topic in described
        },
    )


def plan(names: TopicNames, cluster: Cluster, partitions: int, kept: Mapping[str, int]) -> TopicsPlan:
    """Compare the broker with the contract and with the partition counts kept in the database."""
    missing: dict[str, int] = {}
    wrong: list[str] = []
    for name, topic in names.all().items():
        state = cluster.topics.get(name)
        if state is None:
            if name in kept:
                wrong.append(
                    f"{name}: the database knows it with {kept[name]} partitions, the broker has lost it"
                )
            missing[name] = kept.get(name, partitions)
            continue
        count = kept.get(name, partitions)
        if state.partitions != count:
            wrong.append(
                f"{name}: {state.partitions} partitions at the broker, {count} expected; "
                "the count of a living topic never changes, growing means a new prefix"
            )
        wrong += [
            f"{name}: {setting} is {state.settings.get(setting)}, must be {value}"
            for setting, value in topic.settings().items()
            if state.settings.get(setting) != value
        ]
    return TopicsPlan(missing, tuple(wrong))


async def create(kafka: str, names: TopicNames, missing: Mapping[str, int]) -> None:
    """Make the missing topics with the contract's settings. One that another run has just made is no error."""
    if not missing:
        return
    contract = names.all()
    wanted = [
        NewTopic(
            name=name, num_partitions=count, replication_factor=1, topic_configs=contract[name].settings()
        )
        for name, count in missing.items()
    ]
    async with admin(kafka) as client:
        answer = await client.create_topics(wanted, timeout_ms=REQUEST_TIMEOUT_MS)
    for name, code, *rest in answer.topic_errors:
        error = for_code(code)
        if code and error is not TopicAlreadyExistsError:
            raise KafkaError(f"topic {name} could not be made: {rest[0] if rest else error.__name__}")
    await _until_told(kafka, present=set(missing), absent=set())


async def delete(kafka: str, names: TopicNames) -> None:
    """Delete the topics of the contract under this prefix (tests and shadow runs)."""
    async with admin(kafka) as client:
        existing = sorted(set(await client.list_topics()) & set(names.all()))
        if existing:
            await client.delete_topics(existing, timeout_ms=REQUEST_TIMEOUT_MS)
    await _until_told(kafka, present=set(), absent=set(existing))


async def _until_told(kafka: str, *, present: set[str], absent: set[str]) -> None:
    """Wait until the broker's own metadata show the change, some milliseconds after the answer to it."""
    async with admin(kafka) as client, asyncio.timeout(TOLD_SECONDS):
        while True:
            names = set(await client.list_topics())
            if present <= names and not absent & names:
                return
            await asyncio.sleep(0.01)
