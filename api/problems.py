"""Refusals as `application/problem+json` (RFC 9457): a closed set of codes, each with its status (UX §5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from schemas.views import FieldError, Problem

STATUS_OF: Final[Mapping[str, int]] = {
    "key-missing": 400,
    "not-signed-in": 401,
    "not-allowed": 403,
    "not-found": 404,
    "method-not-allowed": 405,
    "conflict": 409,
    "price-moved": 409,
    "live-not-armed": 409,
    "buys-stopped": 409,
    "quote-expired": 410,
    "version-changed": 412,
    "too-large": 413,
    "invalid": 422,
    "key-reused": 422,
    "if-match-missing": 428,
    "too-many": 429,
    "internal": 500,
    "unavailable": 503,
}
_CODE_OF: Final = {400: "invalid", 401: "not-signed-in", 404: "not-found", 405: "method-not-allowed"}
MEDIA_TYPE: Final = "application/problem+json"
VALUE_LENGTH_MAX: Final = 80


class Refused(HTTPException):
    """The request is refused with a code of the closed set; `errors` name the fields."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        retry_after: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        more = dict(headers or {})
        if retry_after is not None:
            more["Retry-After"] = str(retry_after)
        super().__init__(STATUS_OF[code], detail, more)
        self.code = code
        self.errors = tuple(errors)
        self.retry_after = retry_after


def invalid(field: str, message: str, *, value: object = None, allowed: str | None = None) -> Refused:
    """422 that names one field."""
    error = FieldError(field=field, value=shown(value), allowed=allowed, message=message)
    return Refused("invalid", f"{field}: {message}", errors=[error])


def not_found(what: str) -> Refused:
    """404, the same whether it does not exist or belongs to somebody else."""
    return Refused("not-found", f"There is no such {what}.")


def respond(refused: HTTPException, instance: str) -> Response:
    """The problem document. `instance` is the request's id."""
    code = refused.code if isinstance(refused, Refused) else _CODE_OF.get(refused.status_code, "invalid")
    problem = Problem(
        type=f"urn:polycool:problem:{code}",
        title=code.replace("-", " ").capitalize(),
        status=refused.status_code,
        detail=str(refused.detail),
        instance=instance,
        code=code,
        errors=refused.errors if isinstance(refused, Refused) else (),
        retry_after=refused.retry_after if isinstance(refused, Refused) else None,
    )
    return Response(
        problem.model_dump_json(exclude_none=True),
        refused.status_code,
        dict(refused.headers or {}),
        MEDIA_TYPE,
    )


def field_errors(faults: Sequence[Mapping[str, Any]], *, within: str = "") -> list[FieldError]:
    """pydantic's faults as field errors; `within` stands before each field's name."""
    return [_field_error(fault, within) for fault in faults]


def _field_error(fault: Mapping[str, Any], within: str) -> FieldError:
    place = [str(part) for part in fault["loc"] if part not in ("body", "query", "header", "path")]
    if fault["type"] == "json_invalid":
        place = []
    message = str(fault["msg"]).removeprefix("Value error, ")
    # A model's own check names its field in front: "undoes: required for kind undone".
    named, colon, rest = message.partition(": ")
    if fault["type"] == "value_error" and colon and named.isidentifier():
        place, message = [*place, named], rest
    context = fault.get("ctx") or {}
    limits = [f"{name} {context[name]}" for name in ("ge", "gt", "le", "lt") if name in context]
    allowed = context.get("expected") or (", ".join(limits) if limits else None)
    return FieldError(
        field=".".join([part for part in (within, *place) if part]) or "body",
        value=None if fault["type"] == "missing" else shown(fault.get("input")),
        allowed=None if allowed is None else str(allowed),
        message=message,
    )


def shown(value: object) -> str | None:
    """A scalar as it came, cut; nothing of what holds other things."""
    if value is None or isinstance(value, (dict, list, tuple, bytes)):
        return None
    # A lone surrogate cannot be written into the answer.
    return str(value).encode(errors="replace").decode()[:VALUE_LENGTH_MAX]
