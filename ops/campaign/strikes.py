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

from ops.campaign.lasting import Lasting
from ops.campaign.plan import PROCESSES, How, Strike, Victim
from ops.stack.kafka import Broker
from ops.stack.postgres import Postgres
from ops.stack.processes import Processes, State
from ops.stack.program import Program
from ops.statements import statement
from schemas.enums import Source

LOOK_SECONDS: Final = 0.05
# As `pg_ctl restart -m immediate`: no checkpoint, connections are cut, the log is played again at the start. A SIGKILL
# would leave its children behind, which is no restart but another fault.
SIGNALS: Final = {Victim.POSTGRES: signal.SIGQUIT}
# A killed process is back after this long at most, whatever else was killed and however busy the machine is.
BACK_SECONDS: Final = 180.0
# After `kill -9` of any process the next order is out within this, on a machine that has time for it.
NEXT_ORDER_SECONDS: Final = 10.0
# That it was filled is known a little later, when it is booked.
SEEN_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Struck:
    """What was struck and when; ``next_order_seconds``: until the POST of the first order that was filled for a trade
    that came after the strike (for the API: through its webhook); none when it never came or was not measured."""

    victim: Victim
    at: datetime
    measured: bool = False
    next_order_seconds: float | None = None
    how: How = How.KILL

    def as_json(self) -> dict[str, object]:
        """The strike as one object."""
        took = {"next_order_seconds": self.next_order_seconds} if self.measured else {}
        return {"victim": self.victim, "how": self.how, "at": self.at.isoformat(), **took}


class Striker:
    """Strikes parts of what runs."""

    def __init__(
        self, processes: Processes, told: Callable[[str], None], lasting: Lasting | None = None
    ) -> None:
        self.struck: list[Struck] = []
        self._lasting = lasting
        self._processes = processes
        self._told = told

    async def strike_within(self, strikes: Sequence[Strike], seconds: float) -> None:
        """Each at its moment of the seconds from now on; a part that is down is struck as soon as it is up. Returns
        when what lasts for a while is over too."""
        began = time.monotonic()
        for each in strikes:
            await asyncio.sleep(max(0.0, began + each.share * seconds - time.monotonic()))
            if each.how is How.KILL:
                at = await self._strike(each.victim)
            else:
                assert self._lasting is not None, "only a campaign with trouble has such strikes"
                self._told(f"{each.how} {each.victim} {each.seconds:g} s")
                at = datetime.now(UTC)
                await self._lasting.begin(each)
            self.struck.append(Struck(each.victim, at, how=each.how))
        if self._lasting is not None:
            await self._lasting.over()

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
        """Send the signal; the supervisor starts it again. A part that is down is struck as soon as it is up."""
        self._told(f"striking {victim}")
        which = SIGNALS.get(victim, signal.SIGKILL)
        async with asyncio.timeout(BACK_SECONDS):
            while True:
                if self._part(victim).exit_code() is None:
                    self._processes.forgive(victim)
                    os.kill(self._part(victim).pid, which)
                    return datetime.now(UTC)
                await asyncio.sleep(LOOK_SECONDS)

    def _part(self, victim: Victim) -> Program | Postgres | Broker:
        local = self._processes.local
        part = {Victim.POSTGRES: local.postgres, Victim.BROKER: local.broker}.get(victim)
        return part if part is not None else self._processes.programs[victim]

    async def _until_next_order(self, victim: Victim, at: datetime) -> float | None:
        source = Source.WEBHOOK.value if victim is Victim.API else None
        async with await psycopg.AsyncConnection.connect(
            self._processes.stack.database_url, autocommit=True
        ) as connection:
            while (datetime.now(UTC) - at).total_seconds() < SEEN_SECONDS:
                asked = await connection.execute(
                    statement("ops.campaign", "next_order").encode(), {"at": at, "source": source}
                )
                row = await asked.fetchone()
                if row is not None and row[0] is not None:
                    return float(row[0])
                await asyncio.sleep(LOOK_SECONDS)
        return None
