"""Who asks. For now an operator's token; `Polycool-User` says for which user, `Polycool-Operator` who the operator is.

Users' own tokens will give the same `Actor` with the user's id and without the operator's rights.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Header, Request

from api.database import OPERATOR, Scope
from api.doors import DoorsOf
from api.problems import Refused, invalid

_USER_ID: Final = re.compile(r"U-[0-9A-Z]{7}")
_OPERATOR_NAME: Final = re.compile(r"[\w.@-]{1,40}")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: `name` stands in histories, `user_id` is the user acted for (none: an operator acts for all)."""

    name: str
    user_id: str | None

    @property
    def scope(self) -> Scope:
        """What this actor's transactions may see: as a user never more than that user."""
        return OPERATOR if self.user_id is None else Scope(user_id=self.user_id)

    def as_operator(self) -> Actor:
        """The same operator, acting for all."""
        return Actor(self.name, None)


@dataclass(frozen=True, slots=True)
class UserActor:
    """Somebody who acts for exactly one user."""

    name: str
    user_id: str

    @property
    def scope(self) -> Scope:
        return Scope(user_id=self.user_id)


def bears(authorization: str | None, token: str) -> bool:
    """Whether the header carries exactly this bearer token; takes the same time however much of it fits."""
    scheme, _, given = (authorization or "").partition(" ")
    same = hmac.compare_digest(given.strip().encode(), token.encode())
    return same and scheme.lower() == "bearer"


def not_signed_in() -> Refused:
    return Refused(
        "not-signed-in",
        "This needs a valid token: Authorization: Bearer …",
        headers={"WWW-Authenticate": "Bearer"},
    )


async def operator(
    doors: DoorsOf,
    authorization: Annotated[str | None, Header(include_in_schema=False)] = None,
    polycool_operator: Annotated[
        str | None, Header(description="Who the operator is; stands in histories.")
    ] = None,
    polycool_user: Annotated[str | None, Header(description="The user acted for, U-…")] = None,
) -> Actor:
    """An operator, perhaps acting for a user."""
    if not bears(authorization, doors.settings.operator_token.get_secret_value()):
        raise not_signed_in()
    name = polycool_operator or "operator"
    if not _OPERATOR_NAME.fullmatch(name):
        raise invalid("Polycool-Operator", "must be 1 to 40 letters, digits, dots, dashes or @", value=name)
    if polycool_user is not None and not _USER_ID.fullmatch(polycool_user):
        raise invalid("Polycool-User", "must be a user's name such as U-7F3K9QX", value=polycool_user)
    return Actor(name, polycool_user)


async def acting(request: Request, asking: Annotated[Actor, Depends(operator)]) -> UserActor:
    """Whoever acts for one user; without a user there is nothing to act on."""
    if asking.user_id is None:
        raise invalid("Polycool-User", f"say for which user {request.url.path} is asked, such as U-7F3K9QX")
    return UserActor(asking.name, asking.user_id)


Operator = Annotated[Actor, Depends(operator)]
Acting = Annotated[UserActor, Depends(acting)]
