"""A demo while it runs: what its parts are, and how it stands. The faces (`live`, `plain`) show it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import psycopg
from aiokafka.errors import KafkaError

from ops.demo.faces import Faces
from ops.demo.options import Options
from ops.demo.player import Player
from ops.demo.probe import Probe
from ops.failures import Missing
from ops.figures.reading import Place, Reader, reader
from ops.figures.snapshot import Snapshot
from ops.stack.processes import Processes, State

LOOK_SECONDS = 0.1
SNAPSHOT_SECONDS = 1.0
# Looking may take at most a tenth of one processor's time: the more there is, the more seldom.
TIMES_AS_LONG = 10


@dataclass
class Performance:
    """Everything the faces may show or touch. ``brief``: snapshots hold copies and promises only."""

    options: Options
    processes: Processes
    player: Player
    probe: Probe
    faces: Faces
    place: Place
    brief: bool = False
    began: float = field(default_factory=time.monotonic)
    snapshot: Snapshot | None = None
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def seconds(self) -> float:
        """How long it has been playing."""
        return time.monotonic() - self.began

    def given_up(self) -> str | None:
        """The sentence on a process that does not stay up, if there is one."""
        for name, program in self.processes.programs.items():
            if self.processes.state_of(name) is State.FAILED:
                return f"{name} does not stay up; its words are in {program.log}"
        return None

    async def run(self, shown: Callable[[], Awaitable[None]]) -> None:
        """Play, read snapshots and show until ``ended`` is set. Missing when a process or the broker is lost."""
        self.began = time.monotonic()
        playing = asyncio.create_task(self.player.play())
        others = [asyncio.create_task(self._look()), asyncio.create_task(_called(shown))]
        ending = asyncio.create_task(self.ended.wait())
        try:
            while not ending.done():
                waited = [task for task in (playing, *others) if not task.done()]
                done, _ = await asyncio.wait(
                    {ending, *waited}, timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED
                )
                for task in done - {ending}:
                    task.result()
                if (lost := self.given_up()) is not None:
                    raise Missing(lost)
        finally:
            for task in (playing, *others, ending):
                task.cancel()
            await asyncio.gather(playing, *others, ending, return_exceptions=True)

    async def _look(self) -> None:
        while True:
            # The database or the broker may be away for a while: the last picture stays until they are back.
            with contextlib.suppress(psycopg.OperationalError, KafkaError):
                async with reader(self.place) as reading:
                    await self._look_with(reading)
            await asyncio.sleep(SNAPSHOT_SECONDS)

    async def _look_with(self, reading: Reader) -> None:
        while True:
            began = time.monotonic()
            self.snapshot = await (reading.brief() if self.brief else reading.snapshot(latest=24))
            took = time.monotonic() - began
            await asyncio.sleep(max(SNAPSHOT_SECONDS, TIMES_AS_LONG * took))


async def _called(shown: Callable[[], Awaitable[None]]) -> None:
    await shown()
