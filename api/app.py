"""The API as an ASGI app: doors opened and closed with it, routes, and every refusal as a problem document."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

import psycopg
import psycopg_pool
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import Response

from api.broker import TradesTopic
from api.credentials import Credentials
from api.database import OPERATOR, Database
from api.doors import Doors
from api.edge import Edge
from api.events.hub import Hub
from api.languages import Spoken, spoken
from api.metrics import Metrics
from api.notices.rounds import go_round_for_ever
from api.openapi import describe
from api.paces import Pace, Paces
from api.paging import Pager
from api.past_pictures import PastPictures
from api.problems import Refused, field_errors, respond
from api.profiles import Profiles
from api.quick_reads import QuickReads
from api.quick_routes import Handlers, QuickRoutes
from api.routes import (
    allocations,
    bot_notices,
    bot_people,
    console,
    copies,
    events,
    figures,
    health,
    letters,
    live,
    me,
    notices,
    operators,
    orders,
    own_page,
    pictures,
    pipeline,
    positions,
    replays,
    results,
    signals,
    signing_in,
    standing,
    stops,
    switches,
    users,
    wallets,
    watched,
    webhooks,
    what_ifs,
    withdrawals,
)
from api.settings import Settings
from api.starts import Starts

if TYPE_CHECKING:
    from api.tracing import Tracing

log = structlog.get_logger()
# Kept keys and receipts are 72 h and 24 h old when they go; an hour more harms nobody.
FORGET_SECONDS: Final = 3_600.0
_ROUTERS: Final = (
    users,
    me,
    bot_people,
    signing_in,
    allocations,
    stops,
    what_ifs,
    copies,
    positions,
    results,
    orders,
    live,
    withdrawals,
    signals,
    wallets,
    watched,
    switches,
    pipeline,
    pictures,
    figures,
    operators,
    replays,
    letters,
    events,
    webhooks,
    bot_notices,
    notices,
    health,
    standing,
    own_page,
    console,
)


def create_app(settings: Settings) -> FastAPI:
    """The app; it opens its doors when it is started and needs neither database nor broker before."""
    metrics = Metrics()
    database = Database(
        settings.database_url.get_secret_value(),
        size=settings.api_pool_size,
        wait_seconds=settings.api_pool_seconds,
    )
    metrics.watch_pool(database.stats)
    starts = Starts(metrics.registry, settings.api_watched_processes)
    doors = Doors(
        settings=settings,
        database=database,
        trades=TradesTopic(
            settings.kafka,
            prefix=settings.topic_prefix,
            confirm_seconds=settings.api_confirm_seconds,
            metrics=metrics,
            tracing=_tracing(settings.traces_url),
        ),
        metrics=metrics,
        pager=Pager(settings.operator_token.get_secret_value()),
        credentials=Credentials(settings.operator_token, settings.bot_public_keys),
        paces=Paces(
            Pace(settings.api_looks_per_second, settings.api_looks_at_once),
            Pace(settings.api_changes_per_second, settings.api_changes_at_once),
        ),
        texts=Spoken(),
        profiles=Profiles(settings.profiles_url, seconds=settings.profiles_seconds),
        lists=QuickReads(
            settings.database_url.get_secret_value(),
            size=settings.api_lists_pool_size,
            wait_seconds=settings.api_pool_seconds,
        ),
        hub=Hub(database),
        starts=starts,
        past=PastPictures(starts),
    )
    app = FastAPI(
        title="Polycool",
        version="1",
        lifespan=_lifespan,
        docs_url=None,
        redoc_url=None,
        # Figures and traces are our own; the framework would look for its own at each request.
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.doors = doors
    for module in _ROUTERS:
        app.include_router(module.router)
    app.state.routes = [
        route for module in _ROUTERS for route in module.router.routes if isinstance(route, APIRoute)
    ]
    for kind, handle in _HANDLERS.items():
        app.add_exception_handler(kind, handle)
    app.add_middleware(QuickRoutes, doors=doors, routes=app.state.routes, handlers=_HANDLERS)
    app.add_middleware(Edge, metrics=metrics, body_bytes_max=settings.api_body_bytes_max)
    describe(app)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    doors: Doors = app.state.doors
    await doors.database.open()
    await doors.lists.open()
    beside = [
        asyncio.create_task(_forget(doors.database)),
        asyncio.create_task(doors.wishes.write(doors.database)),
        asyncio.create_task(go_round_for_ever(doors.database)),
        asyncio.create_task(doors.starts.look_for_ever()),
    ]
    try:
        yield
    finally:
        for task in beside:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        await doors.hub.close()
        await doors.trades.close()
        await doors.lists.close()
        await doors.database.close()


async def _forget(database: Database) -> None:
    while True:
        try:
            async with database.transaction(OPERATOR) as transaction:
                await transaction.run("forget_old_keys")
                await transaction.run("forget_old_receipts")
                await transaction.run("forget_old_wishes")
                await transaction.run("forget_ended_proofs")
                await transaction.run("forget_old_drafts")
                await transaction.run("forget_old_what_ifs")
        except (psycopg.OperationalError, psycopg_pool.PoolTimeout) as error:
            log.warning("old_keys_not_forgotten", error=type(error).__name__)
        await asyncio.sleep(FORGET_SECONDS)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException), "registered for HTTPException"
    return respond(error, request.state.request_id)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError), "registered for RequestValidationError"
    refused = Refused("invalid", spoken("refused.not_allowed_there"), errors=field_errors(error.errors()))
    return respond(refused, request.state.request_id)


async def _away(request: Request, error: Exception) -> Response:
    log.warning("database_away", error=type(error).__name__)
    refused = Refused("unavailable", spoken("refused.database_away"), retry_after=2)
    return respond(refused, request.state.request_id)


_HANDLERS: Final[Handlers] = {
    HTTPException: _refused,
    RequestValidationError: _invalid,
    psycopg.OperationalError: _away,
    psycopg_pool.PoolTimeout: _away,
}


def _tracing(url: str | None) -> Tracing | None:
    """None while traces are off: then nothing of them is even imported."""
    if url is None:
        return None
    from api.tracing import Tracing

    return Tracing(url)
