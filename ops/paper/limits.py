"""Limits: buckets per signer that refuse, windows per network address that make wait (polymarket.md §2.7)."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Final, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field

from ops.paper.buckets import Bucket, SignerLimits, limit_headers
from ops.paper.faults import LIMITED_WORDS
from ops.paper.requests import Answer, Reply, Request

_ORDERS: Final = {("POST", "/order"), ("POST", "/orders")}
_CANCELS: Final = {("DELETE", path) for path in ("/order", "/orders", "/cancel-all", "/cancel-market-orders")}
_CHARGED_LATER: Final = {("DELETE", "/cancel-all"), ("DELETE", "/cancel-market-orders")}


class WindowForm(BaseModel):
    """So many requests of one network address in so many seconds; a ``*`` at the end of the path: all that begin so."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    requests: Annotated[int, Field(ge=1)]
    seconds: Annotated[float, Field(gt=0, le=3_600)] = 10.0

    def fits(self, request: Request) -> bool:
        """Whether it counts this request."""
        whole = self.path.endswith("*")
        named = request.path.startswith(self.path[:-1]) if whole else request.path == self.path
        return named and request.method == self.method


class LimitsForm(BaseModel):
    """``PUT /paper/admin/limits``; without anything in it: no limits."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    per_signer: SignerLimits | None = None
    per_address: list[WindowForm] = []
    longest_wait: Annotated[float, Field(ge=0, le=60)] = 10.0
    """Requests beyond an address' window wait their turn; what would wait longer than this is refused."""


class Limits:
    """Counts and refuses; by itself nothing is limited."""

    def __init__(self, monotonic: Callable[[], float], clock: Callable[[], datetime]) -> None:
        self._monotonic = monotonic
        self._clock = clock
        self.refused = 0
        self.put(LimitsForm())

    def put(self, form: LimitsForm) -> None:
        """These limits from now on, all buckets full."""
        self._form = form
        self._orders: dict[str, Bucket] = {}
        self._cancels: dict[str, Bucket] = {}
        self._windows: dict[tuple[int, str], deque[float]] = {}
        self.refused = 0

    def told(self) -> dict[str, object]:
        """The limits in force, and how many requests they refused."""
        return {**self._form.model_dump(mode="json"), "refused": self.refused}

    async def before(self, request: Request) -> Reply | None:
        """Waits where an address' window is full; a refusal where waiting would take too long or a bucket is empty."""
        for number, window in enumerate(self._form.per_address):
            if window.fits(request):
                wait = self._turn(number, window, request.client)
                if wait > self._form.longest_wait:
                    return self._refusal(wait, {})
                await asyncio.sleep(wait)
        limits = self._form.per_signer
        return None if limits is None else self._signer(request, limits)

    def after(self, request: Request, reply: Reply) -> None:
        """A cancel-all costs what it cancelled, which is known only now."""
        limits = self._form.per_signer
        if limits is None or (request.method, request.path) not in _CHARGED_LATER:
            return
        content = reply.content if isinstance(reply, Answer) else None
        cancelled = content.get("canceled", ()) if isinstance(content, dict) else ()
        bucket = self._cancels.get(request.headers.get("poly_address", "").lower())
        if bucket is not None:
            left = bucket.owe(len(cancelled), self._monotonic())
            request.notes["poly-ratelimit-remaining"] = str(left)

    def _turn(self, number: int, window: WindowForm, client: str) -> float:
        """Seconds until it is this request's turn; counted then, unless it is refused."""
        now = self._monotonic()
        turns = self._windows.setdefault((number, client), deque())
        while turns and turns[0] <= now - window.seconds:
            turns.popleft()
        turn = now if len(turns) < window.requests else max(now, turns[-window.requests] + window.seconds)
        if turn - now <= self._form.longest_wait:
            turns.append(turn)
        return turn - now

    def _signer(self, request: Request, limits: SignerLimits) -> Reply | None:
        kind = (request.method, request.path)
        signer, now = request.headers.get("poly_address", "").lower(), self._monotonic()
        if kind in _ORDERS:
            bucket = self._orders.setdefault(
                signer, Bucket.full(limits.orders_per_second, limits.orders_burst, now)
            )
        elif kind in _CANCELS:
            bucket = self._cancels.setdefault(
                signer, Bucket.full(limits.cancels_per_second, limits.cancels_burst, now)
            )
        else:
            return None
        cost = _cost(request)
        taken = bucket.take(cost, now)
        reset = math.ceil(self._clock().timestamp() + taken.wait)
        warning = not taken.granted and not limits.enforced
        headers = limit_headers(taken.remaining, reset, limits.tier, warning=warning)
        if taken.granted or warning:
            request.notes.update(headers)
            return None
        return self._refusal(taken.wait if cost <= bucket.burst else None, headers)

    def _refusal(self, wait: float | None, headers: dict[str, str]) -> Reply:
        self.refused += 1
        # What costs more than the whole bucket never fits: no time to try again is named.
        named = {} if wait is None else {"retry-after": str(max(1, math.ceil(wait)))}
        return Answer({"error": LIMITED_WORDS}, 429, {**headers, **named})


def _cost(request: Request) -> int:
    if request.path != "/orders":
        return 1
    try:
        entries = orjson.loads(request.body)
    except ValueError:
        return 1
    return max(1, len(entries)) if isinstance(entries, list) else 1
