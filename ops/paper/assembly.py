"""The paper exchange put together: its parts, its routes, and the tasks that run beside them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from ops.paper.admin import AdminRoutes
from ops.paper.admin_conduct import ConductRoutes
from ops.paper.catalogue import Catalogue
from ops.paper.chain import ChainRoutes
from ops.paper.conduct import Conduct
from ops.paper.due import Due
from ops.paper.events import Change
from ops.paper.intake import IntakeTerms
from ops.paper.keys import Keys
from ops.paper.ledger import Ledger
from ops.paper.limits import Limits
from ops.paper.lock import Lock
from ops.paper.mode import Mode
from ops.paper.newsroom import Newsroom
from ops.paper.placement import Terms
from ops.paper.porter import Porter
from ops.paper.private import PrivateRoutes
from ops.paper.public import PublicRoutes
from ops.paper.relayer import Chain, RelayerRoutes
from ops.paper.settings import PaperSettings
from ops.paper.timetable import Timetable
from ops.paper.tokens import Registry
from ops.paper.trading import TradingRoutes
from ops.paper.web import WebApp
from ops.paper.wire import UserWire
from ops.paper.writer import Writer


def utc_now() -> datetime:
    """The exchange's clock."""
    return datetime.now(UTC)


class Exchange(NamedTuple):
    """The application, and the tasks that must not end while it is served."""

    app: WebApp
    tasks: tuple[asyncio.Task[None], ...]


class Parts:
    """What the routes and the tasks share."""

    def __init__(self, settings: PaperSettings) -> None:
        self.settings = settings
        self.ledger, self.registry = Ledger(settings), Registry()
        self.newsroom = Newsroom(self.ledger, self.registry, settings.paper_counterparty, utc_now)
        announce, terms = self._announce, _terms(settings)
        self.catalogue = Catalogue(self.ledger, self.registry, terms, clock=utc_now, announce=announce)
        self.ledger.on_connect = self.catalogue.load
        self.writer = Writer(
            self.ledger,
            self.registry,
            terms,
            max_batch=settings.paper_max_batch,
            clock=utc_now,
            announce=announce,
        )
        self.due = Due(self.ledger, self.registry, terms, clock=utc_now, announce=announce)
        self.keys = Keys(
            self.ledger, settings.paper_chain_id, settings.paper_clock_tolerance_seconds, utc_now
        )

    def _announce(self, change: Change) -> None:
        self.newsroom.changed(change)
        if change.due:
            self.due.expect()


@asynccontextmanager
async def exchange(settings: PaperSettings) -> AsyncIterator[Exchange]:
    """Ready to serve: connected, its markets loaded, its writer running. Needs the migrations applied."""
    parts = Parts(settings)
    app, timetable = _application(parts)
    try:
        await parts.ledger.open()
        tasks = (
            asyncio.create_task(parts.writer.run(), name="paper-writer"),
            asyncio.create_task(parts.due.run(), name="paper-due"),
            asyncio.create_task(parts.newsroom.run(), name="paper-newsroom"),
        )
        try:
            yield Exchange(app, tasks)
        finally:
            timetable.stop()
            parts.newsroom.cut()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    finally:
        await parts.ledger.close()


def _terms(settings: PaperSettings) -> Terms:
    return Terms(
        settings.paper_fill_model,
        timedelta(seconds=settings.paper_mined_after_seconds),
        timedelta(seconds=settings.paper_confirmed_after_seconds),
        timedelta(seconds=settings.paper_balance_lag_seconds),
        settings.paper_market_delay,
    )


def _porter(settings: PaperSettings) -> Porter:
    limits, conduct = Limits(time.monotonic, utc_now), Conduct(time.monotonic, utc_now)
    if settings.paper_limits is not None:
        limits.put(settings.paper_limits)
    if settings.paper_conduct is not None:
        conduct.put(settings.paper_conduct)
    return Porter(Mode(time.monotonic), limits, conduct)


def _chain(settings: PaperSettings) -> Chain:
    return Chain(
        settings.paper_chain_id,
        timedelta(seconds=settings.paper_mined_after_seconds),
        timedelta(seconds=settings.paper_confirmed_after_seconds),
    )


def _application(parts: Parts) -> tuple[WebApp, Timetable]:
    settings, ledger, registry = parts.settings, parts.ledger, parts.registry
    porter = _porter(settings)
    app = WebApp(porter, settings.paper_max_body_bytes)
    app.wire = UserWire(parts.newsroom, parts.keys)
    PublicRoutes(registry, utc_now, region_blocked=settings.paper_region_blocked).register(app)
    TradingRoutes(
        parts.keys,
        ledger,
        registry,
        parts.writer,
        terms=IntakeTerms(settings.paper_chain_id, settings.paper_market_taker_decimals),
        units=settings.paper_amount_units,
        clock=utc_now,
        announce=parts.newsroom.changed,
    ).register(app)
    PrivateRoutes(parts.keys, ledger, registry, settings, clock=utc_now, mode=porter.mode).register(app)
    RelayerRoutes(ledger, registry, _chain(settings), utc_now).register(app)
    ChainRoutes(ledger, registry, settings.paper_chain_id, utc_now).register(app)
    lock = Lock(settings.paper_admin_token.get_secret_value())
    AdminRoutes(lock, ledger, parts.catalogue, utc_now).register(app)
    timetable = Timetable(app, lock.bearer)
    ConductRoutes(lock, porter, parts.newsroom, timetable).register(app)
    return app, timetable
