"""Old trades by the hundred thousand, and the whole topic once more, with the tables of plans and without: no POST.

Some trades are played live, so that lots are held and plans remembered. Then come old ones of the same leaders, days
late; then every message again from the topic's beginning; then again with no memory of plans (SAFETY R18).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import psycopg
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.structs import OffsetAndMetadata
from psycopg import sql

from ops.broker_access import reach
from ops.campaign.asking import asked
from ops.campaign.doors import TopicDoor, WebhookDoor, open_doors
from ops.campaign.feeder import Feeder
from ops.campaign.plan import Delivered, Delivery
from ops.campaign.settling import lag, settle
from ops.campaign.stage import Stage, set_the_stage
from ops.demo.faces import open_faces
from ops.demo.script import AgainCue, Cue, MarketCue, TradeCue
from ops.stack.processes import READY_SECONDS, Processes
from ops.stack.program import Program
from schemas.enums import Source
from streams.settings import StreamsSettings
from streams.topology import TRADES, WATCHED_ADDRESSES, WAY

Told = Callable[[str], None]
# How long ago the old trades were made: past every age that a setting allows (an hour).
AGE: Final = timedelta(days=2)
LIVE_RATE: Final = 25.0
# 200,000 trades for a few followers at some hundred decisions a second on a busy machine.
PASS_SECONDS: Final = 2_400.0
SETTLE_SECONDS: Final = 180.0
LOOK_SECONDS: Final = 1.0
# Copies of a live trade are too old for a BUY after this, whatever their setting in the crowd.
TOO_OLD_SECONDS: Final = 90.0
# What a lost table of plans takes with it; lots, cash and the exchange's own ledger stay.
PLANS: Final = ("leader_decisions", "copy_orders", "orders", "carried")


@dataclass(slots=True)
class OldNews:
    """What each pass took, and what it added; ``findings`` are sentences on what must not be."""

    seed: int
    live: dict[str, Any] = field(default_factory=dict)
    passes: dict[str, dict[str, Any]] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The outcome as one object."""
        return {"seed": self.seed, "live": self.live, "passes": self.passes, "findings": self.findings}


async def run_old_news(
    processes: Processes, told: Told, *, seed: int, live: int, trades: int, followers: int
) -> OldNews:
    """Play, then repeat; ``processes`` run, and are ended by this."""
    outcome = OldNews(seed)
    settings = processes.environment
    async with open_faces(settings) as faces, open_doors(settings) as (topic, webhook):
        stage = await set_the_stage(
            faces, seed=seed, rate=LIVE_RATE, trades=live + trades, followers=followers
        )
        cues = iter(stage.script.cues)
        await _play_live(stage, cues, live, topic, webhook)
    played = time.monotonic()
    await settle(settings, SETTLE_SECONDS)
    outcome.live = await _counted(settings)
    told(f"{live} trades live: {outcome.live['posts']} POSTs, {outcome.live['lots']} lots held")
    await processes.end_programs()
    passes = _Passes(processes, told, outcome)
    async with passes.running("paper", "trading"):
        await _put_old(settings["POLYCOOL_KAFKA"], processes, cues, trades)
        await passes.once(f"{trades} old trades")
        await _rewind(settings)
        await passes.once("all of it again")
    _lose_plans(settings["POLYCOOL_DATABASE_URL"])
    await asyncio.sleep(max(0.0, played + TOO_OLD_SECONDS - time.monotonic()))
    outcome.live = outcome.live | {"orders": 0, "posts": 0, "attempted": 0, "copy_orders": 0}
    async with passes.running("paper", "trading"):
        await _rewind(settings)
        await passes.once("again without the tables of plans")
    return outcome


class _Passes:
    """Passes of `streams` over the topics, each judged by what it added."""

    def __init__(self, processes: Processes, told: Told, outcome: OldNews) -> None:
        self._processes = processes
        self._told = told
        self._outcome = outcome
        self._logs: Path = processes.stack.directory / "logs"

    def running(self, *names: str) -> _Running:
        """These processes for the time of a block."""
        return _Running([self._program(name) for name in names])

    async def once(self, name: str) -> None:
        """Let `streams` read to the ends, and judge."""
        began, settings = time.monotonic(), self._processes.environment
        async with self.running("streams"):
            await _until_read(settings)
            await settle(settings, SETTLE_SECONDS)
        counted = await _counted(settings) | {"seconds": round(time.monotonic() - began, 1)}
        self._outcome.passes[name] = counted
        self._told(
            f"{name}: {counted['copy_orders']} copy orders, {counted['posts']} POSTs, {counted['seconds']} s"
        )
        for what in ("posts", "orders", "at_venue", "attempted", "lots"):
            if counted[what] != self._outcome.live[what]:
                self._outcome.findings.append(
                    f"{name}: {what} went from {self._outcome.live[what]} to {counted[what]}"
                )

    def _program(self, name: str) -> Program:
        return Program(name, self._processes.environment, self._logs, self._processes.local.children)


class _Running:
    """Programs that run for the time of a block; each is ready before it begins."""

    def __init__(self, programs: list[Program]) -> None:
        self._programs = programs

    async def __aenter__(self) -> None:
        for program in self._programs:
            program.start()
            until = time.monotonic() + READY_SECONDS
            while not program.is_ready():
                if program.exit_code() is not None or time.monotonic() > until:
                    raise RuntimeError(f"{program.name} did not start:\n{program.tail()}")
                await asyncio.sleep(LOOK_SECONDS / 10)

    async def __aexit__(self, *_: object) -> None:
        for program in reversed(self._programs):
            await asyncio.to_thread(program.stop)


async def _play_live(
    stage: Stage, cues: Iterator[Cue], live: int, topic: TopicDoor, webhook: WebhookDoor
) -> None:
    deliveries: list[Delivery] = []
    while live > 0:
        cue = next(cues)
        live -= isinstance(cue, TradeCue)
        if not isinstance(cue, AgainCue):
            deliveries.append(Delivery(cue.at, cue, Delivered.FIRST))
    feeder = Feeder(topic, webhook, frozenset())
    await feeder.play(await feeder.prepare(stage.script.people, deliveries))


async def _put_old(kafka: str, processes: Processes, cues: Iterable[Cue], trades: int) -> None:
    names = StreamsSettings.model_validate(
        {"kafka": kafka, "database_url": processes.environment["POLYCOOL_DATABASE_URL"]}
    ).names
    producer = AIOKafkaProducer(**reach(kafka), acks="all", linger_ms=20)
    await producer.start()
    sent: list[Any] = []
    try:
        began = datetime.now(UTC) - AGE
        for cue in cues:
            if isinstance(cue, MarketCue):
                continue
            if isinstance(cue, TradeCue):
                trade = cue.message(began + timedelta(microseconds=cue.at)).model_copy(
                    update={"source": Source.GENERATED}
                )
                sent.append(await producer.send(names.of(TRADES), trade.encode(), trade.wallet.encode()))
        await asyncio.gather(*sent)
    finally:
        await producer.stop()
    assert len(sent) <= trades, "no more than were asked for"


async def _rewind(settings: dict[str, str]) -> None:
    """The group reads everything again from the beginning, once no member of it is left."""
    streams = StreamsSettings.model_validate(
        {"kafka": settings["POLYCOOL_KAFKA"], "database_url": settings["POLYCOOL_DATABASE_URL"]}
    )
    admin = AIOKafkaAdminClient(**reach(streams.kafka))
    # Roles are read by a consumer without a group.
    read = {
        streams.names.of(topic) for stage in WAY for topic in stage.reads if topic is not WATCHED_ADDRESSES
    }
    await admin.start()
    try:
        described = await admin.describe_topics(sorted(read))
        beginning = {
            TopicPartition(topic["topic"], partition["partition"]): OffsetAndMetadata(0, "")
            for topic in described
            for partition in topic["partitions"]
        }
    finally:
        await admin.close()
    consumer = AIOKafkaConsumer(**reach(streams.kafka), group_id=streams.group, enable_auto_commit=False)
    await consumer.start()
    try:
        consumer.assign(list(beginning))
        await consumer.commit(beginning)
    finally:
        await consumer.stop()


async def _until_read(settings: dict[str, str]) -> None:
    until = time.monotonic() + PASS_SECONDS
    while left := await lag(settings):
        if time.monotonic() > until:
            raise RuntimeError(f"{left} messages are unread after {PASS_SECONDS:.0f} s")
        await asyncio.sleep(LOOK_SECONDS)


async def _counted(settings: dict[str, str]) -> dict[str, Any]:
    (row,) = await asked(settings["POLYCOOL_DATABASE_URL"], "counted")
    return row


def _lose_plans(database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        lost = sql.SQL(", ").join(map(sql.Identifier, PLANS))
        connection.execute(sql.SQL("TRUNCATE {} CASCADE").format(lost))
