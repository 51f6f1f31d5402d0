"""Strikes that last for a while: stopped processes, second workers, slow wires; and that they all end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from typing import Final

from ops.campaign.plan import How, Strike
from ops.campaign.wired import WiredProcesses
from ops.stack.ports import choose
from ops.stack.program import Program

DELAY_SECONDS: Final = 0.15
REFUSE_SECONDS: Final = 0.5


class Lasting:
    """Begins them, one beside the other, and ends each after its seconds."""

    def __init__(self, processes: WiredProcesses) -> None:
        self._processes = processes
        self._wires = processes.wires
        self._under_way: set[asyncio.Task[None]] = set()
        self._number = 0

    async def begin(self, strike: Strike) -> None:
        """Returns once it has begun."""
        begun = asyncio.Event()
        deed = {How.PAUSE: self._pause, How.DOUBLE: self._double, How.CUT: self._cut, How.SLOW: self._slow}
        task = asyncio.create_task(deed[strike.how](strike, begun))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        await begun.wait()

    async def over(self) -> None:
        """Return once all have ended."""
        await asyncio.gather(*self._under_way)

    async def _pause(self, strike: Strike, begun: asyncio.Event) -> None:
        pid = self._processes.programs[strike.victim].pid
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
        begun.set()
        try:
            await asyncio.sleep(strike.seconds)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

    async def _double(self, strike: Strike, begun: asyncio.Event) -> None:
        """A second worker beside the supervised one; it ends by ``kill -9``, as the others do."""
        self._number += 1
        environment = dict(self._processes.program_environment())
        environment |= {"POLYCOOL_API_PORT": str(choose("a second api", wanted=None, last=None))}
        directory = self._processes.stack.directory / "logs" / f"second-{self._number}"
        directory.mkdir(parents=True, exist_ok=True)
        second = Program(strike.victim.value, environment, directory, self._processes.local.children)
        # In this thread: a program ends with the thread that started it.
        second.start()
        begun.set()
        try:
            await asyncio.sleep(strike.seconds)
        finally:
            second.kill()

    async def _cut(self, _strike: Strike, begun: asyncio.Event) -> None:
        for wire in self._wires:
            wire.refuses = True
            wire.cut()
        begun.set()
        await asyncio.sleep(REFUSE_SECONDS)
        for wire in self._wires:
            wire.refuses = False

    async def _slow(self, strike: Strike, begun: asyncio.Event) -> None:
        for wire in self._wires:
            wire.delay_seconds = DELAY_SECONDS
        begun.set()
        await asyncio.sleep(strike.seconds)
        for wire in self._wires:
            wire.heal()
