"""The broker: what it is, that it makes no topics by itself, and that ours are as the contract says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from aiokafka import AIOKafkaConsumer
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError
from pydantic import ValidationError

from ops import topics as broker_topics
from ops.broker_access import BrokerRefuses, reach
from ops.doctor.finding import Finding, Notes
from ops.doctor.patient import ANSWER_SECONDS, Patient
from ops.failures import explained
from ops.migration.binding import Binding, BindingRefused, check, kept_partitions
from schemas.kafka_access import KafkaFilesWrong

AUTO_CREATE: Final = "auto.create.topics.enable"


async def silence(kafka: str) -> str | None:
    """Why no broker answers there, or why it lets us not in; None for one that answers."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS), broker_topics.admin(kafka):
            return None
    except (BrokerRefuses, KafkaFilesWrong) as refused:
        return str(refused.args[-1])
    except ValidationError as wrong:
        return explained(wrong)
    except (KafkaError, OSError, TimeoutError):
        return "the broker does not answer"


@asynccontextmanager
async def looker(kafka: str, **settings: Any) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer without a group that commits nothing, ended with the block."""
    consumer = AIOKafkaConsumer(**reach(kafka), enable_auto_commit=False, **settings)
    await consumer.start()
    try:
        # Its own tasks begin before they can be ended: one that never began ends the one who stops it.
        await asyncio.sleep(0)
        yield consumer
    finally:
        await consumer.stop()


async def broker(patient: Patient) -> list[Finding]:
    """Its cluster, its members, and that a misspelled topic is an error instead of a new topic."""
    notes = Notes("broker")
    place = patient.place()
    async with broker_topics.admin(place.kafka) as client:
        about = await client.describe_cluster()
        members = [str(member["node_id"]) for member in about["brokers"]]
        answered = await client.describe_configs([ConfigResource(ConfigResourceType.BROKER, members[0])])
    settings = {
        str(entry[0]): str(entry[1])
        for answer in answered
        for resource in answer.resources
        for entry in resource[4]
    }
    if settings.get(AUTO_CREATE) == "true":
        notes.wrong(
            f"the broker has {AUTO_CREATE}=true: a misspelled name makes a topic that nobody reads",
            f"set {AUTO_CREATE}=false at the broker and start it again",
        )
    return notes.all(
        f"{place.kafka}, cluster {about['cluster_id']}, {len(members)} members, makes no topics by itself"
    )


async def topics(patient: Patient) -> list[Finding]:
    """Each topic is there, with the partitions that the database keeps, and kept as long as DESIGN §5 says."""
    notes = Notes("topics")
    place = patient.place()
    cluster = await broker_topics.look(place.kafka, place.names)
    try:
        check(place.database_url, Binding(cluster.cluster_id, place.names.prefix))
    except BindingRefused as refused:
        notes.wrong(str(refused), "name the broker and the database that belong together")
    kept = kept_partitions(place.database_url)
    compared = broker_topics.plan(place.names, cluster, place.partitions, kept)
    if compared.missing:
        notes.wrong(
            f"{', '.join(compared.missing)} are not there: what is sent to them is refused",
            "polycool topics --execute",
        )
    for sentence in compared.wrong:
        notes.wrong(sentence, "polycool topics shows the contract; kafka-configs sets what can be set")
    counts = {state.partitions for state in cluster.topics.values()}
    if len(counts) > 1:
        unlike = ", ".join(f"{name} {state.partitions}" for name, state in sorted(cluster.topics.items()))
        notes.wrong(
            f"topics have unequal numbers of partitions ({unlike}): a wallet's messages are read by different workers",
            "growing means a new prefix and a drained old one (docs/operating.md)",
        )
    return notes.all(
        f"{len(cluster.topics)} topics of {', '.join(map(str, sorted(counts)))} partitions, kept as the contract says"
    )
