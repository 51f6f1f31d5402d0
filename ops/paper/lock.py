"""The operator's token, and forms read behind it: what every route under ``/paper/admin`` goes through."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from ops.paper.refusals import UNAUTHORIZED, Refusal
from ops.paper.requests import Reply, Request, Route

PREFIX: Final = "/paper/admin"
_Form = TypeVar("_Form", bound=BaseModel)


class Lock:
    """Opens for the bearer of the token alone."""

    def __init__(self, token: str) -> None:
        self.bearer = f"Bearer {token}"

    def guarded(self, form: type[_Form], act: Callable[[_Form], Awaitable[Reply]]) -> Route:
        """A route that reads a form; 422 with the field's name where it is a wrong one."""

        async def read_and_act(request: Request) -> Reply:
            try:
                return await act(form.model_validate_json(request.body))
            except ValidationError as error:
                return Refusal(422, _first_problem(error))

        return self.allowed(read_and_act)

    def allowed(self, act: Route) -> Route:
        """A route that reads no form."""

        async def check_and_act(request: Request) -> Reply:
            given = request.headers.get("authorization", "").encode()
            return await act(request) if hmac.compare_digest(given, self.bearer.encode()) else UNAUTHORIZED

        return check_and_act


def _first_problem(error: ValidationError) -> str:
    problem: Any = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
