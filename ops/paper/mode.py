"""The exchange's trading mode: open, restarting (425, then minutes of post-only), post-only, cancel-only, disabled.

As the real one announces it (polymarket.md §2.5, §9): all of these are definite, nothing is placed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any, Final

import orjson
from pydantic import BaseModel, ConfigDict, Field

from ops.paper.faults import (
    CANCEL_ONLY_WORDS,
    DISABLED_WORDS,
    POST_ONLY_CODE,
    POST_ONLY_WORDS,
    RESTART_WORDS,
)
from ops.paper.requests import Answer, Reply, Request

_PLACES: Final = frozenset((("POST", "/order"), ("POST", "/orders")))
_CANCELS: Final = frozenset(
    ("DELETE", path) for path in ("/order", "/orders", "/cancel-all", "/cancel-market-orders")
)


class TradingMode(StrEnum):
    """What is taken at the moment."""

    OPEN = "open"
    RESTARTING = "restarting"
    POST_ONLY = "post_only"
    CANCEL_ONLY = "cancel_only"
    DISABLED = "disabled"


class ModeForm(BaseModel):
    """``PUT /paper/admin/mode``: from now on, for so many seconds (None: until told otherwise)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    mode: TradingMode
    seconds: Annotated[float, Field(gt=0, le=86_400)] | None = None
    post_only_seconds: Annotated[float, Field(ge=0, le=3_600)] = 120.0
    """After a restart, as the real one."""
    closed_only: frozenset[str] = frozenset()
    """Addresses whose accounts may only sell, whatever the mode."""


class Mode:
    """The mode now; what was told for a time ends by itself."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._form = ModeForm(mode=TradingMode.OPEN)
        self._since = monotonic()
        self.refused = 0

    def put(self, form: ModeForm) -> None:
        """This mode from now on."""
        self._form, self._since, self.refused = form, self._monotonic(), 0

    def now(self) -> tuple[TradingMode, float | None]:
        """The mode, and the seconds it still lasts; None: until told otherwise."""
        form, gone = self._form, self._monotonic() - self._since
        if form.seconds is None:
            return form.mode, None
        if gone < form.seconds:
            return form.mode, form.seconds - gone
        left = form.seconds + form.post_only_seconds - gone
        if form.mode is TradingMode.RESTARTING and left > 0:
            return TradingMode.POST_ONLY, left
        return TradingMode.OPEN, None

    def told(self) -> dict[str, object]:
        """The mode, its remaining seconds, and how many requests it refused."""
        mode, left = self.now()
        return {"mode": mode, "left": None if left is None else round(left, 3), "refused": self.refused}

    def closed_only(self, address: str) -> bool:
        """Whether this address may only sell."""
        return address.lower() in {each.lower() for each in self._form.closed_only}

    def refuse(self, request: Request) -> Reply | None:
        """The refusal of a request that this mode does not take."""
        kind = (request.method, request.path)
        places = kind in _PLACES
        if not places and kind not in _CANCELS:
            return None
        mode, left = self.now()
        refusal = _refusal(mode, left, request, places=places)
        address = request.headers.get("poly_address", "")
        if refusal is None and places and self.closed_only(address) and _buys(request.body):
            refusal = Answer({"error": f"'{address}' address in closed only mode"}, 400)
        self.refused += refusal is not None
        return refusal


def _refusal(mode: TradingMode, left: float | None, request: Request, *, places: bool) -> Reply | None:
    if mode is TradingMode.RESTARTING:
        return Answer({"error": RESTART_WORDS}, 425)
    if mode is TradingMode.DISABLED:
        return Answer({"error": DISABLED_WORDS}, 503)
    if mode is TradingMode.CANCEL_ONLY and places:
        return Answer({"error": CANCEL_ONLY_WORDS}, 503)
    if mode is TradingMode.POST_ONLY and places and not _post_only(request.body):
        content: dict[str, Any] = {"error": POST_ONLY_WORDS, "code": POST_ONLY_CODE}
        headers = {}
        if left is not None:
            content["retry_after_seconds"] = math.ceil(left)
            headers["retry-after"] = str(math.ceil(left))
        return Answer(content, 503, headers)
    return None


def _post_only(body: bytes) -> bool:
    return all(order.get("postOnly") is True for order in _orders(body))


def _buys(body: bytes) -> bool:
    terms = [order.get("order") for order in _orders(body)]
    return any(isinstance(each, dict) and each.get("side") == "BUY" for each in terms)


def _orders(body: bytes) -> list[dict[str, Any]]:
    """The orders of a request; something that is none where it cannot be read."""
    try:
        content = orjson.loads(body)
    except ValueError:
        return [{}]
    orders = content if isinstance(content, list) else [content]
    return [order if isinstance(order, dict) else {} for order in orders]
