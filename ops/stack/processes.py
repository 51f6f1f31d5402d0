"""Everything on this machine: stack, tables, topics, and our processes, watched and started again when they die.

`async with Processes(directory) as running:` is `polycool up`; `polycool demo` is the same with trades and people.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self

from ops import topics
from ops.migration.binding import Binding, bind, keep_partitions, kept_partitions
from ops.migration.migrate import migrate
from ops.stack.environment import LOCAL_PARTITIONS, process_environment, watched_processes
from ops.stack.errors import StackError
from ops.stack.local import LocalStack, Report, Stack
from ops.stack.ports import choose
from ops.stack.program import Program
from ops.stack.running import keep
from streams.topology import TopicNames

NAMES = ("paper", "streams", "api", "trading")
# Runs where Telegram gave us a bot.
BOT, BOT_TOKEN = "bot", "POLYCOOL_TELEGRAM_TOKEN"
# Trading is not ready before it has spoken with the exchange, so the paper exchange comes first.
AFTER = {"trading": "paper", BOT: "api"}
# In this order they end: nothing new is decided, what is under way is finished, then the faces.
END_ORDER = ("streams", "trading", BOT, "api", "paper")
API_PORT, PAPER_PORT = 8000, 8010
READY_SECONDS = 60.0
LOOK_SECONDS = 0.05
# A part that does not come up again is tried again this often.
PARTS_SECONDS = 1.0
# The first new start is at once (a kill must cost an order less than 15 s), then slower and slower.
BACK_OFF_SECONDS = (0.0, 0.5, 1.0, 2.0, 5.0)
# As long as this without a fault makes a process well again.
WELL_SECONDS = 30.0
FAILURES_MAX = 20


class State(StrEnum):
    """How a process is."""

    STARTING = "starting"
    READY = "ready"
    DOWN = "down"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True)
class Restart:
    """A process ended by itself and was started again."""

    name: str
    exit_code: int
    at_seconds: float


@dataclass
class Watched:
    """A program and how it fares."""

    program: Program
    state: State = State.STARTING
    started_at: float = field(default_factory=time.monotonic)
    failures: int = 0


class Processes:
    """The whole of Polycool in one directory. `restarts` and `state_of` may be read at any time while it runs."""

    def __init__(
        self,
        directory: Path,
        *,
        fresh: bool = False,
        names: Sequence[str] = NAMES,
        caller: Mapping[str, str] = os.environ,
        settings: Mapping[str, str] | None = None,
        report: Report = lambda _name, _seconds: None,
    ) -> None:
        self.restarts: list[Restart] = []
        self.environment: dict[str, str] = {}
        self._names = tuple(names)
        self._caller = caller
        self._settings = dict(settings or {})
        self._report = report
        self.local = LocalStack(directory, fresh=fresh, environment=caller, report=report)
        self._watched: dict[str, Watched] = {}
        self._watcher: asyncio.Task[None] | None = None
        self._began = time.monotonic()

    @property
    def stack(self) -> Stack:
        """Where broker and database are."""
        return self.local.stack

    @property
    def programs(self) -> dict[str, Program]:
        """The processes by name."""
        return {name: watched.program for name, watched in self._watched.items()}

    def state_of(self, name: str) -> State:
        """How the process is now."""
        return self._watched[name].state

    def forgive(self, name: str) -> None:
        """It is ended on purpose now: that counts as no failure of its own, and it comes back at once."""
        if name in self._watched:
            self._watched[name].failures = 0

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def stop(self) -> None:
        """End all of it in order: processes, broker, database."""
        await self.end_programs()
        await asyncio.to_thread(self.local.stop)

    async def end_programs(self) -> None:
        """End our processes in order and look after nothing any more; broker and database stay."""
        if self._watcher is not None:
            self._watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watcher
            self._watcher = None
        order = {name: place for place, name in enumerate(END_ORDER)}
        for name in sorted(self._watched, key=lambda name: order.get(name, -1)):
            watched = self._watched[name]
            await asyncio.to_thread(watched.program.stop)
            watched.state = State.STOPPED

    async def _start(self) -> None:
        # Not in a thread: the broker and the database are tied to the thread that starts them.
        stack = self.local.start()
        await self._prepare(stack)
        ports = {
            name: choose(name, wanted=self._wanted(f"POLYCOOL_{name.upper()}_PORT"), last=last)
            for name, last in (("api", API_PORT), ("paper", PAPER_PORT))
        }
        self.environment = self._settings | process_environment(
            stack, prefix=self._prefix, api_port=ports["api"], paper_port=ports["paper"], caller=self._caller
        )
        self.environment.setdefault("POLYCOOL_API_WATCHED_PROCESSES", watched_processes(self.environment))
        keep(stack.directory, self.environment)
        await self._start_programs()
        self._watcher = asyncio.create_task(self._watch())

    async def _prepare(self, stack: Stack) -> None:
        began = time.monotonic()
        names = TopicNames(self._prefix)
        cluster = await topics.look(stack.kafka, names)
        migrate(stack.database_url)
        bind(stack.database_url, Binding(cluster.cluster_id, names.prefix))
        partitions = int(self._caller.get("POLYCOOL_PARTITIONS") or LOCAL_PARTITIONS)
        plan = topics.plan(names, cluster, partitions, kept_partitions(stack.database_url))
        if plan.wrong:
            raise StackError(
                f"the topics are not as they must be: {'; '.join(plan.wrong)} (--fresh begins anew)."
            )
        await topics.create(stack.kafka, names, plan.missing)
        keep_partitions(stack.database_url, plan.missing)
        self._report("tables and topics", time.monotonic() - began)

    async def _start_programs(self) -> None:
        logs = self.stack.directory / "logs"
        logs.mkdir(exist_ok=True)
        waiting = set(self._names)
        while waiting:
            for name in sorted(waiting):
                watched = self._watched.get(name)
                if watched is None:
                    if AFTER.get(name) not in waiting:
                        program = Program(name, self.environment, logs, self.local.children)
                        program.start()
                        self._watched[name] = Watched(program)
                elif watched.program.is_ready():
                    watched.state = State.READY
                    waiting.discard(name)
                    self._report(name, time.monotonic() - watched.started_at)
                else:
                    _check_starting(watched)
            await asyncio.sleep(LOOK_SECONDS)

    async def _watch(self) -> None:
        look_at_parts = 0.0
        while True:
            now = time.monotonic()
            if now >= look_at_parts:
                look_at_parts = now + PARTS_SECONDS
                ended = self.local.revive()
                self.restarts += [Restart(name, code, now - self._began) for name, code in ended.items()]
            for name, watched in self._watched.items():
                self._look_after(name, watched)
            await asyncio.sleep(LOOK_SECONDS)

    def _look_after(self, name: str, watched: Watched) -> None:
        now = time.monotonic()
        code = watched.program.exit_code()
        if watched.state is State.FAILED:
            return
        if code is None:
            if watched.program.is_ready():
                watched.state = State.READY
            if now - watched.started_at > WELL_SECONDS:
                watched.failures = 0
            return
        if watched.state is not State.DOWN:
            watched.state = State.DOWN
            watched.failures += 1
            watched.started_at = now
            self.restarts.append(Restart(name, code, now - self._began))
        if watched.failures > FAILURES_MAX:
            watched.state = State.FAILED
        elif now - watched.started_at >= BACK_OFF_SECONDS[min(watched.failures, len(BACK_OFF_SECONDS)) - 1]:
            watched.program.start()
            watched.state = State.STARTING
            watched.started_at = now

    @property
    def _prefix(self) -> str:
        return self._caller.get("POLYCOOL_TOPIC_PREFIX", "")

    def _wanted(self, setting: str) -> int | None:
        value = self._caller.get(setting)
        return int(value) if value else None


def _check_starting(watched: Watched) -> None:
    """Raises StackError, with the end of what it said, for a process that ended or takes too long."""
    program = watched.program
    if program.exit_code() is not None or time.monotonic() - watched.started_at > READY_SECONDS:
        raise StackError(
            f"{program.name} did not start; all it said is in {program.log}, at the end:\n{program.tail()}"
        )
