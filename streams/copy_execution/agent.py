"""copy_execution: each trade of a leader is decided for every follower, in one transaction.

Everything a decision needs is locked and read in two round trips, decided in memory, and written by COPY while the
next decisions are taken. A message that comes again is known by its number in the leader's ledger and changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import psycopg
import structlog

from schemas.enums import CopyState, Source
from schemas.trades import LeaderTraded
from streams.copy_execution.answers import Answer, Answering, DecidedAs
from streams.copy_execution.batch import MESSAGES_PER_TRANSACTION, bounded, counted, first_part
from streams.copy_execution.crowds import Crowds
from streams.copy_execution.flood import MOST_BUYS
from streams.copy_execution.incoming import Incoming, fresh_among, read, traces_of
from streams.copy_execution.names import Names, candidates
from streams.kafka.guard import DeadMessage, Handled, Handles, Received
from streams.tables.asking import Connection, Question, ask
from streams.tables.books import Loaded, load_followings, surroundings
from streams.tables.decisions import (
    BooksBefore,
    GiveWay,
    changes_of_books,
    decided_messages,
    next_turn,
    notices,
    traces_kept,
    wake_ups,
    write_copy_orders,
    write_finished,
)
from streams.tables.floods import floods_among, lately_asked, noted
from streams.tables.ground import lock_and_look
from streams.tables.pool import Pool
from streams.tables.settings import SettingsKept

log = structlog.get_logger()

NAME_CONSTRAINT: Final = "copy_orders_pkey"


@dataclass(frozen=True, slots=True)
class Step:
    """What one transaction came to: how many of the first messages are done, and which had the number of another."""

    done: int
    conflicting: Sequence[DeadMessage] = ()


class CopyExecution:
    """The stage. ``live_sources`` are the doors that are trusted with live money (SAFETY R9); ``told`` hears how many
    copy orders each transaction committed, by outcome. Of a leader's BUYs of one minute ``most_buys`` are decided;
    those over it are noted for ``Flooding``, which ``wake`` tells (SAFETY R27). ``prevented`` hears
    which guard stopped second copies. ``straight`` and ``aside`` are its two lanes: others pass a crowd, which gives
    way as one of ``turns`` says."""

    longest_rest_seconds = 45.0
    """A copy is too old after 60 s, unless its owner says otherwise."""

    def __init__(
        self,
        pool: Pool,
        live_sources: frozenset[Source],
        clock: Callable[[], datetime],
        told: Callable[[Mapping[DecidedAs, int]], None] = lambda _outcomes: None,
        *,
        most_buys: int = MOST_BUYS,
        wake: Callable[[], None] = lambda: None,
        prevented: Callable[[str, int], None] = lambda _guard, _copies: None,
        turns: Callable[[], GiveWay] = lambda: next_turn,
    ) -> None:
        self._pool = pool
        self._told = told
        self._prevented = prevented
        self._live_sources = frozenset(live_sources)
        self._clock = clock
        self._settings = SettingsKept()
        self._crowds = Crowds()
        self._most_buys = most_buys
        self._wake = wake
        self._turns = turns

    @property
    def straight(self) -> Handles:
        """Decides for whom few copy orders are to come, or real money; leaves the crowds."""
        return Lane(self._decide_straight)

    @property
    def aside(self) -> Handles:
        """Decides for crowds, one transaction each time; leaves what comes after it."""
        return Lane(self._decide_aside)

    async def handle(self, batch: Sequence[Received]) -> Handled:
        """Decide every message of the batch for every follower; durable when this returns.

        Raises psycopg.Error: the guard tries passing faults again, and what was committed is not decided again.
        """
        first = await self._decide_straight(batch)
        dead, left = [*first.dead], first.left
        while left:
            step = await self._decide_aside(left)
            dead, left = [*dead, *step.dead], step.left
        return Handled(dead=dead)

    async def _decide_straight(self, batch: Sequence[Received]) -> Handled:
        received_at = self._clock()
        incoming, dead = read(batch)
        few, crowds = self._crowds.parted(incoming)
        while few:
            step = await self._step(few[:MESSAGES_PER_TRANSACTION], received_at)
            dead.extend(step.conflicting)
            few = few[step.done :]
        return Handled(dead=dead, left=[one.received for one in crowds])

    async def _decide_aside(self, batch: Sequence[Received]) -> Handled:
        incoming, dead = read(batch)
        several = incoming[:MESSAGES_PER_TRANSACTION]
        step = await self._step(several, self._clock(), self._turns()) if several else Step(0)
        return Handled(dead=[*dead, *step.conflicting], left=[one.received for one in incoming[step.done :]])

    async def _step(
        self, incoming: Sequence[Incoming], received_at: datetime, give_way: GiveWay = next_turn
    ) -> Step:
        try:
            return await self._transaction(incoming, received_at, give_way, check_names=False)
        except psycopg.errors.UniqueViolation as fault:
            if fault.diag.constraint_name != NAME_CONSTRAINT:
                self._prevented("database", 1)
                log.error("duplicate_refused", constraint=fault.diag.constraint_name)
                raise
            log.info("name_taken", detail=fault.diag.message_detail)
            return await self._transaction(incoming, received_at, give_way, check_names=True)

    async def _transaction(
        self, incoming: Sequence[Incoming], received_at: datetime, give_way: GiveWay, *, check_names: bool
    ) -> Step:
        async with self._pool.connection() as connection:
            messages = [one.message for one in incoming]
            ground, rows = await lock_and_look(connection, messages, lately_asked(messages, self._most_buys))
            self._crowds.seen(messages, ground.allocations)
            done = bounded(messages, ground.allocations)
            new, conflicting = fresh_among(incoming[:done], ground.decided)
            lately = rows.get("copy_execution/buys_lately", [])
            floods = await floods_among(connection, new, lately, self._most_buys)
            over = [message for message in new if (message.wallet, message.number) in floods]
            fresh = [message for message in new if (message.wallet, message.number) not in floods]
            self._prevented("decided", done - len(new) - len(conflicting))
            if not fresh:
                await ask(connection, noted(over, floods), commit=True)
                return self._noting(over, Step(done, conflicting))
            allocations, others_left = first_part(ground.allocations, ground.leaders, fresh, ground.answered)
            loaded = await load_followings(connection, allocations, fresh, ground.shared, self._settings)
            names = await _names(connection, fresh, loaded) if check_names else Names()
            around = surroundings(ground.shared, loaded, self._live_sources)
            answering = Answering(loaded.by_leader, around, names, received_at, ground.answered)
            traces = traces_kept(traces_of(incoming[:done], fresh))
            with_them = [] if others_left else [*noted(over, floods), *traces]
            answers = await self._decide(
                connection, fresh, loaded, answering, with_them, give_way=give_way, last=not others_left
            )
        self._told(Counter(answer.decided_as for answer in answers))
        _log_decided(fresh, answers)
        return Step(0) if others_left else self._noting(over, Step(done, conflicting))

    def _noting(self, over: Sequence[LeaderTraded], step: Step) -> Step:
        """The BUYs over the limit are committed as such: whoever answers them may begin."""
        if over:
            log.info("flood_noted", leaders=sorted({message.wallet for message in over}), trades=len(over))
            self._wake()
        return step

    async def _decide(
        self,
        connection: Connection,
        fresh: Sequence[LeaderTraded],
        loaded: Loaded,
        answering: Answering,
        with_them: Sequence[Question],
        *,
        give_way: GiveWay,
        last: bool,
    ) -> list[Answer]:
        """Decide, and write what was decided; only with the ``last`` followers that the messages are decided."""
        before = BooksBefore.of(loaded.all())
        answers = await write_copy_orders(connection, answering.answers(fresh, self._clock), give_way)
        finished = await write_finished(connection, answers)
        planned = any(answer.decision.state is CopyState.PLANNED for answer in answers)
        questions = [
            *changes_of_books(loaded.all(), before),
            *notices(answering.told),
            *wake_ups(planned=planned, finished=finished),
            *with_them,
        ]
        if last:
            counts = counted(fresh, (answer.message for answer in answers), answering.answered)
            questions += decided_messages(fresh, counts, answering.now)
        await ask(connection, questions, commit=True)
        return answers


@dataclass(frozen=True, slots=True)
class Lane:
    """One of the two ways in which the stage decides a batch."""

    decide: Callable[[Sequence[Received]], Awaitable[Handled]]

    async def handle(self, batch: Sequence[Received]) -> Handled:
        """As ``CopyExecution.handle``, but for what is left."""
        return await self.decide(batch)


async def _names(connection: Connection, fresh: Sequence[LeaderTraded], loaded: Loaded) -> Names:
    """Names, knowing which of those that may be given now are taken."""
    wanted = [
        name
        for message in fresh
        for following in loaded.by_leader.get(message.wallet, ())
        for name in candidates(message.wallet, message.trade_id, following.allocation.allocation_id)
    ]
    taken = await ask(connection, [("copy_execution/names_taken", {"names": wanted})])
    return Names(name for (name,) in taken["copy_execution/names_taken"])


def _log_decided(fresh: Sequence[LeaderTraded], answers: Sequence[Answer]) -> None:
    """One line for each trade: a line for each of a thousand followers would take longer than deciding for them."""
    by_trade: dict[tuple[str, str], Counter[str]] = {}
    for answer in answers:
        outcomes = by_trade.setdefault((answer.message.wallet, answer.message.trade_id), Counter())
        outcomes[str(answer.decision.reason or answer.decision.state)] += 1
    for message in fresh:
        log.info(
            "trade_decided",
            trade_id=message.trade_id,
            leader=message.wallet,
            number=message.number,
            kind=message.kind,
            side=message.side,
            token_id=message.token_id,
            copy_orders=by_trade.get((message.wallet, message.trade_id), {}),
        )
