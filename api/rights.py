"""Whom each route answers, read from its dependencies: what OpenAPI says and the rights matrix is made from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from api.actor import holding, looking, operator, the_bot
from api.webhooks.doorkeeper import wallet_reader

_ANSWERED: Final[dict[Callable[..., Any], frozenset[str]]] = {
    holding: frozenset({"user"}),
    operator: frozenset({"operator"}),
    looking: frozenset({"user", "operator"}),
    the_bot: frozenset({"bot"}),
    wallet_reader: frozenset({"operator", "indexer"}),
}


def routes_of(app: FastAPI) -> list[APIRoute]:
    """Every route of the API, as its routers hold them (FastAPI keeps included routers folded)."""
    routes: list[APIRoute] = app.state.routes
    return routes


def who_may(route: APIRoute) -> frozenset[str]:
    """``user``, ``operator``, ``bot``, ``indexer``; nobody is named where a route asks for none of their proofs
    (health, the exchange of a link) or proves them by the body (webhooks)."""
    return _named(route.dependant)


def _named(dependant: Dependant) -> frozenset[str]:
    own = frozenset() if dependant.call is None else _ANSWERED.get(dependant.call, frozenset())
    return own.union(*(_named(each) for each in dependant.dependencies))
