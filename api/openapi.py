"""The OpenAPI document: what the models and routes say, and what holds for all of them: who may ask, keys, problems."""

from __future__ import annotations

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from api.webhooks.former import FormerTrade
from schemas.trades import TradeSeen
from schemas.views import Problem

Json = dict[str, Any]
_REF: Final = "#/components/schemas/{model}"
_OPEN_TAGS: Final = frozenset({"health", "webhooks", "former indexer"})
_CHECK: Final = "/v1/allocations/check"
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
            components["securitySchemes"] = {"operator": {"type": "http", "scheme": "bearer"}}
            for path, methods in made["paths"].items():
                for method, operation in methods.items():
                    _complete(operation, path, method)
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


def _complete(operation: Json, path: str, method: str) -> None:
    operation["responses"].pop("422", None)
    operation["responses"]["default"] = _PROBLEM
    if _OPEN_TAGS & set(operation.get("tags", ())):
        return
    operation["security"] = [{"operator": []}]
    if method == "post" and path != _CHECK:
        operation.setdefault("parameters", []).append(_KEY)
