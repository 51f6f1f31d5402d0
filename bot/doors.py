"""The bot's own HTTP doors: how it is (loopback), and where Telegram posts updates to."""

from __future__ import annotations

import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Final

from prometheus_client import generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.metrics import Metrics

WEBHOOK_PATH: Final = "/telegram"
SECRET_HEADER: Final = "x-telegram-bot-api-secret-token"  # noqa: S105  # the header's name
# Telegram's updates are a few kB; nothing of ours needs more.
BODY_BYTES_MAX: Final = 262_144
Take = Callable[[dict[str, object]], Awaitable[None]]


def health(metrics: Metrics, ready: Callable[[], bool]) -> Starlette:
    """/livez, /readyz and /metrics."""

    async def livez(_request: Request) -> Response:
        return PlainTextResponse("ok")

    async def readyz(_request: Request) -> Response:
        good = ready()
        return JSONResponse({"ready": good}, 200 if good else 503)

    async def figures(_request: Request) -> Response:
        return Response(generate_latest(metrics.registry), media_type="text/plain; version=0.0.4")

    return Starlette(routes=[Route("/livez", livez), Route("/readyz", readyz), Route("/metrics", figures)])


def webhook(secret: str, take: Take, metrics: Metrics) -> Starlette:
    """Where Telegram posts updates to: only with its secret, compared in a time that tells nothing; taken before it is
    answered 200, so an update that we lose comes again."""

    async def post(request: Request) -> Response:
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), secret.encode()):
            metrics.updates.labels("webhook", "forged").inc()
            return Response(status_code=401)
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > BODY_BYTES_MAX:
                return Response(status_code=413)
        try:
            update = json.loads(body)
        except ValueError:
            update = None
        if not isinstance(update, dict) or not isinstance(update.get("update_id"), int):
            return Response(status_code=400)
        await take(update)
        return Response(status_code=200)

    return Starlette(routes=[Route(WEBHOOK_PATH, post, methods=["POST"])])
