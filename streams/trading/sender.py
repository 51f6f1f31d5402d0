"""Stored orders on their way out: the last look, the POST, what its answer says (DESIGN §8, SAFETY R7, R11, R17)."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import defaultdict
from collections.abc import Coroutine, Sequence
from datetime import timedelta
from typing import Final

import psycopg
import structlog

from schemas.enums import OrderState, Reason, Side
from schemas.enums import Venue as VenueName
from streams.tables.orders import Note, OpenOrder
from streams.trading.bookkeeper import Bookkeeper
from streams.trading.collecting import Collecting
from streams.trading.desk import Desk
from streams.trading.gate import HOLD, Gate
from streams.trading.markets_told import MarketsTold
from streams.trading.outlet import Outlet
from streams.trading.rate_limits import RateLimits
from streams.trading.refusals import Refusals
from streams.trading.verdicts import dropped, learnt
from streams.trading.waiting_line import Job
from streams.venues.answers import Answer, Verdict
from streams.venues.orders import SignedBytes
from streams.venues.venue import VenueFault
from streams.venues.wallets import TradingWallet

_log = structlog.get_logger("trading.sender")
_HOLD_SECONDS: Final = 0.5
_LINE_SECONDS: Final = 1.0
# A BUY that still waits this long after its deadline is ended here: what may not go out need not wait for its turn.
_LATE: Final = timedelta(seconds=1)


class Sender:
    """One line per exchange. ``holds`` tells which orders are in its hands: nobody else touches those."""

    def __init__(self, desk: Desk, bookkeeper: Bookkeeper, gate: Gate, told: MarketsTold) -> None:
        self._desk = desk
        self._bookkeeper = bookkeeper
        self._gate = gate
        self._told = told
        self._outlets = {name: Outlet(name, desk.settings) for name in desk.venues}
        for name, outlet in self._outlets.items():
            desk.figures.left_alone.labels(name.value).set_function(outlet.left_alone)
        self._collecting = Collecting(desk)
        self._refusals = Refusals(desk)
        self._held: set[str] = set()
        self._tasks: set[asyncio.Task[object]] = set()

    def holds(self, order_hash: str) -> bool:
        """Whether the order waits here, is under way, or its fills are being collected."""
        return order_hash in self._held

    @property
    def busy(self) -> bool:
        """Whether orders wait for their POST."""
        return any(not outlet.line.idle for outlet in self._outlets.values())

    def put(self, jobs: Sequence[tuple[Job, int]]) -> None:
        """Take signed orders, each with the version of its market that the exchange must know."""
        unknown: defaultdict[str, list[tuple[Job, int]]] = defaultdict(list)
        for job, version in jobs:
            # The reconciler may have found it in the tables before its claim came here.
            if self.holds(job.order.order_hash):
                continue
            self._held.add(job.order.order_hash)
            if self._told.knows(job.venue, job.token_id, version):
                self._outlets[job.venue].line_up(job)
            else:
                unknown[job.token_id].append((job, version))
        for waiting in unknown.values():
            self._spawn(self._tell_first(waiting))

    async def put_open(self, found: Sequence[OpenOrder]) -> None:
        """Take signed orders as they were found in the tables (at the start, and after a fault)."""
        wallets = await self._desk.keyring.wallets(each.account_id for each in found)
        jobs: list[tuple[Job, int]] = []
        for each in found:
            wallet = wallets.get(each.account_id)
            if wallet is not None and each.venue in self._desk.venues:
                jobs.append((job_of(each, wallet), 0))
        self.put(jobs)

    async def run(self, venue: VenueName) -> None:
        """Send what is in the line of a venue, until there is nothing to do for a while."""
        outlet = self._outlets[venue]
        line = outlet.line
        await self._end_the_late(outlet)
        late_at = time.monotonic() + _LINE_SECONDS
        while time.monotonic() < late_at:
            outlet.awake.clear()
            jobs = line.take(time.monotonic())
            if line.idle:
                outlet.idle.set()
            self._desk.figures.queued.set(sum(len(each.line) for each in self._outlets.values()))
            if jobs:
                await self._look_and_post(outlet, jobs)
                continue
            pause = line.seconds_to_next(time.monotonic())
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LINE_SECONDS if pause is None else min(pause, _LINE_SECONDS)):
                    await outlet.awake.wait()

    async def repeat(self, job: Job) -> Answer | None:
        """The same bytes of an unknown order once more, after the same look; None when they may not go."""
        limits = self._outlets[job.venue].limits
        self._held.add(job.name)
        try:
            while (wait := _room_after(limits, job)) > 0:  # noqa: ASYNC110  # it waits for time to pass
                await asyncio.sleep(wait)
            looked = await self._gate.look(job.venue, [job], OrderState.UNKNOWN)
            if looked.verdicts.get(job.name, HOLD) is not None:
                return None
            limits.take(job.name, job.signer, time.monotonic())
            return await self._post(job, repeated=True)
        finally:
            self._held.discard(job.name)

    async def _tell_first(self, jobs: Sequence[tuple[Job, int]]) -> None:
        """Tell the exchange what the token is. What it will not hear goes out all the same: its answer is an end."""
        token_id, version = jobs[0][0].token_id, max(version for _, version in jobs)
        until = time.monotonic() + self._desk.settings.tell_patience_seconds
        while time.monotonic() < until:
            try:
                await self._told.tell({token_id: version})
                break
            except (VenueFault, psycopg.OperationalError) as fault:
                _log.warning("market_not_told", token_id=token_id, fault=str(fault))
                await asyncio.sleep(_HOLD_SECONDS)
        for job, _ in jobs:
            self._outlets[job.venue].line_up(job)

    async def _look_and_post(self, outlet: Outlet, jobs: Sequence[Job]) -> None:
        if outlet.down.open and not await self._answers(outlet, jobs):
            return
        try:
            looked = await self._gate.look(outlet.venue, jobs, OrderState.SIGNED)
        except psycopg.OperationalError:
            # Marked or not: what is still signed is found again in the tables, what is marked is looked up.
            for job in jobs:
                self._stopped(outlet, job)
                self._let_go(job)
            raise
        for job in jobs:
            verdict = looked.verdicts.get(job.name, "")
            if verdict is None:
                self._spawn(self._post(job))
                continue
            self._stopped(outlet, job)
            if verdict == HOLD:
                outlet.line_up(job, time.monotonic() + _HOLD_SECONDS)
            elif verdict:
                self._spawn(self._drop(job, Reason(verdict)))
            else:
                self._let_go(job)
        # What the look at the book told of others is so now; by the time of their turn it would not be.
        told_off = outlet.line.pull(looked.others)
        if told_off:
            await self._end_pulled(outlet, told_off)

    async def _answers(self, outlet: Outlet, jobs: Sequence[Job]) -> bool:
        """After an outage an order goes out only once the exchange tells the time again."""
        try:
            await self._desk.venues[outlet.venue].clock_ahead_seconds()
        except VenueFault:
            now = time.monotonic()
            for job in jobs:
                outlet.down.failed(job.name, now)
                self._stopped(outlet, job)
                outlet.line_up(job)
            return False
        return True

    async def _end_the_late(self, outlet: Outlet) -> None:
        """BUYs that could not be sent in time end, whatever holds the line up."""
        late = outlet.line.overdue(self._desk.now() - _LATE)
        if late:
            await self._end_pulled(outlet, late)

    async def _end_pulled(self, outlet: Outlet, jobs: Sequence[Job]) -> None:
        """Jobs taken out of the line: those that something stops end, the others wait again."""
        try:
            verdicts = await self._gate.look_at_stopped(jobs)
        except psycopg.OperationalError:
            for job in jobs:
                self._let_go(job)
            raise
        for job in jobs:
            verdict = verdicts.get(job.name, "")
            if verdict == HOLD:
                outlet.line_up(job, time.monotonic() + _HOLD_SECONDS)
            elif verdict:
                self._spawn(self._drop(job, Reason(verdict)))
            else:
                self._let_go(job)

    async def _drop(self, job: Job, reason: Reason) -> None:
        """Ours until its end is stored: still signed in the tables, it would be found there and looked at anew, and go
        out when what stopped it is over by then."""
        await self._bookkeeper.commit(dropped(job.name, reason))
        self._let_go(job)

    async def _post(self, job: Job, *, repeated: bool = False) -> Answer:
        outlet = self._outlets[job.venue]
        began = time.perf_counter()
        answer = await self._desk.venues[job.venue].post(job.order, job.wallet)
        seconds = time.perf_counter() - began
        self._desk.figures.post_seconds.labels(job.venue.value).observe(seconds)
        if self._desk.traces is not None:
            self._desk.traces.posted(job.name, job.venue, answer, seconds)
        self._desk.figures.posts.labels(job.venue.value, answer.verdict.value).inc()
        if answer.arrived and not repeated:
            self._desk.figures.arrived_twice.inc()
            _log.error("arrived_twice", order_hash=job.name, words=answer.words)
        if outlet.answered(job, answer):
            _log.warning("exchange_left_alone", venue=job.venue.value, words=answer.words or None)
        _log.info(
            "posted",
            order_hash=job.name,
            side=job.side.value,
            token_id=job.token_id,
            verdict=answer.verdict.value,
            words=answer.words or None,
            repeated=repeated or None,
        )
        await self._learn(outlet, job, answer, repeated=repeated)
        return answer

    async def _learn(self, outlet: Outlet, job: Job, answer: Answer, *, repeated: bool) -> None:
        if answer.verdict is Verdict.WAIT and not repeated:
            await self._wait(outlet, job, answer)
            return
        outlet.line.done(job)
        outlet.awake.set()
        if answer.verdict is Verdict.MATCHED:
            self._bookkeeper.submit(await self._collecting.collect(job, answer, outlet.idle))
        elif self._refusals.count(job, answer):
            await self._bookkeeper.commit(learnt(job.name, answer))
            await self._refusals.stop_if_too_many(job)
        else:
            self._bookkeeper.submit(learnt(job.name, answer))
        self._let_go(job)

    async def _wait(self, outlet: Outlet, job: Job, answer: Answer) -> None:
        """Definitely not placed: the same order stays signed and goes when the exchange takes orders again."""
        until = time.monotonic() + answer.wait_seconds
        outlet.line.done(job)
        await self._bookkeeper.commit(
            Note(job.name, OrderState.SIGNED, "the exchange takes no orders now", answer.words)
        )
        outlet.line_up(job, until)

    def _stopped(self, outlet: Outlet, job: Job) -> None:
        outlet.line.stopped(job, time.monotonic())
        outlet.awake.set()

    def _let_go(self, job: Job) -> None:
        self._held.discard(job.name)

    def _spawn(self, work: Coroutine[object, None, object]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[object]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            _log.error("sending_failed", exc_info=task.exception())


def job_of(order: OpenOrder, wallet: TradingWallet) -> Job:
    """An order as it was found in the tables, on its way again."""
    signed = SignedBytes(order.order_hash, order.body)
    return Job(signed, wallet, order.venue, order.side, order.token_id, order.signed_at, order.deadline)


def _room_after(limits: RateLimits, job: Job) -> float:
    now, sell = time.monotonic(), job.side is Side.SELL
    return max(limits.address_wait(now, sell=sell), limits.signer_wait(job.signer, now, sell=sell))
