"""The paper exchange's process: parts put together, served by uvicorn on one event loop."""

from __future__ import annotations

import asyncio
import signal
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import uvicorn
import uvloop

from ops.paper.admin import AdminRoutes
from ops.paper.admin_conduct import ConductRoutes
from ops.paper.catalogue import Catalogue
from ops.paper.conduct import Conduct
from ops.paper.failing import Failing
from ops.paper.intake import IntakeTerms
from ops.paper.keys import Keys
from ops.paper.ledger import Ledger
from ops.paper.limits import Limits
from ops.paper.lock import Lock
from ops.paper.mode import Mode
from ops.paper.placement import Terms
from ops.paper.porter import Porter
from ops.paper.private import PrivateRoutes
from ops.paper.public import PublicRoutes
from ops.paper.settings import PaperSettings
from ops.paper.timetable import Timetable
from ops.paper.tokens import Registry
from ops.paper.trading import TradingRoutes
from ops.paper.web import WebApp
from ops.paper.writer import Writer
from streams.logs import say_ready, set_up_logs

_GRACE_SECONDS = 5


def utc_now() -> datetime:
    """The exchange's clock."""
    return datetime.now(UTC)


class Exchange(NamedTuple):
    """The application, and the task that must not end while it is served."""

    app: WebApp
    writing: asyncio.Task[None]


@asynccontextmanager
async def exchange(settings: PaperSettings) -> AsyncIterator[Exchange]:
    """Ready to serve: connected, its markets loaded, its writer running. Needs the migrations applied."""
    ledger, registry, terms = Ledger(settings), Registry(), _terms(settings)
    catalogue = Catalogue(ledger, registry, terms, utc_now)
    ledger.on_connect = catalogue.load
    writer = Writer(ledger, registry, terms, max_batch=settings.paper_max_batch, clock=utc_now)
    app, timetable = _application(settings, ledger, catalogue, writer)
    try:
        await ledger.open()
        writing = asyncio.create_task(writer.run(), name="paper-writer")
        failing = asyncio.create_task(Failing(ledger, utc_now).run(), name="paper-failing")
        try:
            yield Exchange(app, writing)
        finally:
            timetable.stop()
            failing.cancel()
            writing.cancel()
            await asyncio.gather(writing, failing, return_exceptions=True)
    finally:
        await ledger.close()


def _terms(settings: PaperSettings) -> Terms:
    return Terms(
        settings.paper_fill_model,
        timedelta(seconds=settings.paper_mined_after_seconds),
        timedelta(seconds=settings.paper_confirmed_after_seconds),
        timedelta(seconds=settings.paper_balance_lag_seconds),
    )


def _application(
    settings: PaperSettings, ledger: Ledger, catalogue: Catalogue, writer: Writer
) -> tuple[WebApp, Timetable]:
    registry = catalogue.registry
    porter = Porter(Mode(time.monotonic), Limits(time.monotonic, utc_now), Conduct(time.monotonic, utc_now))
    keys = Keys(ledger, settings.paper_chain_id, settings.paper_clock_tolerance_seconds, utc_now)
    intake = IntakeTerms(settings.paper_chain_id, settings.paper_market_taker_decimals)
    app = WebApp(porter, settings.paper_max_body_bytes)
    PublicRoutes(registry, utc_now).register(app)
    TradingRoutes(
        keys, ledger, registry, writer, terms=intake, units=settings.paper_amount_units, clock=utc_now
    ).register(app)
    PrivateRoutes(keys, ledger, registry, settings, utc_now).register(app)
    lock = Lock(settings.paper_admin_token.get_secret_value())
    AdminRoutes(lock, ledger, catalogue, utc_now).register(app)
    timetable = Timetable(app, lock.bearer)
    ConductRoutes(lock, porter, timetable).register(app)
    return app, timetable


async def serve(settings: PaperSettings) -> None:
    """Serve until SIGINT or SIGTERM; says ``ready`` with the port once it answers."""
    async with exchange(settings) as (app, writing):
        server = _Server(
            uvicorn.Config(
                app,
                host=settings.paper_host,
                port=settings.paper_port,
                http="httptools",
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                date_header=False,
                timeout_graceful_shutdown=_GRACE_SECONDS,
            )
        )
        # A writer that fell over answers nobody any more: then the process ends with its error.
        writing.add_done_callback(lambda _: server.stop())
        await server.serve()
        if writing.done():
            await writing


def run(settings: PaperSettings) -> None:
    """The process: returns when it was told to stop."""
    set_up_logs("paper")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(settings))


class _Server(uvicorn.Server):
    """Uvicorn's server that leaves signals to us, so that what is open gets closed before the process ends."""

    def stop(self) -> None:
        """End after the requests under way."""
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """SIGINT and SIGTERM end the serving; they are not raised again afterwards."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.stop)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then say where."""
        await super().startup(sockets=sockets)
        if self.started:
            port = self.servers[0].sockets[0].getsockname()[1]
            say_ready(host=self.config.host, port=port)


if __name__ == "__main__":
    run(PaperSettings())
