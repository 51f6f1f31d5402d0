"""Routes of lists that are asked for all the time: one model reads what was asked, the same functions who asks.

FastAPI solves a tree of dependencies and reads each parameter by itself, which takes as long as the list. What the
model refuses goes FastAPI's own way and gets its answer there, so there is one set of rules and one of sentences.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, TypeVar

from fastapi import Request
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.responses import Response

from api.actor import Actor, looking_at
from api.doors import Doors, doors_of

Asked = TypeVar("Asked", bound=BaseModel)
Answers = Callable[[Doors, Actor, Asked], Awaitable[Response]]
_QUICK: Final = "quick"


def quickly(model: type[Asked], answer: Answers[Asked]) -> Callable[[Any], Any]:
    """Marks an endpoint that takes (doors, ``Looking``, ``model``) and does no more than ``answer``."""

    def mark(endpoint: Any) -> Any:
        lists = frozenset(
            field.alias or name
            for name, field in model.model_fields.items()
            if "list" in str(field.annotation)
        )
        setattr(endpoint, _QUICK, (model, answer, lists))
        return endpoint

    return mark


class QuickRoute(APIRoute):
    """A route whose marked endpoints are answered without FastAPI's dependencies."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        whole = super().get_route_handler()
        marked = getattr(self.endpoint, _QUICK, None)
        if marked is None:
            return whole
        model, answer, lists = marked

        async def handle(request: Request) -> Response:
            try:
                asked = model.model_validate(_parameters(request, lists))
            except ValidationError:
                return await whole(request)
            doors = await doors_of(request)
            response: Response = await answer(doors, await looking_at(request, doors), asked)
            return response

        return handle


def _parameters(request: Request, lists: frozenset[str]) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for name, value in request.query_params.multi_items():
        if name in lists:
            given.setdefault(name, []).append(value)
        else:
            given[name] = value
    return given
