"""The process `polycool trading`: what it refuses to start with, its doors, its end."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib.util
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import psycopg
import structlog
import uvloop

from schemas.enums import Venue as VenueName
from streams.keys.memory import close_memory
from streams.keys.settings import Provider
from streams.logs import say_ready, set_up_logs
from streams.tables import epochs
from streams.tables.pool import Pool, open_pool
from streams.trading.settings import TradingSettings
from streams.trading.starting import WrongGround, starting

if TYPE_CHECKING:
    from streams.keys.providers import KeyRing
    from streams.trading.keyring import Keyring
    from streams.trading.post_traces import PostTraces
    from streams.venues.paper_admin import PaperAdmin
    from streams.venues.region import Region
    from streams.venues.relayer import Relayer
    from streams.venues.venue import Venue

log = structlog.get_logger("trading.worker")
MISSING: Final = 3
CRASHED: Final = 70
# A fan-out makes hundreds of thousands of short-lived objects: at Python's own 700 the collector runs all the time.
COLLECT_EVERY: Final = (100_000, 50, 1_000)
STOP_SECONDS: Final = 8.0


def run(settings: TradingSettings) -> None:
    """Trade until SIGTERM or SIGINT. Ends the process with 3 on wrong ground, with 70 after a crash or a lost epoch."""
    set_up_logs("trading", logging.getLevelNamesMapping()[settings.log_level.upper()])
    close_memory()
    try:
        check_before_start(settings)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_live(settings))
    except WrongGround as wrong:
        log.critical("wrong_ground", fault=str(wrong))
        sys.exit(MISSING)
    except Exception as fault:
        log.critical("crash", exc_info=fault)
        sys.exit(CRASHED)


def check_before_start(settings: TradingSettings) -> None:
    """Raises ``WrongGround``: a shadow run never trades (SAFETY R32), and signing needs its quick library."""
    if settings.topic_prefix:
        raise WrongGround(
            f"trading runs only without a topic prefix, POLYCOOL_TOPIC_PREFIX is {settings.topic_prefix}: "
            "a shadow run decides, it does not trade."
        )
    if importlib.util.find_spec("coincurve") is None:
        raise WrongGround(
            "the package coincurve is missing: without it a signature takes 4 ms instead of 0.2 ms."
        )


async def _live(settings: TradingSettings) -> None:
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    assert task is not None
    stopping = False

    def stop() -> None:
        nonlocal stopping
        stopping = True
        _end_by_force()
        task.cancel()

    for which in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(which, stop)
    try:
        await trade(settings, on_end=_end_by_force)
    except asyncio.CancelledError:
        if not stopping:
            raise
        log.info("stopped")


def _end_by_force() -> None:
    """Whatever hangs on the way out: a worker that may not write any more does not stay."""
    timer = threading.Timer(STOP_SECONDS, os._exit, [CRASHED])
    timer.daemon = True
    timer.start()


async def trade(settings: TradingSettings, on_end: Callable[[], None] = lambda: None) -> None:
    """Trade until cancelled; ``on_end`` is called when it ends, before its doors are closed. Raises ``WrongGround``,
    and what ended a loop (in a group)."""
    url = settings.database_url.get_secret_value()
    with starting() as is_ready:
        pool = await open_pool(url, "trading", max_size=settings.database_connections)
        try:
            await check_binding(pool)
            epoch = await epochs.take_epoch(pool, f"{socket.gethostname()}:{os.getpid()}")
            log.info("epoch_taken", epoch=epoch)
            await _trade(settings, pool, epoch, is_ready, on_end)
        finally:
            await pool.close(timeout=2.0)


async def check_binding(pool: Pool) -> None:
    """Raises ``WrongGround`` unless the database belongs to the living topics, not to a shadow run's."""
    bound = await epochs.bound_prefix(pool)
    if bound is None:
        raise WrongGround("the database is bound to no cluster yet: run polycool migrate --execute.")
    if bound[1]:
        raise WrongGround(
            f"this database belongs to the topics with the prefix {bound[1]}: a shadow run does not trade."
        )


async def _trade(
    settings: TradingSettings,
    pool: Pool,
    epoch: int,
    is_ready: Callable[[], None],
    on_end: Callable[[], None],
) -> None:
    # Imported here: everything below signs.
    from streams.loopback import Loopback
    from streams.pool_figures import PoolFigures
    from streams.tables.waiting import decide_waiting
    from streams.trading.agent import Agent
    from streams.trading.desk import Desk
    from streams.trading.figures import Figures
    from streams.trading.keyring import Keyring

    figures = Figures()
    figures.registry.register(PoolFigures(pool.get_stats))
    async with (
        _venues(settings) as (venues, paper),
        _relayer(settings) as relayer,
        _region(settings) as region,
        _keys(settings) as ring,
        _traces(settings, pool) as traces,
    ):
        desk = Desk(
            pool=pool,
            epoch=epoch,
            settings=settings,
            venues=venues,
            paper=paper,
            keyring=Keyring(pool, ring, settings.wallets_kept, figures.keys_refused.inc),
            figures=figures,
            decide_waiting=decide_waiting,
            now=lambda: datetime.now(UTC),
            relayer=relayer,
            region=region,
            traces=traces,
        )
        agent = Agent(desk, ring)
        face = Loopback(
            settings.trading_http_port,
            figures.registry,
            alive=lambda: None,
            ready=lambda: None if agent.ready else "looking at open orders first",
        )
        gc.freeze()  # what the modules made lives as long as the process
        gc.set_threshold(*COLLECT_EVERY)
        await face.start()

        def ready() -> None:
            is_ready()
            say_ready(epoch=epoch, port=face.port)

        try:
            async with _warmed(desk.keyring, settings):
                await agent.run(ready, on_end)
        finally:
            await face.stop()


@asynccontextmanager
async def _warmed(keyring: Keyring, settings: TradingSettings) -> AsyncIterator[None]:
    """Where each key costs a request they are opened beforehand, beside the start."""
    if settings.key_provider is Provider.LOCAL:
        yield
        return
    warming = asyncio.create_task(keyring.warm())
    try:
        yield
    finally:
        warming.cancel()
        with contextlib.suppress(asyncio.CancelledError, psycopg.OperationalError):
            await warming


@asynccontextmanager
async def _traces(settings: TradingSettings, pool: Pool) -> AsyncIterator[PostTraces | None]:
    """None while traces are off: then nothing of them is even imported."""
    if settings.traces_url is None:
        yield None
        return
    from streams.tracing import Tracing
    from streams.trading.post_traces import PostTraces

    tracing = Tracing(settings.traces_url, "trading")
    try:
        yield PostTraces(pool, tracing)
    finally:
        await asyncio.to_thread(tracing.close)


@asynccontextmanager
async def _keys(settings: TradingSettings) -> AsyncIterator[KeyRing]:
    ring = settings.ring()
    log.info("key_providers", names=ring.names)
    try:
        yield ring
    finally:
        await ring.close()


@asynccontextmanager
async def _venues(settings: TradingSettings) -> AsyncIterator[tuple[dict[VenueName, Venue], PaperAdmin]]:
    from streams.venues.clob import ClobVenue
    from streams.venues.paper_admin import PaperAdmin

    hosts = {VenueName.PAPER: settings.paper_url}
    if settings.polymarket_url:
        hosts[VenueName.POLYMARKET] = settings.polymarket_url
    # Room for the POSTs, the looks for fills, the reconciler's, the logins, and one for prices.
    connections = (
        settings.post_concurrency + settings.collect_concurrency + 2 * settings.reconcile_concurrency + 1
    )
    venues: dict[VenueName, Venue] = {
        name: ClobVenue(
            host,
            connections=connections,
            post_seconds=settings.post_seconds,
            read_seconds=settings.read_seconds,
        )
        for name, host in hosts.items()
    }
    paper = PaperAdmin(
        settings.paper_url, settings.paper_admin_token.get_secret_value(), seconds=2 * settings.read_seconds
    )
    try:
        yield venues, paper
    finally:
        await paper.close()
        for venue in venues.values():
            await venue.close()


@asynccontextmanager
async def _relayer(settings: TradingSettings) -> AsyncIterator[Relayer | None]:
    """None where nobody relays: winnings stay claims."""
    from streams.venues.relayer import Relayer

    key, address = settings.relayer_api_key, settings.relayer_api_key_address
    if settings.relayer_url is None or key is None or address is None:
        yield None
        return
    relayer = Relayer(
        settings.relayer_url, key.get_secret_value(), address, seconds=2 * settings.read_seconds
    )
    try:
        yield relayer
    finally:
        await relayer.close()


@asynccontextmanager
async def _region(settings: TradingSettings) -> AsyncIterator[Region | None]:
    """None where nothing is live: nobody need know where we are."""
    from streams.venues.region import Region

    if settings.polymarket_url is None:
        yield None
        return
    region = Region(settings.geoblock_url, seconds=settings.read_seconds)
    try:
        yield region
    finally:
        await region.close()
