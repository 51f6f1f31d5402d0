"""The trading process put together: what it does at its start, and what it does for ever."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from typing import Final

import psycopg
import structlog

from schemas.enums import Venue as VenueName
from streams.keys.providers import KeyRing
from streams.tables import epochs
from streams.trading.account_audit import AccountAudit
from streams.trading.book_looks import BookLooks
from streams.trading.bookkeeper import Bookkeeper
from streams.trading.claiming import Claiming
from streams.trading.clock_watch import ClockWatch
from streams.trading.desk import Desk
from streams.trading.exit_orders import ExitOrders
from streams.trading.first_looks import FirstLooks
from streams.trading.forgotten import EVERY_SECONDS as LOOK_THROUGH_SECONDS
from streams.trading.forgotten import Forgotten
from streams.trading.gate import Gate
from streams.trading.halt_watch import EVERY_SECONDS, HaltWatch
from streams.trading.hand_orders import HandOrders
from streams.trading.listening import Listening
from streams.trading.live_looks import LiveLooks
from streams.trading.loops import again_and_again
from streams.trading.markets_told import MarketsTold
from streams.trading.payouts import Payouts
from streams.trading.price_watch import PASS_SECONDS, PriceWatch
from streams.trading.provisioner import Provisioner
from streams.trading.reconciler import Reconciler
from streams.trading.redeeming import Redeeming
from streams.trading.sender import Sender
from streams.trading.settler import Settler
from streams.trading.sweeper import Sweeper
from streams.trading.thin_watch import ThinWatch
from streams.trading.unknown_watch import EVERY_SECONDS as UNKNOWN_LOOK_SECONDS
from streams.trading.unknown_watch import UnknownWatch
from streams.trading.withdrawing import Withdrawing
from streams.venues.venue import VenueFault

_log = structlog.get_logger("trading.agent")
_BEAT_SECONDS: Final = 1.0
_LISTEN_SECONDS: Final = 30.0


class Agent:
    """Everything that trades, under one epoch."""

    def __init__(self, desk: Desk, ring: KeyRing) -> None:
        settings = desk.settings
        self._desk = desk
        self._clocks = ClockWatch(
            time.monotonic, settings.clock_differs_seconds, settings.clock_compared_seconds
        )
        told = MarketsTold(desk.pool, desk.paper)
        self._bookkeeper = Bookkeeper(desk)
        looks = BookLooks(desk.venues, settings.book_seconds, time.monotonic)
        self._planned = asyncio.Event()
        first_looks = FirstLooks(
            looks,
            settings.book_patience_seconds,
            settings.book_seconds,
            time.monotonic,
            self._planned.set,
        )
        self._claiming = Claiming(desk, first_looks)
        thin = ThinWatch(desk.pool, looks, settings)
        self._forgotten = Forgotten(desk, self._bookkeeper)
        gate = Gate(desk, self._clocks, thin, self._forgotten.in_order)
        self._sender = Sender(desk, self._bookkeeper, gate, told)
        self._reconciler = Reconciler(desk, self._bookkeeper, self._sender)
        self._settler = Settler(desk, self._bookkeeper, lambda: self._sender.busy)
        self._exits = ExitOrders(desk, self._sender)
        self._hands = HandOrders(desk, self._sender, told)
        self._audit = AccountAudit(desk, self._bookkeeper, self._reconciler)
        self._live_looks = LiveLooks(desk, self._audit)
        self._payouts = Payouts(desk, told)
        self._redeeming = Redeeming(desk)
        self._withdrawing = Withdrawing(desk)
        self._provisioner = Provisioner(desk, ring)
        self._sweeper = Sweeper(desk, self._claiming)
        self._prices = {
            venue: PriceWatch(desk, venue, told, lambda: self._sender.busy) for venue in desk.venues
        }
        self._over = False
        self._on_end: Callable[[], None] = lambda: None
        self.ready = False

    async def run(self, on_ready: Callable[[], None], on_end: Callable[[], None]) -> None:
        """Reconcile, be ready, trade; returns never. Raises what ended a loop, ``EpochLost`` too (in a group).

        ``on_end`` is called as soon as a loop has ended, before the others have.
        """
        self._on_end = on_end
        try:
            await self._run(on_ready)
        finally:
            self._end()

    def _end(self) -> None:
        if not self._over:
            self._over = True
            self._on_end()

    async def _run(self, on_ready: Callable[[], None]) -> None:
        settings = self._desk.settings
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._bookkeeper.run(), name="bookkeeper")
            tasks.create_task(self._forever("beat", self._beat, _BEAT_SECONDS))
            await self._begin()
            for venue in self._desk.venues:
                tasks.create_task(self._forever(f"send-{venue}", self._sending(venue), 0.0))
                tasks.create_task(self._forever(f"prices-{venue}", self._prices[venue].look, PASS_SECONDS))
            tasks.create_task(
                self._forever("reconcile", self._reconciler.look_at_all, settings.reconcile_seconds)
            )
            tasks.create_task(self._forever("claim", self._claim, 0.0))
            tasks.create_task(self._forever("forgotten", self._forgotten.look, LOOK_THROUGH_SECONDS))
            tasks.create_task(self._forever("halt", HaltWatch(self._desk).watch, EVERY_SECONDS))
            tasks.create_task(self._forever("unknown", UnknownWatch(self._desk).watch, UNKNOWN_LOOK_SECONDS))
            tasks.create_task(self._forever("listen", self._listen, 0.0))
            tasks.create_task(self._forever("clocks", self._compare_clocks, settings.clock_every_seconds))
            tasks.create_task(self._forever("accounts", self._open_accounts, settings.poll_seconds))
            tasks.create_task(self._forever("exits", self._exits.send, settings.poll_seconds))
            tasks.create_task(self._forever("by hand", self._hands.send, settings.hand_seconds))
            tasks.create_task(self._forever("audit", self._audit.serve, settings.sweep_seconds))
            tasks.create_task(self._forever("live looks", self._live_looks.answer, settings.hand_seconds))
            tasks.create_task(self._forever("caps", self._live_looks.keep_caps, settings.sweep_seconds))
            tasks.create_task(
                self._forever("arrivals", self._live_looks.book_arrivals, settings.sweep_seconds)
            )
            tasks.create_task(self._forever("settle", self._settler.follow, settings.sweep_seconds))
            tasks.create_task(self._forever("payouts", self._payouts.pay, settings.sweep_seconds))
            tasks.create_task(self._forever("redeem", self._redeeming.redeem, settings.sweep_seconds))
            tasks.create_task(self._forever("withdraw", self._withdrawing.carry_out, settings.sweep_seconds))
            tasks.create_task(self._forever("streams", Listening(self._desk).run, 0.0))
            tasks.create_task(self._forever("sweep", self._sweeper.sweep, settings.sweep_seconds))
            await epochs.mark_ready(self._desk.pool, self._desk.epoch)
            self.ready = True
            on_ready()

    async def _begin(self) -> None:
        """Before anything new goes out, everybody's open orders are looked at once (DESIGN §8)."""
        await self._reconciler.doubt_the_dead()
        await self._compare_clocks()
        await self._reconciler.look_at_all()

    async def _claim(self) -> None:
        self._planned.clear()
        jobs = await self._claiming.claim()
        self._sender.put(jobs)
        if len(jobs) < self._desk.settings.claim_most:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._desk.settings.poll_seconds):
                    await self._planned.wait()

    def _sending(self, venue: VenueName) -> Callable[[], Awaitable[None]]:
        async def send() -> None:
            await self._sender.run(venue)

        return send

    async def _listen(self) -> None:
        url = self._desk.settings.database_url.get_secret_value()
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            await connection.execute("LISTEN polycool_planned")
            self._planned.set()
            while True:
                async for _ in connection.notifies(timeout=_LISTEN_SECONDS):
                    self._planned.set()

    async def _beat(self) -> None:
        await epochs.beat(self._desk.pool, self._desk.epoch)

    async def _open_accounts(self) -> None:
        while await self._provisioner.open_accounts():
            continue

    async def _compare_clocks(self) -> None:
        for name, venue in self._desk.venues.items():
            try:
                ahead = await venue.clock_ahead_seconds()
            except VenueFault as fault:
                _log.warning("clock_not_compared", venue=name.value, fault=str(fault))
                continue
            self._clocks.compared(name, ahead)
            self._desk.figures.clock_ahead.labels(name.value).set(ahead)
            self._desk.figures.clock_compared_at.labels(name.value).set_to_current_time()

    async def _forever(self, name: str, work: Callable[[], Awaitable[object]], pause: float) -> None:
        passed = self._desk.figures.loop_passed_at.labels(name)

        async def round_once() -> None:
            await work()
            passed.set_to_current_time()

        passed.set_to_current_time()
        patience = self._desk.settings.patience_seconds
        try:
            await again_and_again(name, round_once, pause, patience, lambda: self._over)
        except BaseException:
            # A cancellation that was swallowed on its way (asyncio.wait_for may, before Python 3.12) ends the loop too.
            self._end()
            raise
