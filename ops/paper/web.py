"""The thin layer between uvicorn and the routes: a request read whole, an answer as JSON, nothing else on the way."""

from __future__ import annotations

from time import perf_counter
from typing import Final, Protocol
from urllib.parse import parse_qsl

import orjson
import structlog

from ops.paper.ledger import LedgerError
from ops.paper.metrics import PATH, Metrics
from ops.paper.refusals import NO_ROUTE, NOT_RUN
from ops.paper.requests import Answer, Cut, Garbled, Reply, Request, Route, as_answer
from ops.paper.wire import Receive, Scope, Send, UserWire

_log = structlog.get_logger("paper.web")

_JSON: Final = (b"content-type", b"application/json")


class Behaviour(Protocol):
    """Asked twice per request; a reply of its own takes the place of the exchange's."""

    async def before(self, request: Request, /) -> Reply | None:
        """Before anything is done: may wait, or answer in its stead."""

    async def after(self, request: Request, reply: Reply, /) -> Reply:
        """After it was done (and committed): may wait, or put another answer in its place."""


class TooLargeError(Exception):
    """A body above the limit."""


class WebApp:
    """The ASGI application: exact paths first, then prefixes."""

    def __init__(self, behaviour: Behaviour, max_body_bytes: int) -> None:
        self._exact: dict[tuple[str, str], Route] = {}
        self._prefixed: list[tuple[str, str, Route]] = []
        self._behaviour = behaviour
        self._max_body_bytes = max_body_bytes
        self.metrics = Metrics()
        self.wire: UserWire | None = None
        """Serves what is no HTTP."""

    def add(self, method: str, path: str, route: Route) -> None:
        """Serve ``path``; one that ends in ``*`` is a prefix, and the route finds what follows in ``request.rest``."""
        if path.endswith("*"):
            self._prefixed.append((method, path[:-1], route))
        else:
            self._exact[method, path] = route

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection's request, as ASGI has it."""
        if scope["type"] == "websocket" and self.wire is not None:
            await self.wire.serve(scope, receive, send)
            return
        if scope["type"] != "http":
            raise RuntimeError(f"no {scope['type']} here")
        if scope["path"] == PATH:
            await _start(send, 200, [(b"content-type", b"text/plain; version=0.0.4; charset=utf-8")])
            await send({"type": "http.response.body", "body": self.metrics.text()})
            return
        began = perf_counter()
        code = await self._serve(scope, receive, send)
        self.metrics.answered(scope["method"], code, perf_counter() - began)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> str:
        """Answer one request; its code, for the metrics."""
        try:
            request = await self._read(scope, receive)
        except TooLargeError:
            await _send(send, Answer({"error": "request body too large"}, 413))
            return "413"
        before = await self._behaviour.before(request)
        reply = before if before is not None else await self.answer(request)
        reply = await self._behaviour.after(request, reply)
        if isinstance(reply, Cut):
            # A length is promised and nothing follows: the server closes the connection.
            await _start(send, 200, [_JSON, (b"content-length", b"2")])
            return "cut"
        if isinstance(reply, Garbled):
            await _start(send, 200, [_JSON, (b"content-length", str(len(reply.body)).encode())])
            await send({"type": "http.response.body", "body": reply.body})
            return "garbled"
        answer = as_answer(reply)
        answer.headers.update(request.notes)
        await _send(send, answer)
        return str(answer.status)

    async def answer(self, request: Request) -> Reply:
        """What the route of this request answers; 500 when the database is away."""
        try:
            return await self._find(request)(request)
        except LedgerError as error:
            _log.error("database_away", path=request.path, error=str(error))
            return NOT_RUN

    def _find(self, request: Request) -> Route:
        route = self._exact.get((request.method, request.path))
        if route is not None:
            return route
        for method, prefix, candidate in self._prefixed:
            if method == request.method and request.path.startswith(prefix):
                request.rest = request.path[len(prefix) :]
                return candidate
        return _no_route

    async def _read(self, scope: Scope, receive: Receive) -> Request:
        chunks: list[bytes] = []
        size, more = 0, True
        while more:
            message = await receive()
            chunk = message.get("body", b"")
            size += len(chunk)
            if size > self._max_body_bytes:
                raise TooLargeError
            chunks.append(chunk)
            more = message.get("more_body", False)
        query = scope["query_string"]
        return Request(
            method=scope["method"],
            path=scope["raw_path"].partition(b"?")[0].decode("latin-1"),
            query=dict(parse_qsl(query.decode("latin-1"))) if query else {},
            headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
            body=chunks[0] if len(chunks) == 1 else b"".join(chunks),
            client=(scope.get("client") or ("",))[0],
        )


async def _no_route(_: Request) -> Reply:
    return NO_ROUTE


async def _send(send: Send, answer: Answer) -> None:
    body = orjson.dumps(answer.content)
    headers = [_JSON, (b"content-length", str(len(body)).encode())]
    headers += [(name.encode(), value.encode()) for name, value in answer.headers.items()]
    await _start(send, answer.status, headers)
    await send({"type": "http.response.body", "body": body})


async def _start(send: Send, status: int, headers: list[tuple[bytes, bytes]]) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
