"""The worker is killed, stopped, doubled, cut off: nothing is lost or stored twice, order and numbers stand."""

from __future__ import annotations

import asyncio
import signal
import time
from pathlib import Path
from random import Random

import pytest

from ops.stack.children import Children
from ops.stack.local import LocalStack
from ops.stack.program import Program
from streams.topology import COPY_LEADER, TRADES
from tests.conftest import StartProcess, until_ready
from tests.streams.door import Door, fill
from tests.streams.load import (
    COPY,
    LEADERS,
    all_handled,
    backlog,
    load,
    nothing_lost_or_doubled,
    until_stored,
    watch_leaders,
)
from tests.waiting import eventually


@pytest.fixture(autouse=True)
def _classify_alone(door: Door) -> None:
    """These workers run one stage, which has a consumer group of its own."""
    door.group = "polycool-streams-classify"


async def test_kills_under_load_lose_nothing(door: Door, run_process: StartProcess) -> None:
    """kill -9 three times at random moments of a run, started again each time."""
    worker = await run_process("streams", POLYCOOL_STREAMS_STAGES="classify")
    chance = Random(9)  # noqa: S311 (a test's draw)
    async with load(door, 600) as confirmed:
        for _ in range(3):
            await asyncio.sleep(chance.uniform(0.1, 1.5))
            worker.kill()
            worker.start()
            await until_ready(worker)
    await all_handled(door)
    assert len(confirmed) > 300
    await nothing_lost_or_doubled(door, confirmed)


async def test_kills_at_full_speed_lose_nothing(door: Door, run_process: StartProcess) -> None:
    """A backlog is worked off as fast as the worker can; kill -9 in the middle of it, three times."""
    ids = await backlog(door, 8_000)
    worker = await run_process("streams", POLYCOOL_STREAMS_STAGES="classify")
    for step in range(1, 4):
        await until_stored(door, step * 1_500)
        worker.kill()
        worker.start()
        await until_ready(worker)
    await all_handled(door)
    await nothing_lost_or_doubled(door, ids)


async def test_b26_two_workers_joining_and_leaving_at_full_speed_lose_and_double_nothing(
    door: Door, run_process: StartProcess, tmp_path: Path
) -> None:
    """A second worker joins in the middle of a backlog, the first is killed, comes back, the second leaves in order."""
    ids = await backlog(door, 10_000)
    first = await run_process("streams", POLYCOOL_STREAMS_STAGES="classify")
    second = _twin(first, tmp_path)
    try:
        await until_stored(door, 1_000)
        second.start()
        await until_ready(second)
        await until_stored(door, 3_000)
        first.kill()
        await until_stored(door, 5_000)
        first.start()
        await until_ready(first)
        await until_stored(door, 7_000)
        assert second.stop() == 0
        await all_handled(door)
    finally:
        second.stop()
    await nothing_lost_or_doubled(door, ids)


async def test_b27_a_burst_takes_no_more_connections_than_the_pool_has(
    door: Door, run_process: StartProcess
) -> None:
    """Thousands of trades at once share a handful of connections, none is refused."""
    await run_process("streams", POLYCOOL_STREAMS_STAGES="classify", POLYCOOL_DATABASE_CONNECTIONS="4")
    await watch_leaders(door)
    bodies = [fill(LEADERS[number % len(LEADERS)]) for number in range(3_000)]
    most = 0
    sending = asyncio.gather(*map(door.trade, bodies))
    while not sending.done() or (await door.rows("SELECT count(*) FROM trades"))[0]["count"] < len(bodies):
        (seen,) = await door.rows(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'polycool-streams' "
            "AND datname = current_database()"
        )
        most = max(most, seen["count"])
    assert 1 <= most <= 4
    await all_handled(door)  # a trade's row stands before its message is said
    await nothing_lost_or_doubled(door, [body["trade_id"] for body in bodies])


async def test_b26_two_workers_joining_and_leaving_under_load_lose_and_double_nothing(
    door: Door, run_process: StartProcess, tmp_path: Path
) -> None:
    """A second worker joins, leaves in order, joins again and is killed, joins and the first one leaves."""
    stages = {"POLYCOOL_STREAMS_STAGES": "classify"}
    first = await run_process("streams", **stages)
    second = _twin(first, tmp_path)
    async with load(door, 150) as confirmed:
        try:
            for ending in ("stop", "kill", "stay"):
                second.start()
                await until_ready(second)
                await asyncio.sleep(1.0)
                if ending == "stop":
                    assert second.stop() == 0
                elif ending == "kill":
                    second.kill()
                await asyncio.sleep(0.5)
            assert first.stop() == 0
            await asyncio.sleep(1.0)
        finally:
            first.start()
            await until_ready(first)
    await all_handled(door)
    second.stop()
    assert len(confirmed) > 300
    await nothing_lost_or_doubled(door, confirmed)


def _twin(program: Program, directory: Path) -> Program:
    """The same process once more."""
    place = directory / "twin"
    place.mkdir()
    return Program(program.name, program._environment, place, Children(place))


async def test_a_stop_in_order_commits_what_was_handled(door: Door, run_process: StartProcess) -> None:
    """SIGTERM under load: exit 0 within the bound; nothing that was handled is handled again."""
    worker = await run_process("streams", POLYCOOL_STREAMS_STAGES="classify")
    async with load(door, 400) as confirmed:
        await asyncio.sleep(1.5)
        began = time.monotonic()
        assert worker.stop() == 0
        assert time.monotonic() - began < 15
        said = len(await door.all(COPY_LEADER))
        worker.start()
        await until_ready(worker)
    await all_handled(door)
    await nothing_lost_or_doubled(door, confirmed)
    assert len(await door.all(COPY_LEADER)) == len(confirmed) >= said


async def test_b23_b25_a_paused_worker_and_a_restarted_database_lose_nothing(
    door: Door, run_process: StartProcess, local_stack: LocalStack
) -> None:
    """Postgres gone for two seconds under load, and the worker frozen past its session: all trades arrive once."""
    assert local_stack.postgres is not None
    worker = await run_process("streams", POLYCOOL_STREAMS_STAGES="classify")
    async with load(door, 300) as confirmed:
        await asyncio.sleep(0.5)
        local_stack.postgres.stop(kill=True)
        await asyncio.sleep(2.0)
        local_stack.postgres.start()
        await asyncio.to_thread(local_stack.postgres.wait)
        await asyncio.sleep(1.0)
        worker.signal(signal.SIGSTOP)
        await asyncio.sleep(8.0)
        worker.signal(signal.SIGCONT)
        await asyncio.sleep(1.0)
        if worker.exit_code() is not None:
            worker.start()
            await until_ready(worker)
    await all_handled(door)
    await nothing_lost_or_doubled(door, confirmed)


async def test_b25_a_restarted_broker_loses_nothing(
    door: Door, run_process: StartProcess, local_stack: LocalStack
) -> None:
    """The broker killed and started again under the worker: it comes back by itself, or ends and is started."""
    assert local_stack.broker is not None
    worker = await run_process("streams", POLYCOOL_STREAMS_STAGES="classify")
    confirmed: list[str] = []
    await watch_leaders(door)

    async def burst() -> None:
        for number in range(300):
            body = fill(LEADERS[number % len(LEADERS)])
            await door.trade(body)
            confirmed.append(body["trade_id"])

    await burst()
    local_stack.broker.stop(kill=True)
    local_stack.broker.start()
    await asyncio.to_thread(local_stack.broker.wait)
    await burst()

    async def stored() -> bool:
        if worker.exit_code() is not None:
            worker.start()
        rows = await door.rows("SELECT count(*) FROM trades")
        return bool(rows[0]["count"] == len(confirmed))

    await eventually(stored, 60, every=0.3)
    await all_handled(door)
    await nothing_lost_or_doubled(door, confirmed)


async def test_out_of_patience_the_worker_ends_and_acknowledges_nothing(
    door: Door, run_process: StartProcess, local_stack: LocalStack
) -> None:
    """The database away for longer than the patience: exit 70, nothing committed; after a start all is handled."""
    assert local_stack.postgres is not None
    worker = await run_process(
        "streams", POLYCOOL_STREAMS_STAGES="classify", POLYCOOL_PATIENCE_SECONDS="3", POLYCOOL_TRY_SECONDS="3"
    )
    await door.watch(LEADERS[0], COPY)
    await eventually(lambda: door.rows("SELECT 1 FROM role_reads"), 10)
    local_stack.postgres.stop(kill=True)
    try:
        body = fill(LEADERS[0])
        await door.trade(body)
        assert await eventually(lambda: worker.exit_code(), 30) == 70
        assert sum((await door.committed(TRADES)).values()) == 0
        assert await door.all(COPY_LEADER) == []
    finally:
        local_stack.postgres.start()
        await asyncio.to_thread(local_stack.postgres.wait)
    worker.start()
    await until_ready(worker)
    await all_handled(door)
    await nothing_lost_or_doubled(door, [body["trade_id"]])
