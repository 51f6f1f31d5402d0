"""Around every request: its id, the limit on its body, its metrics and log line, and an answer when we failed."""

from __future__ import annotations

import secrets
import time
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any, Final

import structlog
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.languages import wanted
from api.logs import tell_request
from api.metrics import Metrics
from api.problems import Refused, respond

log = structlog.get_logger()
_ON_EACH: Final = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))
_OURS: Final = frozenset({b"request-id", *(name for name, _ in _ON_EACH)})
_QUIET_ROUTES: Final = frozenset({"/livez", "/readyz", "/startupz", "/health", "/metrics"})


@dataclass(slots=True)
class _Exchange:
    """One request and what has been answered so far."""

    scope: MutableMapping[str, Any]
    receive: Receive
    send: Send
    request_id: str
    body_bytes_max: int
    seen_bytes: int = 0
    status: int = 0
    began: float = field(default_factory=time.perf_counter)

    async def read(self) -> Message:
        message = await self.receive()
        self.seen_bytes += len(message.get("body", b""))
        if self.seen_bytes > self.body_bytes_max:
            raise too_large(self.body_bytes_max)
        return message

    async def write(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [
                *(pair for pair in message.get("headers", ()) if pair[0].lower() not in _OURS),
                (b"request-id", self.request_id.encode()),
                *_ON_EACH,
            ]
        await self.send(message)

    def route(self) -> str:
        """The route's pattern, never the path itself: names must not become labels."""
        return str(getattr(self.scope.get("route"), "path", "unmatched"))


class Edge:
    """ASGI middleware, outermost."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics, body_bytes_max: int) -> None:
        self._app = app
        self._metrics = metrics
        self._body_bytes_max = body_bytes_max

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, receive, send, f"r-{secrets.token_hex(8)}", self._body_bytes_max)
        scope.setdefault("state", {})["request_id"] = exchange.request_id
        wanted(_header(scope, b"accept-language"))
        bound = structlog.contextvars.bind_contextvars(request_id=exchange.request_id)
        try:
            await self._answer(exchange)
            self._tell(exchange)
        finally:
            structlog.contextvars.reset_contextvars(**bound)

    async def _answer(self, exchange: _Exchange) -> None:
        scope = exchange.scope
        if _announced_bytes(scope) > self._body_bytes_max:
            await _reply(exchange, respond(too_large(self._body_bytes_max), exchange.request_id))
            return
        try:
            await self._app(scope, exchange.read, exchange.write)
        except Exception:  # the outermost edge: what is no answer of ours is told by its id alone
            log.exception("request_failed", route=exchange.route(), method=scope["method"])
            if exchange.status:
                raise
            refused = Refused(
                "internal", "Something went wrong on our side; the request id names it in our logs."
            )
            await _reply(exchange, respond(refused, exchange.request_id))

    def _tell(self, exchange: _Exchange) -> None:
        route, method = exchange.route(), exchange.scope["method"]
        seconds = time.perf_counter() - exchange.began
        self._metrics.answered(route, method, exchange.status, seconds)
        if route not in _QUIET_ROUTES:
            tell_request(
                exchange.request_id,
                route=route,
                method=method,
                status=exchange.status,
                ms=round(seconds * 1000, 1),
            )


def too_large(limit: int) -> Refused:
    """413 for a body over the limit."""
    return Refused("too-large", f"The body is larger than {limit} bytes.")


async def _reply(exchange: _Exchange, response: Response) -> None:
    await response(exchange.scope, exchange.receive, exchange.write)


def _announced_bytes(scope: MutableMapping[str, Any]) -> int:
    given = _header(scope, b"content-length")
    return int(given) if given is not None and given.isdigit() else 0


def _header(scope: MutableMapping[str, Any], wanted_name: bytes) -> str | None:
    for name, value in scope["headers"]:
        if name == wanted_name:
            return str(value.decode("latin-1"))
    return None
