"""The OpenAPI document: what the models and routes say, plus bodies that are read as bytes because they are signed."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from api.webhooks.former import FormerTrade
from schemas.trades import TradeSeen

_REF = "#/components/schemas/{model}"


def describe(app: FastAPI) -> None:
    """Let the app answer `/openapi.json` with the whole document."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            made = get_openapi(title=app.title, version=app.version, routes=app.routes)
            components = made.setdefault("components", {})
            schemas = components.setdefault("schemas", {})
            for model in (TradeSeen, FormerTrade):
                schema = model.model_json_schema(ref_template=_REF)
                schemas |= schema.pop("$defs", {})
                schemas[model.__name__] = schema
            components["securitySchemes"] = {"operator": {"type": "http", "scheme": "bearer"}}
            app.openapi_schema = made
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # FastAPI's documented way to extend it
