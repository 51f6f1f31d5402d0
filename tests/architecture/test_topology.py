"""The way as it is drawn (streams/topology.py) is the way as it runs."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

from psycopg_pool import AsyncConnectionPool
from pydantic import SecretStr

from streams.kafka.app import make_app
from streams.parts import Parts
from streams.settings import StreamsSettings
from streams.tables.pool import Pool
from streams.topology import BESIDE, WATCHED_ADDRESSES, WAY
from tests.architecture.source import ROOT

# Runs in a process of its own, with no agent of Faust's.
OF_ITS_OWN = {"trading"}


def _crash(fault: BaseException) -> NoReturn:
    raise AssertionError from fault


async def test_the_agents_are_the_stages_of_the_way(tmp_path: Path) -> None:
    """Every stage has its agent, each on the topics it reads and under its own name; no other agent exists."""
    settings = StreamsSettings(kafka="127.0.0.1:1", database_url=SecretStr("postgresql://nowhere"))
    pool: Pool = AsyncConnectionPool("postgresql://nowhere", open=False)
    parts = Parts(settings, make_app(settings, str(tmp_path)), pool, _crash)
    names = settings.names
    found = {name: set(agent.channel.topics) for name, agent in parts.app.agents.items()}
    drawn = {
        # The roles are read by a projection of their own, whole and from the beginning.
        stage.name: {names.of(topic) for topic in stage.reads if topic is not WATCHED_ADDRESSES}
        for stage in WAY
        if stage.name not in OF_ITS_OWN
    }
    assert found == drawn


def test_every_stage_has_its_folder() -> None:
    """A stage is a folder of streams, with an agent in it unless it is a process of its own."""
    for stage in (*WAY, *BESIDE):
        folder = ROOT / "streams" / stage.folder
        assert folder.is_dir(), stage.name
        assert stage.name in OF_ITS_OWN or (folder / "agent.py").exists(), stage.name
