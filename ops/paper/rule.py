"""One rule of conduct: which requests, and what happens to them."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ops.paper.faults import PRESETS, Deed, Fault
from ops.paper.requests import Answer, Reply, Request
from schemas.ids import Wallet

_ORDER_ID: Final = "{order_id}"
_LONGEST: Final = 3_600


class Rule(BaseModel):
    """A deed, or a named fault whose fields are taken where none are given. Shapes: docs/paper-exchange.md."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fault: Fault | None = None
    deed: Deed
    method: str = "POST"
    path: str = "/order"
    """The path, or its beginning with a ``*`` at the end."""
    address: Wallet | None = None
    """Only requests with this ``POLY_ADDRESS``."""
    times: Annotated[int, Field(ge=1)] | None = None
    """How many requests it acts on; None: all."""
    skip: Annotated[int, Field(ge=0)] = 0
    """How many requests that fit are let go first."""
    from_second: Annotated[float, Field(ge=0)] = 0.0
    to_second: Annotated[float, Field(gt=0)] | None = None
    """It stands from then until then, in seconds since the rules were put."""
    share: Annotated[float, Field(gt=0, le=1)] = 1.0
    """The share of the requests that fit; shares of rules for the same method, path and address add up."""
    seconds: Annotated[float, Field(ge=0, le=_LONGEST)] = 0.0
    seconds_to: Annotated[float, Field(ge=0, le=_LONGEST)] | None = None
    """Where given, the wait is drawn between ``seconds`` and this."""
    status: Annotated[int, Field(ge=400, le=599)] = 500
    error: str = "could not run the execution"
    """``{order_id}`` in it is the order's; where none was placed the answer stays as it is."""
    code: str | None = None
    retry_after: Annotated[int, Field(ge=0, le=_LONGEST)] | None = None
    status_word: str = "delayed"
    percent: Annotated[int, Field(ge=1, le=99)] = 50
    """How much of an order matches at most, in hundredths."""

    @model_validator(mode="before")
    @classmethod
    def _fields_of_the_fault(cls, given: Any) -> Any:
        if not isinstance(given, dict) or given.get("fault") is None:
            return given
        known = {str(fault): preset for fault, preset in PRESETS.items()}
        return {**known.get(str(given["fault"]), {}), **given}

    @model_validator(mode="after")
    def _words_fit_the_deed(self) -> Rule:
        if self.deed is Deed.ANSWER_INSTEAD and _ORDER_ID in self.error:
            raise ValueError("an order that is not placed has no id to name")
        return self

    def fits(self, request: Request, since: float) -> bool:
        """Whether it is about this request, ``since`` seconds after the rules were put."""
        in_time = self.from_second <= since and (self.to_second is None or since < self.to_second)
        path_fits = (
            request.path.startswith(self.path[:-1]) if self.path.endswith("*") else request.path == self.path
        )
        by = request.headers.get("poly_address", "").lower()
        return in_time and request.method == self.method and path_fits and self.address in (None, by)

    def answer(self, done: Reply | None) -> Answer | None:
        """Its words; ``done`` is what the exchange would have answered. None where they name an order and none is."""
        error = self.error
        if _ORDER_ID in error:
            order_id = _order_id(done)
            if not order_id:
                return None
            error = error.replace(_ORDER_ID, order_id)
        content: dict[str, object] = {"error": error}
        if self.code is not None:
            content["code"] = self.code
        headers = {}
        if self.retry_after is not None:
            content["retry_after_seconds"] = self.retry_after
            headers["retry-after"] = str(self.retry_after)
        return Answer(content, self.status, headers)


def _order_id(done: Reply | None) -> str | None:
    content = done.content if isinstance(done, Answer) else None
    return str(content.get("orderID", "")) if isinstance(content, dict) else None
