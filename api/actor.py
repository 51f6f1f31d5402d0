"""Who asks: a user by a token the bot minted, an own API token or the web page's session; an operator; the bot.

Every route says by its dependency whom it answers (UX §5): `Acting` exactly one user, `Person` the same but no API
token, `Looking` a user or an operator for all, `Operator`, `Bot`. Who is known but not meant gets 403, who is not known
401. A user's request never does for another: an operator's token acts for no user.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final

from fastapi import Depends, Request

from api.credentials import Holder, Way
from api.database import OPERATOR, Scope
from api.doors import Doors, DoorsOf
from api.languages import chosen
from api.problems import Refused, invalid
from schemas.me_views import TokenScope

_OPERATOR_NAME: Final = re.compile(r"[\w.@-]{1,40}")
_READING: Final = frozenset({"GET", "HEAD"})
# What users who are operators reach with their own token: to look, and the switches (to stop; the route sees to it).
# Accounts get stolen: allowing, redriving and roles want the operators' token (UX A2).
_OPS: Final = "/v1/ops/"
_SWITCHES: Final = "/v1/ops/switches/"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: `name` stands in histories, `user_id` is the user acted for (none: an operator acts for all).
    `stops_only`: a user who is an operator, who may stop but allow nothing."""

    name: str
    user_id: str | None
    stops_only: bool = False

    @property
    def scope(self) -> Scope:
        """What this actor's transactions may see: as a user never more than that user."""
        return OPERATOR if self.user_id is None else Scope(user_id=self.user_id)

    @property
    def owner(self) -> str:
        """Whose idempotency keys these are."""
        return self.user_id or "operator"


@dataclass(frozen=True, slots=True)
class UserActor:
    """Somebody who acts for exactly one user, and by which way they have proven it."""

    name: str
    user_id: str
    rights: TokenScope = TokenScope.WRITE
    way: Way = Way.BOT
    credential: str = ""
    expires_at: datetime | None = None

    @property
    def scope(self) -> Scope:
        return Scope(user_id=self.user_id)

    @property
    def owner(self) -> str:
        """Whose idempotency keys these are."""
        return self.user_id

    @property
    def person(self) -> bool:
        """Whether a person sits there: no API token, which may not arm, go live, raise a cap, withdraw or widen a live
        following (SAFETY R26)."""
        return self.way is not Way.API_TOKEN


@dataclass(frozen=True, slots=True)
class BotActor:
    """The bot itself: lets people in and carries their notices."""

    name: str = "bot"

    @property
    def scope(self) -> Scope:
        return OPERATOR

    @property
    def owner(self) -> str:
        """Whose idempotency keys these are."""
        return "bot"


def not_allowed(detail: str) -> Refused:
    """403: known, but not meant."""
    return Refused("not-allowed", detail)


async def _holder(request: Request, doors: DoorsOf) -> Holder:
    holder = await doors.credentials.holder(request, doors.database)
    chosen(holder.language)
    if holder.user_id is not None:
        doors.paces.take(holder.user_id, changing=request.method not in _READING)
    return holder


_Held = Annotated[Holder, Depends(_holder)]


async def holding(holder: _Held) -> UserActor:
    """Whoever holds a credential of exactly one user, whatever it may do."""
    if holder.user_id is None:
        raise not_allowed("This is for users: it takes a token of exactly one user.")
    name = holder.user_id if holder.way is Way.BOT else f"{holder.user_id} {holder.credential}"
    return UserActor(name, holder.user_id, holder.rights, holder.way, holder.credential, holder.expires_at)


async def acting(request: Request, actor: Annotated[UserActor, Depends(holding)]) -> UserActor:
    """Whoever acts for exactly one user; what only reads may not change."""
    if actor.rights is TokenScope.READ and request.method not in _READING:
        raise not_allowed("This token may only read.")
    return actor


async def person(actor: Annotated[UserActor, Depends(acting)]) -> UserActor:
    """A user by the bot or the web page, no API token."""
    if not actor.person:
        raise not_allowed("An API token may not do this; do it in the bot or on the web page.")
    return actor


async def operator(request: Request, holder: _Held) -> Actor:
    """An operator by the operators' token; or a user who is one, to look and to stop."""
    if holder.way is Way.OPERATORS:
        return Actor(_operator_name(request), None)
    if not (holder.operator and _open_to_user_operators(request)):
        raise not_allowed("This is for operators.")
    assert holder.user_id is not None, "only users are marked as operators"
    return Actor(holder.user_id, None, stops_only=True)


async def looking(request: Request, holder: _Held) -> Actor:
    """A user, who sees what is theirs, or an operator, who sees all."""
    if holder.way is Way.OPERATORS:
        return Actor(_operator_name(request), None)
    actor = await acting(request, await holding(holder))
    return Actor(actor.name, actor.user_id)


async def looking_at(request: Request, doors: Doors) -> Actor:
    """Who looks, for routes that go without FastAPI's dependencies."""
    return await looking(request, await _holder(request, doors))


async def the_bot(holder: _Held) -> BotActor:
    """The bot by its own token."""
    if holder.way is not Way.SERVICE:
        raise not_allowed("This is for the bot.")
    return BotActor()


def _operator_name(request: Request) -> str:
    name = request.headers.get("polycool-operator") or "operator"
    if not _OPERATOR_NAME.fullmatch(name):
        raise invalid("Polycool-Operator", "must be 1 to 40 letters, digits, dots, dashes or @", value=name)
    return name


def _open_to_user_operators(request: Request) -> bool:
    path, method = request.url.path, request.method
    return (method in _READING and path.startswith(_OPS)) or (method == "PUT" and path.startswith(_SWITCHES))


Holding = Annotated[UserActor, Depends(holding)]
Acting = Annotated[UserActor, Depends(acting)]
Person = Annotated[UserActor, Depends(person)]
Operator = Annotated[Actor, Depends(operator)]
Looking = Annotated[Actor, Depends(looking)]
Bot = Annotated[BotActor, Depends(the_bot)]
