"""Lists that are asked for all the time, answered in front of the framework: one look by the path, one model that reads
what was asked, the same functions that say who asks.

FastAPI looks for the route among all of them, solves a tree of dependencies and reads each parameter by itself, which
takes longer than the list. What the model refuses goes FastAPI's own way and gets its answer there, so there is one set
of rules and one of sentences; refusals and faults are told by the handlers that the app has for them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeVar
from urllib.parse import parse_qsl

from fastapi import Request
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.actor import Actor, looking_at
from api.doors import Doors

Asked = TypeVar("Asked", bound=BaseModel)
Answers = Callable[[Doors, Actor, Any], Awaitable[Response]]
Handlers = Mapping[type[Exception], Callable[[Request, Exception], Awaitable[Response]]]
_QUICK: Final = "quick"
# People ask with the same few words; what is longer than any list's own words is read each time.
_KEPT: Final = 4_096
_KEPT_LENGTH: Final = 200


class Quick(NamedTuple):
    """How a list is answered: ``reads`` makes its model of a query string or raises ValidationError."""

    route: APIRoute
    reads: Callable[[bytes], BaseModel]
    answer: Answers


def quickly(
    model: type[Asked], answer: Callable[[Doors, Actor, Asked], Awaitable[Response]]
) -> Callable[[Any], Any]:
    """Marks an endpoint that takes (doors, ``Looking``, ``model``) and does no more than ``answer``."""

    def mark(endpoint: Any) -> Any:
        setattr(endpoint, _QUICK, (_reader(model), answer))
        return endpoint

    return mark


class QuickRoutes:
    """ASGI middleware: answers the marked routes among ``routes`` and hands on everything else."""

    def __init__(self, app: ASGIApp, *, doors: Doors, routes: Iterable[APIRoute], handlers: Handlers) -> None:
        self._app = app
        self._doors = doors
        self._handlers = tuple(handlers.items())
        self._quick = {
            route.path: Quick(route, *marked)
            for route in routes
            if (marked := getattr(route.endpoint, _QUICK, None)) is not None
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        quick = (
            self._quick.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "GET" else None
        )
        if quick is None:
            await self._app(scope, receive, send)
            return
        try:
            asked = quick.reads(scope["query_string"])
        except ValidationError:
            await self._app(scope, receive, send)
            return
        scope["route"] = quick.route
        response = await self._answered(quick, Request(scope, receive), asked)
        await response(scope, receive, send)

    async def _answered(self, quick: Quick, request: Request, asked: BaseModel) -> Response:
        try:
            return await quick.answer(self._doors, await looking_at(request, self._doors), asked)
        except Exception as fault:
            for kind, handle in self._handlers:
                if isinstance(fault, kind):
                    return await handle(request, fault)
            raise


def _reader(model: type[BaseModel]) -> Callable[[bytes], BaseModel]:
    lists = frozenset(
        field.alias or name for name, field in model.model_fields.items() if "list" in str(field.annotation)
    )

    def read(query: bytes) -> BaseModel:
        given: dict[str, Any] = {}
        # As the framework reads it: values without a name's sign count as empty, the last of several counts.
        for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
            if name in lists:
                given.setdefault(name, []).append(value)
            else:
                given[name] = value
        return model.model_validate(given)

    kept = lru_cache(maxsize=_KEPT)(read)
    return lambda query: kept(query) if len(query) <= _KEPT_LENGTH else read(query)
