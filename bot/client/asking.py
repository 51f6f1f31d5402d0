"""The API for one user: what is looked at and changed, as the views of `schemas`."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Hashable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, TypeVar, cast

from cachetools import TTLCache
from pydantic import BaseModel, TypeAdapter

from bot.client.errors import Refused
from bot.client.memory import Memory
from bot.client.rates import UNHELD
from bot.client.transport import Request, Transport
from bot.minting import Mint
from schemas.me_views import TelegramUser
from schemas.views import Page, UserView

T = TypeVar("T")
Item = TypeVar("Item", bound=BaseModel)
# A token lives 900 s; a new one is minted well before.
TOKEN_KEPT_SECONDS: Final = 600
TOKENS_KEPT: Final = 20_000
SERVICE: Final = UNHELD
PAGE_MAX: Final = 100


class Api:
    """The API, asked for whomever the bot serves. One for the process."""

    def __init__(
        self,
        transport: Transport,
        mint: Mint,
        *,
        memory: Memory | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.transport = transport
        self.memory = memory or Memory()
        self._mint = mint
        self._now = now
        self._tokens: TTLCache[str, str] = TTLCache(TOKENS_KEPT, TOKEN_KEPT_SECONDS)

    def acting_for(self, user_id: str, language: str = "en") -> UserApi:
        """The API as exactly this user may ask it."""
        return UserApi(self, user_id, language)

    async def sign_in(self, person: TelegramUser) -> tuple[UserView, bool]:
        """The user of somebody on Telegram, and whether they are new; made at their first word."""
        answer = await self.as_bot("POST", "/v1/bot/users", person.model_dump(mode="json"))
        return UserView.model_validate_json(answer.content), answer.status_code == 201

    async def as_bot(self, method: str, path: str, body: Any = None, *, key: str | None = None) -> Any:
        """Ask with the bot's own token (notices, letting people in). Returns the httpx.Response."""
        return await self.transport.ask(
            Request(method, path, SERVICE, lambda: self.token(SERVICE), body=body, key=key or new_key())
        )

    def token(self, user: str) -> str:
        """A token of the user, or of the bot itself, good for some minutes more."""
        kept = self._tokens.get(user)
        if kept is None:
            now, token_id = self._now(), secrets.token_hex(16)
            kept = (
                self._mint.own(now=now, token_id=token_id)
                if user == SERVICE
                else self._mint.user(user, now=now, token_id=token_id)
            )
            self._tokens[user] = kept
        return kept


class UserApi:
    """Everything is asked for one user; no argument can name another."""

    def __init__(self, api: Api, user_id: str, language: str) -> None:
        self._api = api
        self.user_id = user_id
        self._language = language

    async def look(self, kind: type[T], path: str, *, fresh: bool = False, **params: Any) -> T:
        """GET one thing. An answer of the last two seconds serves too unless it must be `fresh`."""
        memory = self._api.memory
        question = f"{path}?{sorted((name, str(value)) for name, value in params.items())}"
        kept = None if fresh else memory.get(self.user_id, question)
        if kept is None:
            begun = memory.begin()
            answer = await self._ask("GET", path, params=params)
            kept = answer.content
            memory.keep(self.user_id, question, begun, kept)
        return _read(kind, kept)

    async def page(self, kind: type[Item], path: str, *, fresh: bool = False, **params: Any) -> Page[Item]:
        """GET a part of a list; `limit` up to 100, `cursor` of the part before."""
        whole: type[Page[Item]] = Page[kind]  # type: ignore[valid-type]
        return await self.look(whole, path, fresh=fresh, **params)

    async def listed(self, kind: type[Item], path: str, most: int = PAGE_MAX, **params: Any) -> list[Item]:
        """The first `most` of a list, newest first."""
        found: list[Item] = []
        cursor: str | None = None
        while len(found) < most:
            limit = min(PAGE_MAX, most - len(found))
            page = await self.page(kind, path, limit=limit, cursor=cursor, **params)
            found += page.items
            cursor = page.next_cursor
            if cursor is None:
                break
        return found

    async def post(self, kind: type[T], path: str, body: Any = None, *, key: str) -> T:
        """POST a deed. `key` names it among this user's deeds: the same key is the same deed, done once."""
        answer = await self._write("POST", path, body=body, key=f"{self.user_id}/{key}")
        return _read(kind, answer.content)

    async def put(self, kind: type[T], path: str, body: Any, *, version: int | None = None) -> T:
        """PUT the whole of something; `version`: only while it is still at this one (else Refused version-changed)."""
        answer = await self._write("PUT", path, body=body, if_match=_text(version))
        return _read(kind, answer.content)

    async def patch(self, kind: type[T], path: str, body: Any, *, version: int | None = None) -> T:
        """PATCH what is named; `version` as with `put`."""
        answer = await self._write("PATCH", path, body=body, if_match=_text(version))
        return _read(kind, answer.content)

    async def delete(self, path: str) -> None:
        """DELETE something; that it is gone already is no fault of anybody."""
        try:
            await self._write("DELETE", path)
        except Refused as refused:
            if refused.code != "not-found":
                raise

    async def _write(self, method: str, path: str, **more: Any) -> Any:
        self._api.memory.wrote(self.user_id)
        try:
            return await self._ask(method, path, **more)
        finally:
            self._api.memory.wrote(self.user_id)

    async def _ask(self, method: str, path: str, **more: Any) -> Any:
        def token() -> str:
            return self._api.token(self.user_id)

        request = Request(method, path, self.user_id, token, language=self._language, **more)
        return await self._api.transport.ask(request)


def new_key() -> str:
    """A key that no deed had before."""
    return secrets.token_hex(16)


@lru_cache(maxsize=256)
def _reader(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def _read(kind: type[T], content: bytes) -> T:
    read: T = _reader(cast(Hashable, kind)).validate_json(content)
    return read


def _text(version: int | None) -> str | None:
    return None if version is None else str(version)
