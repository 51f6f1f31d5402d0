"""The OpenAPI document: what the models and routes say, and what holds for all of them: who may ask, keys, problems."""

from __future__ import annotations

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from api.credentials import SESSION_COOKIE
from api.rights import routes_of, who_may
from api.webhooks.former import FormerTrade
from schemas.trades import TradeSeen
from schemas.views import Problem

Json = dict[str, Any]
_REF: Final = "#/components/schemas/{model}"
_SCHEMES: Final[Json] = {
    "user": {"type": "http", "scheme": "bearer", "description": "Minted by the bot, or an API token (pc_…)."},
    "session": {"type": "apiKey", "in": "cookie", "name": SESSION_COOKIE},
    "operator": {"type": "http", "scheme": "bearer"},
    "bot": {"type": "http", "scheme": "bearer"},
    "indexer": {"type": "apiKey", "in": "header", "name": "webhook-signature"},
}
# Checks save nothing; the answers of signing in are secrets, which must not be kept for a repeat.
_WITHOUT_KEY: Final = frozenset(
    {
        "/v1/allocations/check",
        "/v1/me/accounts/polymarket/check",
        "/v1/auth/link",
        "/v1/auth/exchange",
        "/v1/bot/notifications/claim",
        "/v1/bot/notifications/{notification_id}/result",
        "/v1/bot/users/{user_id}/unreachable",
    }
)
_OPERATOR_NAME: Final[Json] = {
    "in": "header",
    "name": "Polycool-Operator",
    "required": False,
    "description": "Who the operator is; stands in histories.",
    "schema": {"type": "string", "pattern": r"^[\w.@-]{1,40}$"},
}
_PROBLEM: Final[Json] = {
    "description": "Refused or failed (RFC 9457).",
    "content": {"application/problem+json": {"schema": {"$ref": _REF.format(model="Problem")}}},
}
_KEY: Final[Json] = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": True,
    "description": "New for each deed; the same key with the same body gets the first answer again.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
}
_FASTAPIS_OWN: Final = ("HTTPValidationError", "ValidationError")


def describe(app: FastAPI) -> None:
    """Let the app answer `/openapi.json` with the whole document."""

    def document() -> Json:
        if app.openapi_schema is None:
            made = get_openapi(title=app.title, version=app.version, routes=app.routes)
            components: Json = made.setdefault("components", {})
            _add_models(components.setdefault("schemas", {}), TradeSeen, FormerTrade, Problem)
            components["securitySchemes"] = _SCHEMES
            asked = {
                (route.path, method.lower()): who_may(route)
                for route in routes_of(app)
                for method in route.methods or ()
            }
            for path, methods in made["paths"].items():
                for method, operation in methods.items():
                    _complete(operation, path, method, asked[path, method])
            app.openapi_schema = made
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # FastAPI's documented way to extend it


def _add_models(schemas: Json, *models: type[BaseModel]) -> None:
    for model in models:
        schema = model.model_json_schema(ref_template=_REF)
        schemas |= schema.pop("$defs", {})
        schemas[model.__name__] = schema
    for name in _FASTAPIS_OWN:
        schemas.pop(name, None)


def _complete(operation: Json, path: str, method: str, asked: frozenset[str]) -> None:
    if "FormerTrade" not in str(operation.get("requestBody")):
        operation["responses"].pop("422", None)
    operation["responses"]["default"] = _PROBLEM
    if asked:
        schemes = sorted(asked | {"session"} if "user" in asked else asked)
        operation["security"] = [{scheme: []} for scheme in schemes]
    if "operator" in asked:
        operation.setdefault("parameters", []).append(_OPERATOR_NAME)
    if asked and method == "post" and path not in _WITHOUT_KEY:
        operation.setdefault("parameters", []).append(_KEY)
