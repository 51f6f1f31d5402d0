"""Stored orders on their way out: the last look, the POST, what its answer says (DESIGN §8, SAFETY R7, R11, R17)."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import defaultdict
from collections.abc import Coroutine, Mapping, Sequence
from datetime import timedelta
from typing import Final

import psycopg
import structlog

from schemas.enums import OrderState, Reason, Side
from schemas.enums import Venue as VenueName
from streams.tables import orders
from streams.tables.orders import Note, OpenOrder
from streams.trading.bookkeeper import Bookkeeper
from streams.trading.clock_watch import ClockWatch
from streams.trading.desk import Desk
from streams.trading.endings import Ending
from streams.trading.markets_told import MarketsTold
from streams.trading.verdicts import dropped, fills_of_order, learnt
from streams.trading.waiting_line import Job, WaitingLine
from streams.venues.answers import Answer, Verdict
from streams.venues.orders import SignedBytes
from streams.venues.venue import VenueFault
from streams.venues.wallets import TradingWallet

_log = structlog.get_logger("trading.sender")
HOLD: Final = "HOLD"
_HOLD_SECONDS: Final = 0.5
_LINE_SECONDS: Final = 1.0
# A trade may be listed a moment after its match was answered.
_COLLECT_PAUSES: Final = (0.0, 0.1, 0.3, 1.0)
_SINCE_MARGIN: Final = timedelta(seconds=60)


class Sender:
    """One line per exchange. ``holds`` tells which orders are in its hands: nobody else touches those."""

    def __init__(self, desk: Desk, bookkeeper: Bookkeeper, clocks: ClockWatch, told: MarketsTold) -> None:
        self._desk = desk
        self._bookkeeper = bookkeeper
        self._clocks = clocks
        self._told = told
        room = desk.settings.post_concurrency
        self._lines = {name: WaitingLine(room) for name in desk.venues}
        self._awake = {name: asyncio.Event() for name in desk.venues}
        self._idle = {name: asyncio.Event() for name in desk.venues}
        self._collecting = asyncio.Semaphore(desk.settings.collect_concurrency)
        self._held: set[str] = set()
        self._tasks: set[asyncio.Task[object]] = set()

    def holds(self, order_hash: str) -> bool:
        """Whether the order waits here, is under way, or its fills are being collected."""
        return order_hash in self._held

    @property
    def busy(self) -> bool:
        """Whether orders wait for their POST."""
        return any(not line.idle for line in self._lines.values())

    def put(self, jobs: Sequence[tuple[Job, int]]) -> None:
        """Take signed orders, each with the version of its market that the exchange must know."""
        unknown: defaultdict[str, list[tuple[Job, int]]] = defaultdict(list)
        for job, version in jobs:
            # The reconciler may have found it in the tables before its claim came here.
            if self.holds(job.order.order_hash):
                continue
            self._held.add(job.order.order_hash)
            if self._told.knows(job.venue, job.token_id, version):
                self._line_up(job)
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
        line, awake = self._lines[venue], self._awake[venue]
        while True:
            awake.clear()
            jobs = line.take(time.monotonic())
            if line.idle:
                self._idle[venue].set()
            self._desk.figures.queued.set(sum(len(each) for each in self._lines.values()))
            if jobs:
                await self._look_and_post(venue, jobs)
                continue
            pause = line.seconds_to_next(time.monotonic())
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LINE_SECONDS if pause is None else min(pause, _LINE_SECONDS)):
                    await awake.wait()
            return

    async def repeat(self, job: Job) -> Answer | None:
        """The same bytes of an unknown order once more, after the same look; None when they may not go."""
        self._held.add(job.order.order_hash)
        try:
            looked = await self._look(job.venue, [job], OrderState.UNKNOWN)
            if looked.get(job.order.order_hash, HOLD) is not None:
                return None
            return await self._post(job, repeated=True)
        finally:
            self._held.discard(job.order.order_hash)

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
            self._line_up(job)

    def _line_up(self, job: Job, not_before: float = 0.0) -> None:
        self._lines[job.venue].put(job, not_before)
        self._idle[job.venue].clear()
        self._awake[job.venue].set()

    async def _look(
        self, venue: VenueName, jobs: Sequence[Job], state: OrderState
    ) -> Mapping[str, str | None]:
        return await orders.look_before_post(
            self._desk.pool,
            self._desk.epoch,
            [job.order.order_hash for job in jobs],
            state,
            clock_agrees=self._clocks.agrees(venue),
        )

    async def _look_and_post(self, venue: VenueName, jobs: Sequence[Job]) -> None:
        try:
            looked = await self._look(venue, jobs, OrderState.SIGNED)
        except psycopg.OperationalError:
            # Marked or not: what is still signed is found again in the tables, what is marked is looked up.
            for job in jobs:
                self._let_go(job)
            raise
        for job in jobs:
            order_hash = job.order.order_hash
            verdict = looked.get(order_hash, "")
            if verdict is None:
                self._spawn(self._post(job))
            elif verdict == HOLD:
                self._lines[venue].done(job)
                self._line_up(job, time.monotonic() + _HOLD_SECONDS)
            elif verdict:
                self._lines[venue].done(job)
                self._spawn(self._drop(job, Reason(verdict)))
            else:
                self._let_go(job)

    async def _drop(self, job: Job, reason: Reason) -> None:
        """Ours until its end is stored: still signed in the tables, it would be found there and looked at anew, and go
        out when what stopped it is over by then."""
        await self._bookkeeper.commit(dropped(job.order.order_hash, reason))
        self._let_go(job)

    async def _post(self, job: Job, *, repeated: bool = False) -> Answer:
        began = time.perf_counter()
        answer = await self._desk.venues[job.venue].post(job.order, job.wallet)
        self._desk.figures.post_seconds.labels(job.venue.value).observe(time.perf_counter() - began)
        self._desk.figures.posts.labels(job.venue.value, answer.verdict.value).inc()
        _log.info(
            "posted",
            order_hash=job.order.order_hash,
            side=job.side.value,
            token_id=job.token_id,
            verdict=answer.verdict.value,
            words=answer.words or None,
            repeated=repeated or None,
        )
        if answer.verdict is Verdict.MATCHED:
            self._lines[job.venue].done(job)
            self._awake[job.venue].set()
            await self._collect(job, answer)
        elif answer.verdict is Verdict.WAIT and not repeated:
            await self._wait(job, answer)
            return answer
        else:
            self._bookkeeper.submit(learnt(job.order.order_hash, answer))
        self._let_go(job)
        return answer

    async def _wait(self, job: Job, answer: Answer) -> None:
        """Definitely not placed: the same order stays signed and goes when the exchange takes orders again."""
        line, until = self._lines[job.venue], time.monotonic() + answer.wait_seconds
        line.close(until)
        line.done(job)
        await self._bookkeeper.commit(
            Note(job.order.order_hash, OrderState.SIGNED, "the exchange takes no orders now", answer.words)
        )
        self._line_up(job, until)

    async def _collect(self, job: Job, answer: Answer) -> None:
        """The fills of a matched order, by the exchange's trades; what is not listed yet is the reconciler's."""
        order_hash, wanted = job.order.order_hash, set(answer.trade_ids)
        await self._calm(job)
        for pause in _COLLECT_PAUSES:
            await asyncio.sleep(pause)
            try:
                async with self._collecting:
                    found = await self._desk.venues[job.venue].fills(
                        job.wallet, token_id=job.token_id, since=job.signed_at - _SINCE_MARGIN
                    )
            except VenueFault:
                continue
            own = fills_of_order(found, order_hash)
            if own and wanted <= {fill.trade_id for fill in own}:
                self._bookkeeper.submit(Ending(order_hash, OrderState.MATCHED, "matched", own))
                return
        self._bookkeeper.submit(
            Note(
                order_hash,
                OrderState.MATCHED,
                "matched, its trades are not listed yet",
                None,
                answer.trade_ids,
            )
        )

    async def _calm(self, job: Job) -> None:
        """While POSTs wait their turn, a BUY's fills are looked for a little later."""
        if job.side is Side.BUY:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._desk.settings.collect_patience_seconds):
                    await self._idle[job.venue].wait()

    def _let_go(self, job: Job) -> None:
        self._lines[job.venue].done(job)
        self._held.discard(job.order.order_hash)
        self._awake[job.venue].set()

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
