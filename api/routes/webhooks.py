"""The indexer's doors: `/v1/webhooks/trades`, and the former one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Request
from pydantic import ValidationError
from starlette.responses import JSONResponse, Response

from api.doors import Doors, DoorsOf
from api.problems import Refused, field_errors
from api.webhooks import gateway
from api.webhooks.bodies import Wrong, checked, none_taken, parse_json, read_batch
from api.webhooks.doorkeeper import former_indexer, signed
from api.webhooks.former import FormerTrade, trade_seen
from schemas.ops_views import Received
from schemas.trades import TradeSeen

router = APIRouter()
_TRADE_REF: Final = {"$ref": "#/components/schemas/TradeSeen"}
_BODY: Final = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "oneOf": [
                        _TRADE_REF,
                        {"type": "array", "items": _TRADE_REF, "minItems": 1, "maxItems": 500},
                    ]
                }
            }
        },
    },
    "parameters": [
        {"in": "header", "name": name, "required": True, "schema": {"type": "string"}}
        for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
    ],
}
_FORMER_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/FormerTrade"}}},
    }
}
# Its sender knows {status, message} and no problem documents.
_FORMER_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    code: {
        "description": "Refused or failed, as the former indexer reads it.",
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
    for code in (400, 401, 413, 422, 503)
}


@router.post(
    "/v1/webhooks/trades", status_code=202, response_model=Received, openapi_extra=_BODY, tags=["webhooks"]
)
async def trades(request: Request, doors: DoorsOf) -> Response:
    """1 to 500 trades, signed by Standard Webhooks; 202 only once the broker has confirmed all that were accepted."""
    body = await request.body()
    webhook_id = signed(request, body, doors.settings)
    with _alone(doors, webhook_id):
        answer = await gateway.kept_answer(doors, webhook_id, body)
        if answer is None:
            batch = read_batch(body, datetime.now(UTC))
            answer = await gateway.take(doors, webhook_id, body, batch)
    return Response(answer.model_dump_json(), 202, media_type="application/json")


@router.post(
    "/api/v1/webhooks/copy-trade",
    openapi_extra=_FORMER_BODY,
    responses=_FORMER_ANSWERS,
    tags=["former indexer"],
)
async def copy_trade(
    request: Request, doors: DoorsOf, x_webhook_secret: Annotated[str | None, Header()] = None
) -> JSONResponse:
    """The former indexer's body; off unless its secret is set. Answers {status, message} with true status codes."""
    if not former_indexer(x_webhook_secret, doors.settings):
        return _former_answer(401, "error", "X-Webhook-Secret is missing or wrong")
    try:
        trade = _former_trade(await request.body())
        await gateway.put_on_topic(doors, [trade], door="former")
    except Refused as refused:
        fields = "; ".join(f"{error.field}: {error.message}" for error in refused.errors)
        return _former_answer(refused.status_code, "error", fields or str(refused.detail), refused.headers)
    return _former_answer(200, "ok", trade.trade_id)


def _former_trade(body: bytes) -> TradeSeen:
    parsed = parse_json(body)
    try:
        trade = trade_seen(FormerTrade.model_validate(parsed))
    except ValidationError as error:
        raise Refused(
            "invalid", "the trade is not readable", errors=field_errors(error.errors(include_url=False))
        ) from error
    read = checked(trade, datetime.now(UTC), usdc_field="taking_amount", time_field="timestamp")
    if isinstance(read, Wrong):
        raise none_taken([(0, read)], single=True)
    return read


def _former_answer(code: int, status: str, message: str, headers: Any = None) -> JSONResponse:
    return JSONResponse({"status": status, "message": message}, code, headers)


@contextmanager
def _alone(doors: Doors, webhook_id: str) -> Iterator[None]:
    """One request per webhook id at a time; the other may come again when this one has its answer."""
    if webhook_id in doors.under_way:
        raise Refused("conflict", "This webhook-id is being taken right now.", retry_after=1)
    doors.under_way.add(webhook_id)
    try:
        yield
    finally:
        doors.under_way.discard(webhook_id)
