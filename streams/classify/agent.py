"""classify: roles, ledgers, topics. Every message of a watched wallet into `trades` and its ordered ledgers, and on to
the topic of each role it holds; one transaction a batch (DESIGN §2, RULES §6)."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from time import perf_counter
from typing import Final, Protocol

import structlog

from streams.classify.often import Often
from streams.classify.reading import Refused, Watched, key_of, read
from streams.classify.sorting import Outcome, lost_by, missing, sort
from streams.kafka.guard import DeadMessage, Handled, Handles, Received
from streams.kafka.roles import RoleBook
from streams.tables.classified import load_standing, note_lost, note_role_reads, store_outcome
from streams.tables.pool import Pool

log = structlog.get_logger()


class RolesRead(Protocol):
    """The roles of wallets; to be relied on while ``ready`` is set."""

    ready: asyncio.Event
    book: RoleBook


FEW: Final = 16
"""A batch of more shows a busy stage: the costs of its transaction are shared already, and nobody goes aside."""


class Classify:
    """The stage as the guard sees it: handled wholly, or in two lanes, in which wallets that trade often go aside."""

    longest_rest_seconds = 0.25
    """Sorting takes little: several come together in that time, and their copies are hardly later."""

    def __init__(
        self,
        pool: Pool,
        roles: RolesRead,
        *,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
        told: Callable[[Outcome, int], None],
        spent: Callable[[str, float], None],
    ) -> None:
        self._pool = pool
        self._roles = roles
        self._now = now
        self._often = Often(monotonic)
        self._told = told
        self._spent = spent

    @property
    def straight(self) -> Handles:
        """Sorts who trades now and then; leaves who trades often."""
        return Straight(self)

    @property
    def aside(self) -> Handles:
        """Sorts what was left, wholly."""
        return self

    async def parted(self, batch: Sequence[Received]) -> tuple[Sequence[Received], Sequence[Received]]:
        """The batch in two: those that go straight on, then those of wallets that trade often; each in order."""
        await self._roles.ready.wait()
        if len(batch) > FEW:
            return batch, ()
        book = self._roles.book
        trades = Counter(wallet for each in batch if book.of(wallet := key_of(each)) is not None)
        often = {wallet for wallet, several in trades.items() if self._often.take(wallet, several)}
        if not often:
            return batch, ()
        parts: tuple[list[Received], list[Received]] = ([], [])
        for each in batch:
            parts[key_of(each) in often].append(each)
        return parts

    async def handle(self, batch: Sequence[Received]) -> Handled:
        """Store, move the ledgers, and say what goes to which topic."""
        await self._roles.ready.wait()
        began = perf_counter()
        book = self._roles.book
        items = [item for received in batch if (item := read(received, book)) is not None]
        self._spent("read", perf_counter() - began)
        outcome = await self._store(items) if items else Outcome()
        self._told(outcome, len(batch) - len(items))
        _log(outcome)
        return Handled(outcome.sends, outcome.dead, concerned_nobody=not items)

    async def note_dead(self, dead: Sequence[DeadMessage]) -> None:
        """Messages that the guard gives up: their wallets' positions are unsure until they are fed again (R18)."""
        async with self._pool.connection() as connection:
            places = [missing(message, key_of(message.received)) for message in dead]
            await note_lost(connection, places, lost_by(dead))

    async def _store(self, items: Sequence[Watched | Refused]) -> Outcome:
        began = perf_counter()
        async with self._pool.connection() as connection:
            standing = await load_standing(connection, items)
            loaded = perf_counter()
            outcome = sort(items, standing, self._now())
            folded = perf_counter()
            await store_outcome(connection, outcome, standing)
        self._spent("load", loaded - began)
        self._spent("fold", folded - loaded)
        self._spent("store", perf_counter() - folded)
        return outcome


@dataclass(frozen=True, slots=True)
class Straight:
    """The lane of those who trade now and then."""

    stage: Classify

    async def handle(self, batch: Sequence[Received]) -> Handled:
        """As ``Classify.handle``, but for what is left."""
        now, often = await self.stage.parted(batch)
        return replace(await self.stage.handle(now), left=often) if now else Handled(left=often)

    async def note_dead(self, dead: Sequence[DeadMessage]) -> None:
        """As ``Classify.note_dead``."""
        await self.stage.note_dead(dead)


def _log(outcome: Outcome) -> None:
    for item in outcome.new:
        trade = item.trade
        log.info(
            "trade_classified",
            trade_id=trade.trade_id,
            wallet=trade.wallet,
            kind=trade.kind.value,
            side=trade.side.value,
            token_id=trade.token_id,
            numbers={role.value: message.number for role, message in item.said.items()},
        )


class RoleNotes:
    """Where the projection of roles writes down what it has read."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def note(self, reads: Sequence[tuple[str, int]]) -> None:
        """The roles of these wallets were read at these versions; what was noted before stays."""
        async with self._pool.connection() as connection:
            await note_role_reads(connection, reads)
