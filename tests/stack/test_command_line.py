"""`polycool` itself: quick help, exit codes, options every command has."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from ops.cli import COMMANDS, run
from ops.ground import ground
from ops.stack.local import Stack
from streams.topology import TOPICS

BARE = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}


def polycool(*words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run one command line."""
    return subprocess.run(
        [sys.executable, "-m", "ops.cli", *words],
        env={**BARE, **settings},
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def test_the_overview_loads_no_command() -> None:
    """Help names every command and costs no import of any."""
    script = (
        "import sys; from ops.cli import run; code = run(['--help'])\n"
        "assert code == 0; assert not [name for name in sys.modules if name.startswith('ops.commands')]"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert all(f"  {name} " in done.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_its_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """`polycool NAME --help` exits 0 and says what it does."""
    assert run([name, "--help"]) == 0
    assert "Usage" in capsys.readouterr().out


def test_wrong_use_is_two() -> None:
    """An unknown command (with the nearest one), an unknown option, no command at all."""
    near = polycool("migrat")
    assert (near.returncode, "did you mean migrate?" in near.stderr) == (2, True)
    assert polycool("topics", "--nope").returncode == 2
    assert polycool().returncode == 2


def test_migrate_and_topics_change_nothing_without_execute(stack: Stack, empty_database_url: str) -> None:
    """A plan first, then the deed, then nothing more to do; codes 0 and 1; one document each with --json."""
    prefix = f"cli{os.getpid()}."
    settings = {
        "POLYCOOL_KAFKA": stack.kafka,
        "POLYCOOL_DATABASE_URL": empty_database_url,
        "POLYCOOL_TOPIC_PREFIX": prefix,
        "POLYCOOL_PARTITIONS": "2",
    }
    planned = polycool("migrate", "--json", **settings)
    document = json.loads(planned.stdout)
    assert (planned.returncode, document["executed"], document["applied_before"]) == (0, False, 0)
    assert json.loads(polycool("migrate", "--json", **settings).stdout)["steps"] == document["steps"]
    early = polycool("topics", **settings)
    assert (early.returncode, "run polycool migrate --execute" in early.stderr) == (3, True)

    assert polycool("migrate", "--execute", **settings).returncode == 0
    missing = polycool("topics", "--json", **settings)
    assert (missing.returncode, set(json.loads(missing.stdout)["missing"])) == (
        1,
        {f"{prefix}{topic.name}" for topic in TOPICS},
    )
    assert polycool("topics", "--execute", **settings).returncode == 0
    there = json.loads(polycool("topics", "--json", **settings).stdout)
    assert (there["missing"], there["wrong"], set(there["topics"].values())) == ({}, [], {2})

    shadow = polycool("migrate", "--execute", **{**settings, "POLYCOOL_TOPIC_PREFIX": "another."})
    assert (shadow.returncode, "a shadow run needs a database of its own" in shadow.stderr) == (3, True)
    other_count = polycool("topics", **{**settings, "POLYCOOL_PARTITIONS": "8"})
    assert other_count.returncode == 0, "the count kept in the database stands, whatever the setting says"
    assert ground({**settings}).names.prefix == prefix


def test_r32_a_process_of_a_shadow_run_is_refused_on_the_living_database(
    stack: Stack, database_url: str, topic_prefix: str
) -> None:
    """Another prefix than the database's: exit 3. Trading with any prefix: exit 3 (R32)."""
    settings = {"POLYCOOL_KAFKA": stack.kafka, "POLYCOOL_DATABASE_URL": database_url}
    for process in ("streams", "api"):
        refused = polycool(process, POLYCOOL_TOPIC_PREFIX="shadow.", **settings)
        assert (refused.returncode, "a shadow run needs a database" in refused.stderr) == (3, True), process
    trading = polycool("trading", POLYCOOL_TOPIC_PREFIX=topic_prefix, **settings)
    assert (trading.returncode, "only without a topic prefix" in trading.stderr) == (3, True)
