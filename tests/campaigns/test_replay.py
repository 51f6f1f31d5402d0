"""The whole topic read again places no order (DESIGN §4.5)."""

from __future__ import annotations

import asyncio

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.structs import OffsetAndMetadata

from ops.campaign.asking import asked
from ops.campaign.settling import settle
from ops.stack.program import Program
from streams.settings import StreamsSettings
from streams.topology import WATCHED_ADDRESSES, WAY
from tests.campaigns.running import CampaignRun
from tests.conftest import until_ready

READ = ("paper", "streams", "trading")


@pytest.mark.timeout(400)
async def test_a_replay_of_the_whole_topic_places_no_order(campaign_run: CampaignRun) -> None:
    """All offsets back to the beginning: everything is read again, nothing is decided, signed or posted anew."""
    with campaign_run.clone() as database:
        settings = campaign_run.processes.environment | {"POLYCOOL_DATABASE_URL": database}
        before = (await asked(database, "posts"), await asked(database, "by_state"))
        read_again = await _back_to_the_beginning(settings)
        logs = campaign_run.processes.stack.directory / "logs"
        programs = [Program(name, settings, logs, campaign_run.processes.local.children) for name in READ]
        try:
            for program in programs:
                program.start()
                await until_ready(program)
            await settle(settings, 120.0)
        finally:
            for program in reversed(programs):
                await asyncio.to_thread(program.stop)
        after = (await asked(database, "posts"), await asked(database, "by_state"))
    assert read_again > 0
    assert after == before


async def _back_to_the_beginning(settings: dict[str, str]) -> int:
    """Set the group's offsets to 0; returns how many messages will come again."""
    read = StreamsSettings.model_validate(
        {"kafka": settings["POLYCOOL_KAFKA"], "database_url": settings["POLYCOOL_DATABASE_URL"]}
    )
    topics = {
        read.names.of(topic) for stage in WAY for topic in stage.reads if topic is not WATCHED_ADDRESSES
    }
    there = AIOKafkaConsumer(*topics, bootstrap_servers=read.kafka)
    await there.start()
    ends = await there.end_offsets(there.assignment())
    await there.stop()
    group = AIOKafkaConsumer(bootstrap_servers=read.kafka, group_id=read.group, enable_auto_commit=False)
    group.assign(list(ends))
    await group.start()
    await group.commit({place: OffsetAndMetadata(0, "") for place in ends})
    await group.stop()
    return sum(ends.values())
