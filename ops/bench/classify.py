"""`polycool bench classify`: trades a second through the real classify worker, with 2 % and with all trades watched.

Measured from the broker's append time of the first message on `copy_leader` to that of the last, the trades being on
the topic already. The baseline does the same work (reading, ledgers, tables, confirmed sends, commits) in a plain
aiokafka loop, in the same run on the same broker.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import psutil
import psycopg
from aiokafka import AIOKafkaConsumer, TopicPartition

from ops.bench.ground import BenchGround, own_ground, own_stack
from ops.bench.trades import WALLETS, put_roles, put_trades, trade_bodies, wallet
from ops.broker_access import reach
from ops.output import say
from ops.stack.children import Children
from ops.stack.environment import LOCAL_PARTITIONS
from ops.stack.program import Program
from ops.statements import statement
from schemas.enums import AddressType
from streams.topology import COPY_LEADER

# Long enough that start-up and the last batch do not count; short enough for a person who waits.
TRADES: Final = {"2_percent_watched": 120_000, "all_watched": 30_000}
WATCHED_EVERY: Final = {"2_percent_watched": 50, "all_watched": 1}
# What the way must reach at least (trades a second of one worker).
MUST: Final = {"2_percent_watched": 8_000, "all_watched": 3_000}
WAIT_SECONDS: Final = 180.0


@dataclass(frozen=True)
class Measured:
    """One system: rate, processor time of its process, what came out."""

    events_per_second: float
    cpu_seconds_per_100k: float
    messages_out: int
    resident_mb: float
    share_of_time: dict[str, float] | None = None


def run() -> tuple[dict[str, Any], str]:
    """Measure both mixes; the document and the same as text."""
    document: dict[str, Any] = {}
    with own_stack() as stack:
        for mix in TRADES:
            with own_ground(stack) as ground:
                say(f"{mix}: {TRADES[mix]} trades, a plain loop")
                raw = _measured(ground, mix, _raw_loop)
            with own_ground(stack) as ground:
                say(f"{mix}: {TRADES[mix]} trades, the worker")
                worker = _measured(ground, mix, _worker)
            document[mix] = {
                "trades": TRADES[mix],
                "events_per_second": round(worker.events_per_second),
                "raw_events_per_second": round(raw.events_per_second),
                "ratio_to_raw": round(worker.events_per_second / raw.events_per_second, 3),
                "cpu_seconds_per_100k": round(worker.cpu_seconds_per_100k, 2),
                "raw_cpu_seconds_per_100k": round(raw.cpu_seconds_per_100k, 2),
                "messages_out": worker.messages_out,
                "resident_mb": round(worker.resident_mb),
                "share_of_time": worker.share_of_time,
                "must_reach": MUST[mix],
            }
    return document, _text(document)


Runs = Callable[[BenchGround, int, int], tuple[float, float, dict[str, float] | None]]


def _measured(ground: BenchGround, mix: str, runs: Runs) -> Measured:
    count, every = TRADES[mix], WATCHED_EVERY[mix]
    watched = [wallet(number) for number in range(0, WALLETS, every)]
    asyncio.run(put_roles(ground.kafka, ground.names, watched, AddressType.COPY_LEADER))
    asyncio.run(put_trades(ground.kafka, ground.names, trade_bodies(count), LOCAL_PARTITIONS))
    cpu, resident, share = runs(ground, count, len(watched))
    out, seconds = asyncio.run(_output(ground))
    expected = len(range(0, count, every))
    stored = _stored(ground)
    assert out == stored == expected, f"{out} messages and {stored} rows, {expected} expected"
    return Measured(count / seconds, cpu * 100_000 / count, out, resident, share)


def _raw_loop(ground: BenchGround, count: int, wallets: int) -> tuple[float, float, None]:
    command = [sys.executable, "-m", "ops.bench.raw_classify", str(count), str(wallets)]
    done = subprocess.run(  # noqa: S603 (our own command line)
        command, env=ground.environment, stdout=subprocess.PIPE, check=True, timeout=WAIT_SECONDS
    )
    (line,) = (line for line in done.stdout.splitlines() if line.startswith(b'{"cpu_seconds"'))
    return float(json.loads(line)["cpu_seconds"]), 0.0, None


def _worker(ground: BenchGround, count: int, wallets: int) -> tuple[float, float, dict[str, float]]:
    environment = ground.environment | {"POLYCOOL_STREAMS_STAGES": "classify"}
    program = Program("streams", environment, ground.directory, Children(ground.directory))
    program.start()
    try:
        expected = len(range(0, count, WALLETS // wallets))
        _until(ground, program, 1)
        process = psutil.Process(program.pid)
        before = _cpu(process)
        _until(ground, program, expected)
        return _cpu(process) - before, process.memory_info().rss / 2**20, _share(program)
    finally:
        program.stop()


def _until(ground: BenchGround, program: Program, messages: int) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while asyncio.run(_end_offsets(ground)) < messages:
        assert program.exit_code() is None, f"the worker ended:\n{program.tail()}"
        assert time.monotonic() < deadline, f"the worker was too slow:\n{program.tail()}"
        time.sleep(0.05)


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _share(program: Program) -> dict[str, float]:
    """The worker's own account of where the time of its handling loop went."""
    port = next(line.split('"http_port": ')[1].split(",")[0] for line in program.lines() if '"ready"' in line)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        lines = answer.read().decode().splitlines()
    prefix = 'polycool_part_seconds_total{part="'
    spent = {
        line.removeprefix(prefix).split('"')[0]: float(line.rsplit(" ", 1)[1])
        for line in lines
        if line.startswith(prefix) and 'stage="classify"' in line
    }
    whole = spent.pop("all") + spent.get("gather", 0.0)
    return {part: round(seconds / whole, 3) for part, seconds in sorted(spent.items())}


async def _end_offsets(ground: BenchGround) -> int:
    consumer = AIOKafkaConsumer(**reach(ground.kafka))
    await consumer.start()
    try:
        places = [TopicPartition(ground.names.of(COPY_LEADER), number) for number in range(LOCAL_PARTITIONS)]
        return sum((await consumer.end_offsets(places)).values())
    finally:
        await consumer.stop()


async def _output(ground: BenchGround) -> tuple[int, float]:
    """How many messages are on `copy_leader`, and the seconds between the first and the last append."""
    expected = await _end_offsets(ground)
    consumer = AIOKafkaConsumer(
        ground.names.of(COPY_LEADER), **reach(ground.kafka), auto_offset_reset="earliest"
    )
    await consumer.start()
    times: list[int] = []
    while len(times) < expected:
        for records in (await consumer.getmany(timeout_ms=200)).values():
            times += [record.timestamp for record in records]
    await consumer.stop()
    return len(times), (max(times) - min(times)) / 1000


def _stored(ground: BenchGround) -> int:
    with psycopg.connect(ground.database_url) as connection:
        row = connection.execute(statement("ops.bench", "stored_trades").encode()).fetchone()
    return int(row[0]) if row is not None else 0


def _text(document: dict[str, Any]) -> str:
    lines = []
    for mix, figures in document.items():
        share = ", ".join(f"{part} {share:.0%}" for part, share in (figures["share_of_time"] or {}).items())
        lines.append(
            f"{mix.replace('_', ' ')}: {figures['events_per_second']:,} trades/s "
            f"(plain loop {figures['raw_events_per_second']:,}, ratio {figures['ratio_to_raw']}), "
            f"{figures['cpu_seconds_per_100k']} CPU s per 100,000; must reach {figures['must_reach']:,}\n  {share}"
        )
    return "\n".join(lines)
