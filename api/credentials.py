"""Whose a credential is: an operators' token, a token the bot minted, an own API token, a session of the web page.

What was found is remembered for a second, so that a page of requests costs one look; a token given back here is
forgotten here at once, by other processes within that second.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from typing import Final
from urllib.parse import urlsplit

from fastapi import Request
from pydantic import SecretStr

from api.database import OPERATOR, Database, Scope
from api.problems import Refused
from api.user_tokens import Untrusted, UserTokens
from schemas.me_views import TokenScope
from schemas.signing_in import API_TOKEN_PREFIX

REMEMBERED_SECONDS: Final = 1.0
REMEMBERED_MAX: Final = 50_000
SWEPT_SECONDS: Final = 10.0
SESSION_COOKIE: Final = "polycool_session"
SECRET_LENGTH_MAX: Final = 200
_READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Way(StrEnum):
    """By what somebody has proven who they are."""

    BOT = "bot"
    WEB = "web"
    API_TOKEN = "token"  # noqa: S105 (a way, no token)
    OPERATORS = "operators"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds the credential that came. ``credential`` names it without opening anything."""

    way: Way
    user_id: str | None = None
    operator: bool = False
    rights: TokenScope = TokenScope.WRITE
    credential: str = ""
    expires_at: datetime | None = None
    language: str | None = None


def sha256(secret: str) -> bytes:
    """How links, sessions and API tokens are kept."""
    return hashlib.sha256(secret.encode()).digest()


def not_signed_in() -> Refused:
    """401; says nothing of what was wrong with what came."""
    return Refused(
        "not-signed-in",
        "This needs a valid token: Authorization: Bearer …",
        headers={"WWW-Authenticate": "Bearer"},
    )


def bearer(authorization: str | None) -> str:
    """The token of an `Authorization: Bearer …` header; empty without one."""
    scheme, _, given = (authorization or "").partition(" ")
    return given.strip() if scheme.lower() == "bearer" else ""


def bears(authorization: str | None, token: SecretStr) -> bool:
    """Whether the header carries exactly this bearer token; takes the same time however much of it fits."""
    given = bearer(authorization)
    return hmac.compare_digest(given.encode(), token.get_secret_value().encode())


class Credentials:
    """Finds who holds what came with a request."""

    def __init__(self, operator_token: SecretStr, bot_keys: Sequence[str]) -> None:
        self._operator_token = operator_token
        self._minted = UserTokens(bot_keys)
        self._known: dict[bytes, tuple[float, Holder]] = {}
        self._looking: dict[bytes, asyncio.Task[Holder]] = {}
        self._swept = time.monotonic()

    async def holder(self, request: Request, database: Database) -> Holder:
        """Who asks. Raises 401 for whom we do not know, 403 for a page of others that uses the session."""
        authorization = request.headers.get("authorization")
        if authorization is None:
            session = request.cookies.get(SESSION_COOKIE)
            if session is None:
                raise not_signed_in()
            _check_own_page(request)
            return await self._found(session, Way.WEB, database)
        if bears(authorization, self._operator_token):
            return Holder(Way.OPERATORS)
        token = bearer(authorization)
        return await self._found(
            token, Way.API_TOKEN if token.startswith(API_TOKEN_PREFIX) else Way.BOT, database
        )

    def forget(self) -> None:
        """Look again at the next request: something was given back or taken away."""
        self._known.clear()
        # What is being looked up may have been read before; it answers who asked, and is not kept.
        self._looking.clear()

    async def _found(self, secret: str, way: Way, database: Database) -> Holder:
        if not secret or (way is not Way.BOT and len(secret) > SECRET_LENGTH_MAX):
            raise not_signed_in()
        digest = sha256(f"{way} {secret}")
        now = time.monotonic()
        until, known = self._known.get(digest, (now, None))
        if known is None or until <= now:
            known = await self._looked_up_once(digest, secret, way, database)
        if known.expires_at is not None and known.expires_at <= datetime.now(UTC):
            raise not_signed_in()
        return known

    async def _looked_up_once(self, digest: bytes, secret: str, way: Way, database: Database) -> Holder:
        """Of many who come with the same secret at once, one looks."""
        looking = self._looking.get(digest)
        if looking is None:
            looking = self._looking[digest] = asyncio.create_task(self._looked_up(secret, way, database))
            looking.add_done_callback(partial(self._found_out, digest))
        # Whoever began it may go away; the others still wait for it.
        return await asyncio.shield(looking)

    def _found_out(self, digest: bytes, looking: asyncio.Task[Holder]) -> None:
        current = self._looking.get(digest) is looking
        if current:
            del self._looking[digest]
        if looking.cancelled() or looking.exception() is not None:
            return
        if current:
            self._remember(digest, looking.result())

    def _remember(self, digest: bytes, holder: Holder) -> None:
        now = time.monotonic()
        if len(self._known) >= REMEMBERED_MAX or self._swept + SWEPT_SECONDS <= now:
            self._swept = now
            self._known = {key: kept for key, kept in self._known.items() if kept[0] > now}
        self._known[digest] = now + REMEMBERED_SECONDS, holder

    async def _looked_up(self, secret: str, way: Way, database: Database) -> Holder:
        if way is Way.API_TOKEN:
            return await _of_api_token(secret, database)
        if way is Way.WEB:
            return await _of_session(secret, database)
        try:
            minted = self._minted.read(secret, datetime.now(UTC))
        except Untrusted as error:
            raise not_signed_in() from error
        if minted.user_id is None:
            return Holder(Way.SERVICE, credential=minted.token_id, expires_at=minted.expires_at)
        async with database.transaction(Scope(user_id=minted.user_id)) as transaction:
            row = await transaction.row("who_stands", user_id=minted.user_id, token_id=minted.token_id)
        if row is None:
            raise not_signed_in()
        return Holder(
            Way.BOT,
            minted.user_id,
            row["operator"],
            minted.rights,
            minted.token_id,
            minted.expires_at,
            row["language"],
        )


async def _of_api_token(secret: str, database: Database) -> Holder:
    async with database.transaction(OPERATOR) as transaction:
        row = await transaction.row("who_holds_token", sha256=sha256(secret))
        if row is None:
            raise not_signed_in()
        await transaction.run("token_was_used", token_id=row["token_id"])
    # A token is for programs: it never carries an operator's rights.
    rights = TokenScope(row["scope"])
    return Holder(Way.API_TOKEN, row["user_id"], False, rights, row["token_id"], language=row["language"])


async def _of_session(secret: str, database: Database) -> Holder:
    async with database.transaction(OPERATOR) as transaction:
        row = await transaction.row("who_sits", sha256=sha256(secret))
    if row is None:
        raise not_signed_in()
    return Holder(
        Way.WEB,
        row["user_id"],
        row["operator"],
        credential=row["session_id"],
        expires_at=row["expires_at"],
        language=row["language"],
    )


def _check_own_page(request: Request) -> None:
    """A cookie comes by itself, so a change must also come from a page of this very host (SameSite=Strict holds back
    most; this holds back pages of neighbouring hosts and old browsers)."""
    if request.method in _READING:
        return
    origin = urlsplit(request.headers.get("origin", "")).netloc
    if not origin or origin != request.headers.get("host"):
        raise Refused("not-allowed", "A change with the web page's session must come from that page.")
