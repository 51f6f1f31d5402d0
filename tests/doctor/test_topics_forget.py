"""Messages that are kept longer than they should be are found, whatever the broker is slow with (SAFETY R23)."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.consumer.fetcher import Fetcher, OffsetResetStrategy

from ops.doctor import growth
from ops.stack.local import Stack
from streams.topology import TRADES, TopicNames
from tests.doctor.patients import environment, machine, patient, wrong

_THEIRS = Fetcher._proc_offset_request
DAYS = 50
# Longer than all else that the look asks takes.
LATE_SECONDS = 5.0


@pytest.fixture(params=["at once", "late"])
def answered(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the broker answers what an assignment asks by itself, before all else: where the partitions end."""
    ends = count()

    async def late(fetcher: Fetcher, node: int, asked: Any) -> Any:
        answer = await _THEIRS(fetcher, node, asked)
        of_ends = any(at == OffsetResetStrategy.LATEST for parts in asked.values() for _, at in parts)
        if of_ends and next(ends) == 0:
            await asyncio.sleep(LATE_SECONDS)
        return answer

    if request.param == "late":
        monkeypatch.setattr(Fetcher, "_proc_offset_request", late)


@pytest.mark.usefixtures("answered")
async def test_messages_that_are_never_let_go_are_said(
    stack: Stack, database_url: str, topics: TopicNames, tmp_path: Path
) -> None:
    """The oldest message of a topic that no longer forgets is read, and its age is said."""
    async with AIOKafkaProducer(bootstrap_servers=stack.kafka) as producer:
        await producer.send_and_wait(topics.of(TRADES), b"{}")
    later = datetime.now(UTC).timestamp() + DAYS * 86_400
    settings = environment(stack.kafka, database_url, topics.prefix)
    said = await wrong(growth.look, patient(tmp_path, settings, machine=machine(now=lambda: later)))
    assert f"{topics.of(TRADES)} still has messages from {DAYS} days ago, 30 are kept" in said
