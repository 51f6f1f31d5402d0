"""The last look before a POST: tables, clocks, the book, and whether the account was found in order (DESIGN §8).

SAFETY R2, R8, R11, R17, R19. Reasons that the tables give come before the book's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from schemas.enums import OrderState, Reason, Side
from schemas.enums import Venue as VenueName
from streams.tables import last_checks, orders
from streams.trading.clock_watch import ClockWatch
from streams.trading.desk import Desk
from streams.trading.thin_market import Depth
from streams.trading.thin_watch import ThinWatch, kept
from streams.trading.waiting_line import Job

HOLD: Final = "HOLD"
Verdicts = Mapping[str, str | None]
"""Per order: None (it is marked as posted: it must go), the reason that stops it, or HOLD."""


@dataclass(frozen=True, slots=True)
class Looked:
    """``verdicts`` of the orders asked for; one that is missing changed meanwhile. ``others``: orders that the same
    look at a book stops, wherever they wait."""

    verdicts: Verdicts
    others: frozenset[str]


class Gate:
    """``in_order`` says whether a BUY's account may buy yet (SAFETY R19)."""

    def __init__(
        self, desk: Desk, clocks: ClockWatch, thin: ThinWatch, in_order: Callable[[Job], bool]
    ) -> None:
        self._desk = desk
        self._clocks = clocks
        self._thin = thin
        self._in_order = in_order

    async def look(self, venue: VenueName, jobs: Sequence[Job], state: OrderState) -> Looked:
        """Look at everything that may stop these orders, and mark those that may go as posted."""
        found = await self._thin.judge(jobs)
        waiting = {
            job.name
            for job in jobs
            if job.name in found.unread or (job.side is Side.BUY and not self._in_order(job))
        }
        asked = [job.name for job in jobs if job.name not in waiting]
        verdicts: dict[str, str | None] = dict.fromkeys(waiting, HOLD)
        if asked:
            agrees = self._clocks.agrees(venue)
            verdicts |= await self._ask(asked, state, [name for name in asked if name in found.thin], agrees)
        await self._keep(verdicts, found.thin)
        return Looked(verdicts, frozenset(found.thin).difference(asked))

    async def look_at_stopped(self, jobs: Sequence[Job]) -> Verdicts:
        """BUYs that the book stops, or past their deadline: why they end. None is marked as posted by this look."""
        found = await self._thin.judge(jobs)
        names = [job.name for job in jobs]
        told_off = [name for name in names if name in found.thin]
        verdicts = await self._ask(names, OrderState.SIGNED, told_off, clock_agrees=False)
        await self._keep(verdicts, found.thin)
        return verdicts

    async def _ask(
        self, names: Sequence[str], state: OrderState, told_off: Sequence[str], clock_agrees: bool
    ) -> dict[str, str | None]:
        desk = self._desk
        found = await orders.look_before_post(
            desk.pool, desk.epoch, names, state, clock_agrees=clock_agrees, told_off=told_off
        )
        return dict(found)

    async def _keep(self, verdicts: Verdicts, thin: Mapping[str, Depth]) -> None:
        """What a stopped order's sentence needs, kept before it ends."""
        out = [name for name, verdict in verdicts.items() if verdict == Reason.LEADER_OUT]
        if out:
            await last_checks.note_leader_out(self._desk.pool, out)
        told_off = {name: thin[name] for name, verdict in verdicts.items() if verdict == Reason.THIN_MARKET}
        if told_off:
            settings = self._desk.settings
            await last_checks.note_thin_market(
                self._desk.pool, kept(told_off), settings.thin_under, settings.book_seconds
            )
