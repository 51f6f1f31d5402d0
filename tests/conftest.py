"""What every test may ask for: one real broker and database per run, and per test a prefix and a database."""

from __future__ import annotations

import asyncio
import os
import signal
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
import structlog
from psycopg import sql

from ops import topics as broker_topics
from ops.migration.binding import Binding, bind, keep_partitions
from ops.migration.migrate import migrate
from ops.stack.children import Children
from ops.stack.environment import LOCAL_PARTITIONS, process_environment
from ops.stack.kafka import Broker
from ops.stack.local import LocalStack, Stack
from ops.stack.ports import free_port
from ops.stack.program import Program
from streams.topology import TopicNames
from tests.containers import containers, engine_answers
from tests.places import place_of_this_run, sweep_killed_runs
from tests.waiting import eventually

# The fixture of the one short campaign, which several folders look at.
pytest_plugins = ("tests.campaigns.running", "tests.ports", "tests.scheduling")
READY_SECONDS = 45.0
# In the background of a shell Ctrl-C is ignored, by all that we start as well: tests that press it need it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
# A trace with the values of every frame's names takes seconds to draw.
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="%H:%M:%S.%f", utc=False),
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)

StartProcess = Callable[..., Awaitable[Program]]


@pytest.fixture(scope="session")
def local_stack() -> Iterator[LocalStack]:
    """The broker and the database as objects, to be paused, killed and started again by a test."""
    sweep_killed_runs()
    with place_of_this_run() as place:
        local = LocalStack(place)
        # Beside other suites a broker may be slow to come.
        Broker.start_seconds = 300.0
        try:
            _without_disk_flushes(local.start())
            yield local
        finally:
            local.stop()


@pytest.fixture(scope="session")
def stack(request: pytest.FixtureRequest) -> Iterator[Stack]:
    """Addresses of the run's broker and database (given ones, containers, or the packages' own)."""
    given = "POLYCOOL_KAFKA" in os.environ and "POLYCOOL_DATABASE_URL" in os.environ
    if not given and engine_answers():
        with place_of_this_run() as place, containers(place) as running:
            yield running
    else:
        local: LocalStack = request.getfixturevalue("local_stack")
        yield local.stack


@pytest.fixture(scope="session")
def template_database(stack: Stack) -> str:
    """The name of a database with all migrations, made once; tests get clones of it."""
    name = f"template_{uuid.uuid4().hex[:12]}"
    _make_database(stack.database_url, name, None)
    migrate(on_database(stack.database_url, name))
    return name


@pytest.fixture(scope="session")
def cluster_id(stack: Stack) -> str:
    """The broker's cluster id."""
    return asyncio.run(broker_topics.look(stack.kafka, TopicNames())).cluster_id


@pytest.fixture
def topic_prefix() -> str:
    """A prefix no other test uses."""
    return f"t{uuid.uuid4().hex[:10]}."


@pytest.fixture
def database_url(stack: Stack, template_database: str, cluster_id: str, topic_prefix: str) -> Iterator[str]:
    """A fresh migrated database, bound to the broker and this test's prefix; dropped afterwards."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    _make_database(stack.database_url, name, template_database)
    url = on_database(stack.database_url, name)
    bind(url, Binding(cluster_id, topic_prefix))
    yield url
    _drop_database(stack.database_url, name)


@pytest.fixture
def empty_database_url(stack: Stack) -> Iterator[str]:
    """A database without any tables; dropped afterwards."""
    name = f"empty_{uuid.uuid4().hex[:12]}"
    _make_database(stack.database_url, name, None)
    yield on_database(stack.database_url, name)
    _drop_database(stack.database_url, name)


@pytest.fixture
async def topics(stack: Stack, topic_prefix: str, database_url: str) -> AsyncIterator[TopicNames]:
    """All topics of the contract under this test's prefix, with four partitions each.

    A module whose tests need the living names (no prefix) overrides `topic_prefix` with one that returns "".
    """
    names = TopicNames(topic_prefix)
    counts = dict.fromkeys(names.all(), LOCAL_PARTITIONS)
    await broker_topics.delete(stack.kafka, names)
    await broker_topics.create(stack.kafka, names, counts)
    keep_partitions(database_url, counts)
    yield names
    await broker_topics.delete(stack.kafka, names)


@pytest.fixture
async def run_process(
    stack: Stack, topics: TopicNames, database_url: str, tmp_path: Path
) -> AsyncIterator[StartProcess]:
    """`await run_process("streams", POLYCOOL_LOG_LEVEL="debug")` starts a process on this test's topics and database.

    It returns once the process has said `ready` (or at once with `ready=False`); all are ended after the test.
    """
    children = Children(tmp_path)
    started: list[Program] = []
    base = process_environment(
        Stack(stack.kafka, database_url, database_url, tmp_path),
        prefix=topics.prefix,
        api_port=free_port(),
        paper_port=free_port(),
    )

    async def start(name: str, *, ready: bool = True, **settings: str) -> Program:
        program = Program(name, base | settings, tmp_path, children)
        started.append(program)
        program.start()
        if ready:
            await until_ready(program)
        return program

    yield start
    for program in reversed(started):
        program.stop(seconds=10.0)


async def until_ready(program: Program, timeout: float = READY_SECONDS) -> None:
    """Wait for the process' `ready`; its end before that fails the test with what it wrote."""

    def ready_or_ended() -> bool:
        return program.is_ready() or program.exit_code() is not None

    await eventually(ready_or_ended, timeout)
    assert program.is_ready(), f"{program.name} ended with {program.exit_code()}:\n{program.tail()}"


def on_database(url: str, name: str) -> str:
    """The same server's URL with another database's name."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def _without_disk_flushes(stack: Stack) -> None:
    """Killed servers keep their data all the same; only a power cut would not, and each test makes a database."""
    with psycopg.connect(stack.database_url, autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("ALTER SYSTEM SET full_page_writes = off")
        connection.execute("SELECT pg_reload_conf()")


def _make_database(server_url: str, name: str, template: str | None) -> None:
    like = sql.SQL(" TEMPLATE {}").format(sql.Identifier(template)) if template else sql.SQL("")
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}{}").format(sql.Identifier(name), like))


def _drop_database(server_url: str, name: str) -> None:
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
