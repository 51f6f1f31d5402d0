"""The stack's own promises: data survive, ports move, nothing is left running, one clear sentence per fault."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg
import pytest

from ops import topics as broker_topics
from ops.stack.children import Children
from ops.stack.errors import StackError
from ops.stack.local import LocalStack
from ops.stack.ports import LOOPBACK, free_port
from streams.topology import TopicNames
from tests.waiting import eventually

# With a broker given, only the database is started, which takes a second.
DATABASE_ONLY = {"POLYCOOL_KAFKA": "127.0.0.1:1"}


async def test_data_and_cluster_survive_a_restart_on_other_ports(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cluster id, the topics and the rows are there again, even when the ports of the last run are taken, and when
    what was prepared for a quick start is damaged."""
    names = TopicNames("kept.")
    with LocalStack(place, environment={}) as stack:
        await broker_topics.create(stack.kafka, names, {names.prefix + "trades": 3})
        before = await broker_topics.look(stack.kafka, names)
        with psycopg.connect(stack.database_url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    ports = json.loads((place / "ports.json").read_text())
    taken = [socket.create_server((LOOPBACK, port)) for port in ports.values()]
    damaged = place / "damaged.aot"
    damaged.write_bytes(b"no classes here" * 1_000)
    monkeypatch.setattr("ops.stack.kafka.archive", lambda *_: damaged)
    try:
        with LocalStack(place, environment={}) as stack:
            started = json.loads((place / "children.json").read_text())
            (broker,) = (psutil.Process(each["pid"]) for each in started if each["name"] == "kafka")
            assert f"-XX:AOTCache={damaged}" in broker.cmdline()
            assert not set(json.loads((place / "ports.json").read_text()).values()) & set(ports.values())
            after = await broker_topics.look(stack.kafka, names)
            assert (after.cluster_id, after.topics["kept.trades"].partitions) == (before.cluster_id, 3)
            with psycopg.connect(stack.database_tcp_url) as connection:
                assert connection.execute("SELECT number FROM kept").fetchone() == (7,)
    finally:
        for listener in taken:
            listener.close()


async def test_nothing_outlives_a_killed_run_and_the_next_one_starts(place: Path) -> None:
    """After kill -9 of the run its broker and database end, and a new run finds the data."""
    script = (
        "import sys, time; from pathlib import Path; from ops.stack.local import LocalStack\n"
        "with LocalStack(Path(sys.argv[1]), environment={}) as stack: print('up', flush=True); time.sleep(600)"
    )
    run = subprocess.Popen([sys.executable, "-c", script, str(place)], stdout=subprocess.PIPE)
    assert run.stdout is not None
    with run.stdout:
        assert run.stdout.readline() == b"up\n"
        children = [row["pid"] for row in json.loads((place / "children.json").read_text())]
        assert len(children) == 2
        run.send_signal(signal.SIGKILL)
        run.wait()
    with LocalStack(place, environment={}) as stack, psycopg.connect(stack.database_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
        assert not any(psutil.pid_exists(pid) for pid in children)


def test_a_program_left_running_is_ended_by_the_next_run(tmp_path: Path) -> None:
    """What the record names and still runs is ended, with its name told; a later program with its pid is not."""
    script = "import time; time.sleep(600)"
    process = subprocess.Popen([sys.executable, "-c", script])
    children = Children(tmp_path)
    children.record("left", process.pid, signal.SIGTERM)
    assert Children(tmp_path).end_left_over() == ["left"]
    assert process.wait() == -signal.SIGTERM
    innocent = subprocess.Popen([sys.executable, "-c", script])
    try:
        record = {"name": "left", "pid": innocent.pid, "created": 1.0, "ending": int(signal.SIGKILL)}
        (tmp_path / "children.json").write_text(json.dumps([record]))
        assert Children(tmp_path).end_left_over() == []
        assert innocent.poll() is None
    finally:
        innocent.kill()
        innocent.wait()


def test_a_second_run_is_told_who_holds_the_stack(place: Path) -> None:
    """While a run lives its directory is refused, in one sentence with its pid; afterwards it is free."""
    with LocalStack(place, environment=DATABASE_ONLY):
        with pytest.raises(StackError, match=f"process {os.getpid()}"):
            LocalStack(place, environment=DATABASE_ONLY).start()
        # The refused run must not end the parts of the living one.
        assert all(psutil.pid_exists(row["pid"]) for row in json.loads((place / "children.json").read_text()))
    with LocalStack(place, environment=DATABASE_ONLY):
        pass


def test_a_lock_of_a_dead_run_is_taken_over(place: Path) -> None:
    """A lock file that names a dead process, and Postgres' own stale pid file, stop nobody."""
    with LocalStack(place, environment=DATABASE_ONLY):
        pass
    (place / "lock").write_text("999999\n")
    (place / "postgres" / "data" / "postmaster.pid").write_text(
        f"{os.getpid()}\n/elsewhere\n1\n5432\n/tmp\n\n\nready\n"
    )
    with (
        LocalStack(place, environment=DATABASE_ONLY) as stack,
        psycopg.connect(stack.database_url) as connection,
    ):
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_fresh_begins_anew(place: Path) -> None:
    """`--fresh` throws away what earlier runs wrote."""
    with (
        LocalStack(place, environment=DATABASE_ONLY) as stack,
        psycopg.connect(stack.database_url, autocommit=True) as connection,
    ):
        connection.execute("CREATE TABLE old AS SELECT 1")
    with (
        LocalStack(place, fresh=True, environment=DATABASE_ONLY) as stack,
        psycopg.connect(stack.database_url) as connection,
    ):
        assert connection.execute("SELECT to_regclass('old')").fetchone() == (None,)


def test_given_parts_are_used_and_not_started(place: Path) -> None:
    """With POLYCOOL_KAFKA and POLYCOOL_DATABASE_URL set nothing is started, and the addresses are those."""
    given = {"POLYCOOL_KAFKA": "somewhere:9092", "POLYCOOL_DATABASE_URL": "postgresql://somewhere/polycool"}
    with LocalStack(place, environment=given) as stack:
        assert (stack.kafka, stack.database_url) == ("somewhere:9092", "postgresql://somewhere/polycool")
        assert not (place / "children.json").exists()


def test_a_wanted_port_that_is_taken_is_one_sentence(place: Path) -> None:
    """A port from a setting is never silently replaced by another."""
    port = free_port()
    with (
        socket.create_server((LOOPBACK, port)),
        pytest.raises(StackError, match=f"port {port} for Postgres is taken"),
    ):
        LocalStack(place, environment={**DATABASE_ONLY, "POLYCOOL_POSTGRES_PORT": str(port)}).start()


async def test_database_killed_under_us_comes_back_with_what_was_committed(place: Path) -> None:
    """kill -9 of Postgres and a new start of it lose no committed row (durability is not switched off)."""
    local = LocalStack(place, environment=DATABASE_ONLY)
    stack = local.start()
    try:
        postgres = local.postgres
        assert postgres is not None
        with psycopg.connect(stack.database_url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
        postgres.stop(kill=True)
        postgres.start()
        postgres.wait()
        with psycopg.connect(stack.database_url) as connection:
            assert connection.execute("SELECT number FROM kept").fetchone() == (7,)
            assert connection.execute("SHOW fsync").fetchone() == ("on",)
    finally:
        local.stop()
    assert await eventually(lambda: not (place / "postgres" / "data" / "postmaster.pid").exists())
