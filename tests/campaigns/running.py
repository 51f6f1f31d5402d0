"""One short campaign for the whole run of tests; its broker and database stay until the end, to be looked at."""

from __future__ import annotations

import asyncio
import random
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from ops.campaign.outcome import Outcome
from ops.campaign.plan import Plan, Trouble, make_plan, with_trouble
from ops.campaign.run import campaign_processes, run_campaign
from ops.campaign.wired import WiredProcesses
from tests.conftest import on_database
from tests.cut import forget_cut_connections
from tests.places import place_of_this_run

TRADES, FOLLOWERS, RATE = 300, 10, 12.0
KILLS, RESTARTS = 15, 1
TROUBLE = Trouble(pauses=1, doubles=1, cuts=2, again_percent=20, fault_percent=30)


@dataclass(frozen=True)
class CampaignRun:
    """A campaign that is over. Its processes have ended, its broker and database run."""

    plan: Plan
    outcome: Outcome
    processes: WiredProcesses
    runner: asyncio.Runner

    @property
    def kafka(self) -> str:
        """The broker's address."""
        return self.processes.stack.kafka

    @property
    def database_url(self) -> str:
        """The database that the campaign has filled; nobody is connected to it."""
        return self.processes.stack.database_url

    @property
    def logs(self) -> list[Path]:
        """What the processes wrote."""
        return sorted((self.processes.stack.directory / "logs").glob("*.log"))

    @contextmanager
    def clone(self) -> Iterator[str]:
        """A copy of the database, gone afterwards."""
        name = f"clone_{uuid.uuid4().hex[:10]}"
        server = on_database(self.database_url, "postgres")
        _execute(server, sql.SQL("CREATE DATABASE {} TEMPLATE polycool").format(sql.Identifier(name)))
        try:
            yield on_database(self.database_url, name)
        finally:
            _execute(server, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _execute(url: str, statement: sql.Composed) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


@pytest.fixture(scope="session")
def campaign_run() -> Iterator[CampaignRun]:
    """300 trades for ten followers while processes, broker and database are struck; a new seed each time."""
    seed = random.SystemRandom().randrange(1_000_000)
    plan = make_plan(
        seed, trades=TRADES, rate=RATE, followers=FOLLOWERS, kills=KILLS, restarts=RESTARTS, measured=False
    )
    plan = with_trouble(plan, TROUBLE)
    told: list[str] = [f"seed {seed}: python -m ops.campaign --seed {seed} --trades {TRADES} --rate {RATE:g}"]
    with place_of_this_run() as place, asyncio.Runner() as runner:
        processes = campaign_processes(place, told.append)
        try:
            outcome = runner.run(_played(plan, processes, told.append))
            forget_cut_connections()
            yield CampaignRun(plan, outcome, processes, runner)
        finally:
            # Shown by pytest where a test fails.
            sys.stderr.write("\n".join(told) + "\n")
            runner.run(processes.stop())


async def _played(plan: Plan, processes: WiredProcesses, told: Callable[[str], None]) -> Outcome:
    await processes.__aenter__()
    outcome = await run_campaign(plan, processes, told)
    await processes.end_programs()
    return outcome
