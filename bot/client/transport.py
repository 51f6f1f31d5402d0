"""One request to the API: in time, again with jitter where that is safe, not at all while the API is down."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import httpx
from tenacity import (
    AsyncRetrying,
    RetryError,
    retry_if_exception_type,
    stop_after_attempt,
    stop_before_delay,
    wait_random_exponential,
)

from bot.client.breaker import Breaker
from bot.client.errors import ApiError, NoAnswer, NotSent, Refused, Unreachable
from bot.client.rates import Rates
from schemas.views import Problem

TRIES_MOST: Final = 4
# One lost answer of a change leaves time for asking again with the same key.
TRY_PART: Final = 0.6
_FIRST_WAIT_SECONDS: Final = 0.1
_LONGEST_WAIT_SECONDS: Final = 1.0
# Their bytes never left, so nothing can have been done.
_NEVER_LEFT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_UNAVAILABLE: Final = frozenset({502, 503, 504})


class Counted(Protocol):
    """Who counts requests: what was asked, how it ended, after how long."""

    def __call__(self, method: str, outcome: str, seconds: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked, for whom. A POST without `key` is sent once only; `token` is made anew for each try."""

    method: str
    path: str
    user: str
    token: Callable[[], str]
    params: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    key: str | None = None
    if_match: str | None = None
    language: str = "en"

    @property
    def changes(self) -> bool:
        return self.method != "GET"

    @property
    def repeats(self) -> bool:
        """Whether asking twice does no more than asking once: the key, the version or the method sees to it."""
        return self.method in ("GET", "PUT", "DELETE") or self.key is not None or self.if_match is not None


class _Passing(Exception):
    """This try failed in a way that may pass; `left`: its bytes had left."""

    def __init__(self, cause: str, *, left: bool) -> None:
        super().__init__(cause)
        self.left = left


class Transport:
    """The way to the API. `look_seconds` and `change_seconds` bound all tries of a request together."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        *,
        breaker: Breaker | None = None,
        rates: Rates | None = None,
        look_seconds: float = 3.0,
        change_seconds: float = 10.0,
        counted: Counted | None = None,
    ) -> None:
        self._http = http
        self._breaker = breaker or Breaker()
        self._rates = rates or Rates()
        self._look_seconds = look_seconds
        self._change_seconds = change_seconds
        self._counted = counted

    async def ask(self, request: Request) -> httpx.Response:
        """The answer, a 2xx. Raises Refused, or Unreachable (looking), NotSent and NoAnswer (changing)."""
        began = time.monotonic()
        outcome = "ok"
        try:
            return await self._ask(request, began)
        except ApiError as error:
            outcome = error.code if isinstance(error, Refused) else type(error).__name__
            raise
        finally:
            if self._counted is not None:
                self._counted(request.method, outcome, time.monotonic() - began)

    async def _ask(self, request: Request, began: float) -> httpx.Response:
        whole = self._change_seconds if request.changes else self._look_seconds
        if not await self._rates.room(request.user, changes=request.changes, within_seconds=whole / 2):
            raise (NotSent if request.changes else Unreachable)("too many requests of ours")
        left = False
        tries = AsyncRetrying(
            stop=stop_before_delay(whole) | stop_after_attempt(TRIES_MOST if request.repeats else 1),
            wait=wait_random_exponential(_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS),
            retry=retry_if_exception_type(_Passing),
        )
        try:
            async for attempt in tries:
                with attempt:
                    try:
                        return await self._try(request, began + whole - time.monotonic(), whole)
                    except _Passing as passing:
                        left = left or passing.left
                        raise
        except RetryError as error:
            cause = str(error.last_attempt.exception())
            if not request.changes:
                raise Unreachable(cause) from error
            raise (NoAnswer if left else NotSent)(cause) from error
        raise AssertionError("the tries end with an answer or an error")

    async def _try(self, request: Request, remaining: float, whole: float) -> httpx.Response:
        if remaining <= 0:
            raise _Passing("no time left", left=False)
        if not self._breaker.lets():
            raise (NotSent if request.changes else Unreachable)("the API does not answer")
        seconds = min(remaining, whole * TRY_PART) if request.repeats else remaining
        try:
            response = await self._http.request(
                request.method,
                request.path,
                params={name: value for name, value in request.params.items() if value is not None},
                json=request.body,
                headers=_headers(request),
                timeout=seconds,
            )
        except httpx.TransportError as error:
            self._breaker.failed()
            raise _Passing(type(error).__name__, left=not isinstance(error, _NEVER_LEFT)) from error
        if response.status_code in _UNAVAILABLE:
            # Its own 503 says that nothing was changed; a proxy's 502 and 504 say nothing.
            self._breaker.failed()
            raise _Passing(f"{response.status_code}", left=response.status_code != 503)
        self._breaker.answered()
        return _told(response, request)


def _headers(request: Request) -> dict[str, str]:
    headers = {"Authorization": f"Bearer {request.token()}", "Accept-Language": request.language}
    if request.key is not None:
        headers["Idempotency-Key"] = request.key
    if request.if_match is not None:
        headers["If-Match"] = f'"{request.if_match}"'
    return headers


def _told(response: httpx.Response, request: Request) -> httpx.Response:
    if response.is_success:
        return response
    try:
        problem = Problem.model_validate_json(response.content)
    except ValueError:
        problem = None
    if response.status_code >= 500:
        # It failed on the way: a change may have been made.
        raise _Passing(f"{response.status_code}", left=True)
    if problem is None:
        raise Refused(response.status_code, "invalid", response.reason_phrase)
    soon = problem.retry_after is not None and problem.retry_after <= 1
    under_way = problem.code == "conflict" and request.key is not None
    if soon and (problem.code == "too-many" or under_way):
        raise _Passing(problem.code, left=under_way)
    raise Refused(
        response.status_code,
        problem.code,
        problem.detail,
        errors=problem.errors,
        retry_after=problem.retry_after,
    )
