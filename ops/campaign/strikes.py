"""Carries the strikes out, and measures how long it takes until the next order is out."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import psycopg

from ops.campaign.plan import PROCESSES, Strike, Victim
from ops.stack.processes import Processes, State
from ops.statements import statement
from schemas.enums import Source

LOOK_SECONDS: Final = 0.05
# A killed process is back after this long at most, whatever else was killed.
BACK_SECONDS: Final = 60.0
# After `kill -9` of any process the next order is out within this.
NEXT_ORDER_SECONDS: Final = 15.0


@dataclass(frozen=True, slots=True)
class Struck:
    """What was struck and when; ``next_order_seconds``: until an order was filled for a trade that came after the
    strike (for the API: through its webhook), none when it took longer than the bound or was not measured."""

    victim: Victim
    at: datetime
    measured: bool = False
    next_order_seconds: float | None = None

    def as_json(self) -> dict[str, object]:
        """The strike as one object."""
        took = {"next_order_seconds": self.next_order_seconds} if self.measured else {}
        return {"victim": self.victim, "at": self.at.isoformat(), **took}


class Striker:
    """Strikes parts of what runs."""

    def __init__(self, processes: Processes, told: Callable[[str], None]) -> None:
        self.struck: list[Struck] = []
        self._processes = processes
        self._told = told

    async def strike_within(self, strikes: Sequence[Strike], seconds: float) -> None:
        """Each at its moment of the seconds from now on; a part that is down is struck as soon as it is up."""
        began = time.monotonic()
        for each in strikes:
            await asyncio.sleep(max(0.0, began + each.share * seconds - time.monotonic()))
            self.struck.append(Struck(each.victim, await self._strike(each.victim)))

    async def strike_and_measure(self, victims: Sequence[Victim]) -> None:
        """One after the other, each once the way runs again; trades must be coming meanwhile."""
        for victim in victims:
            at = await self._strike(victim)
            seconds = await self._until_next_order(victim, at)
            self._told(
                f"{victim}: next order out after {'too long' if seconds is None else f'{seconds:.1f} s'}"
            )
            self.struck.append(Struck(victim, at, True, seconds))
            await self.until_all_run()

    async def until_all_run(self) -> None:
        """Return once every process says that it is ready. Raises TimeoutError."""
        async with asyncio.timeout(BACK_SECONDS):
            while True:
                if all(self._processes.state_of(name) is State.READY for name in PROCESSES):
                    return
                await asyncio.sleep(LOOK_SECONDS)

    async def _strike(self, victim: Victim) -> datetime:
        self._told(f"striking {victim}")
        match victim:
            case Victim.POSTGRES:
                return await self._restart_postgres()
            case Victim.BROKER:
                return await self._restart_broker()
            case _:
                return await self._kill(victim)

    async def _kill(self, victim: Victim) -> datetime:
        program = self._processes.programs[victim]
        async with asyncio.timeout(BACK_SECONDS):
            while True:
                if program.exit_code() is None:
                    program.signal(signal.SIGKILL)
                    return datetime.now(UTC)
                await asyncio.sleep(LOOK_SECONDS)

    async def _restart_postgres(self) -> datetime:
        server = self._processes.local.postgres
        assert server is not None, "the campaign runs on a database of its own"
        # As `pg_ctl restart -m immediate`: no checkpoint, connections are cut, the log is played again at the start.
        os.kill(server.pid, signal.SIGQUIT)
        at = datetime.now(UTC)
        await asyncio.to_thread(server.stop)
        server.start()
        await asyncio.to_thread(server.wait)
        return at

    async def _restart_broker(self) -> datetime:
        broker = self._processes.local.broker
        assert broker is not None, "the campaign runs on a broker of its own"
        at = datetime.now(UTC)
        await asyncio.to_thread(lambda: broker.stop(kill=True))
        broker.start()
        await asyncio.to_thread(broker.wait)
        return at

    async def _until_next_order(self, victim: Victim, at: datetime) -> float | None:
        source = Source.WEBHOOK if victim is Victim.API else None
        async with await psycopg.AsyncConnection.connect(
            self._processes.stack.database_url, autocommit=True
        ) as connection:
            while (datetime.now(UTC) - at).total_seconds() < NEXT_ORDER_SECONDS:
                asked = await connection.execute(
                    statement("ops.campaign", "next_order").encode(), {"at": at, "source": source}
                )
                row = await asked.fetchone()
                if row is not None and row[0] is not None:
                    return float(row[0])
                await asyncio.sleep(LOOK_SECONDS)
        return None
