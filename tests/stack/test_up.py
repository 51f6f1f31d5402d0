"""`polycool up`: all of it starts, dead processes come back, nothing is left behind however it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import httpx
import psutil
import pytest

from ops.stack.ports import free_port
from ops.stack.processes import NAMES, Processes, State
from tests.cut import forget_cut_connections
from tests.waiting import eventually

# Ours alone: a developer's own settings must not lead a test to another broker.
BARE = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
START_SECONDS = 90.0


def _own_ports() -> dict[str, str]:
    """Ports that nobody else on this machine takes meanwhile."""
    return {**BARE, "POLYCOOL_API_PORT": str(free_port()), "POLYCOOL_PAPER_PORT": str(free_port())}


def up(place: Path) -> subprocess.Popen[str]:
    """`polycool up --json` in the directory."""
    with (place / "up.err").open("w") as progress:
        return subprocess.Popen(
            [sys.executable, "-m", "ops.cli", "up", "--json"],
            env={**_own_ports(), "POLYCOOL_STACK_DIR": str(place)},
            stdout=subprocess.PIPE,
            stderr=progress,
            text=True,
        )


def pids(place: Path) -> list[int]:
    """The programs the stack's record names."""
    return [row["pid"] for row in json.loads((place / "children.json").read_text())]


def _is_back(running: Processes, name: str) -> bool:
    return running.state_of(name) is State.READY and name in {restart.name for restart in running.restarts}


@pytest.mark.timeout(600)
async def test_whatever_is_killed_under_it_comes_back(place: Path) -> None:
    """kill -9 of each process: it is ready again under a new pid, and the restart is noted with its signal. Then of the
    broker and of Postgres: both run again, and all processes are ready and well."""
    async with Processes(place, caller=_own_ports()) as running:
        assert {name: running.state_of(name) for name in NAMES} == dict.fromkeys(NAMES, State.READY)
        for name in NAMES:
            before = running.programs[name].pid
            running.programs[name].signal(signal.SIGKILL)
            await eventually(partial(_is_back, running, name), START_SECONDS)
            assert running.programs[name].pid != before
        assert [(restart.name, restart.exit_code) for restart in running.restarts] == [
            (name, -9) for name in NAMES
        ]
        await _broker_and_database_come_back(running)
        left = pids(place)
    assert not any(psutil.pid_exists(pid) for pid in left)
    forget_cut_connections()


async def _broker_and_database_come_back(running: Processes) -> None:
    assert running.local.broker is not None
    assert running.local.postgres is not None
    for part in (running.local.postgres, running.local.broker):
        os.kill(part.pid, signal.SIGKILL)

    async def well() -> bool:
        noted = {restart.name for restart in running.restarts} >= {"kafka", "postgres"}
        ready = all(running.state_of(name) is State.READY for name in NAMES)
        try:
            answer = await client.get(f"{running.environment['POLYCOOL_API_URL']}/readyz")
        except httpx.HTTPError:
            return False
        return noted and ready and answer.status_code == 200

    async with httpx.AsyncClient() as client:
        await eventually(well, START_SECONDS, every=0.2)


async def test_up_ends_in_order_on_a_signal_and_starts_again_after_a_kill(place: Path) -> None:
    """SIGINT ends everything with code 0; kill -9 leaves nothing running, and the next up is ready again."""
    run = up(place)
    assert run.stdout is not None
    with run.stdout:
        said = json.loads(run.stdout.readline() or (place / "up.err").read_text())
        assert said.get("event") == "ready", said
        async with httpx.AsyncClient() as client:
            assert (await client.get(f"{said['api']}/health")).status_code == 200
        killed = pids(place)
        assert len(killed) == len(NAMES) + 2
        run.kill()
        run.wait()
    await eventually(lambda: not any(psutil.pid_exists(pid) for pid in killed), 30.0)

    again = up(place)
    assert again.stdout is not None
    with again.stdout:
        said = json.loads(again.stdout.readline() or (place / "up.err").read_text())
        assert said.get("event") == "ready", said
        ended = pids(place)
        again.send_signal(signal.SIGINT)
        assert again.wait(60) == 0, (place / "up.err").read_text()
    assert not any(psutil.pid_exists(pid) for pid in ended)


async def test_a_process_that_cannot_start_is_named_with_its_words(place: Path) -> None:
    """A setting no process accepts ends the start with code 3 and what the process said; nothing keeps running."""
    done = subprocess.run(
        [sys.executable, "-m", "ops.cli", "up"],
        env={**_own_ports(), "POLYCOOL_STACK_DIR": str(place), "POLYCOOL_OPERATOR_TOKEN": "example"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3, done.stderr
    assert "api did not start" in done.stderr
    assert "POLYCOOL_OPERATOR_TOKEN" in done.stderr
    assert pids(place) == []
