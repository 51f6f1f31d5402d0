"""Ways in beside the bot: a link for the web page, its session, and API tokens of one's own. Only digests are kept."""

from __future__ import annotations

import json
import secrets
from datetime import datetime
from itertools import count
from typing import Final

from api.actor import UserActor, not_allowed
from api.credentials import Way, not_signed_in, sha256
from api.database import Transaction
from api.problems import Refused, not_found
from schemas.ids import api_token_name
from schemas.me_views import ApiTokenView, LinkView, NewApiToken
from schemas.signing_in import API_TOKEN_PREFIX

LINK_SECONDS: Final = 60
# A working day: who comes back the next morning asks the bot for a new link.
SESSION_SECONDS: Final = 43_200
API_TOKENS_MAX: Final = 20
# 32 bytes cannot be guessed, so their digest needs no salt.
# Ten signs: so many a button can name.
_NAME_BYTES: Final = 7
_SECRET_BYTES: Final = 32
_LINK_MARK: Final = "#link="


async def link(transaction: Transaction, asking: UserActor, public_url: str) -> LinkView:
    """A link good once, for 60 s. What opens stands after the #, which no server and no log of one gets to see."""
    if asking.way is not Way.BOT:
        raise not_allowed("A link for the web page is made by the bot.")
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    row = await transaction.row(
        "make_link", sha256=sha256(secret), user_id=asking.user_id, seconds=LINK_SECONDS
    )
    assert row is not None, "just made"
    expires_at: datetime = row["expires_at"]
    return LinkView(link=f"{public_url.rstrip('/')}/me{_LINK_MARK}{secret}", expires_at=expires_at)


async def exchange(transaction: Transaction, given: str) -> tuple[str, str]:
    """(user, the session's secret) for a link, whole or what stands behind its mark. 401 for one that is used, old or
    none; the user is told of the sign-in."""
    secret = given.rpartition(_LINK_MARK)[2]
    used = await transaction.row("use_link", sha256=sha256(secret))
    if used is None:
        raise not_signed_in()
    user_id: str = used["user_id"]
    session, session_id = secrets.token_urlsafe(_SECRET_BYTES), secrets.token_urlsafe(_NAME_BYTES)
    await transaction.run(
        "begin_session",
        sha256=sha256(session),
        session_id=session_id,
        user_id=user_id,
        seconds=SESSION_SECONDS,
    )
    body = json.dumps({"session_id": session_id})
    await transaction.run("tell", user_id=user_id, kind="signed_in", event=session_id, body=body)
    return user_id, session


async def give_back(transaction: Transaction, asking: UserActor) -> None:
    """The credential that came opens nothing any more."""
    mine = {"user_id": asking.user_id}
    match asking.way:
        case Way.API_TOKEN:
            await transaction.run("drop_api_token", token_id=asking.credential, **mine)
        case Way.WEB:
            await transaction.run("end_session", session_id=asking.credential, **mine)
        case _:
            await transaction.run(
                "revoke_token", token_id=asking.credential, expires_at=asking.expires_at, **mine
            )


async def make_token(transaction: Transaction, user_id: str, wanted: NewApiToken, key: str) -> ApiTokenView:
    """A new API token; its text is in this answer and nowhere else. 409 for more than twenty."""
    known = await tokens(transaction, user_id)
    if len(known) >= API_TOKENS_MAX:
        raise Refused("conflict", f"You have {len(known)} API tokens; delete one first.")
    secret = API_TOKEN_PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
    row = {"user_id": user_id, "label": wanted.label, "scope": wanted.scope, "sha256": sha256(secret)}
    for attempt in count():
        name = api_token_name(user_id, key, attempt)
        if await transaction.run("make_api_token", token_id=name, **row):
            made = next(each for each in await tokens(transaction, user_id) if each.token_id == name)
            return made.model_copy(update={"token": secret})
    raise AssertionError("names do not run out")


async def tokens(transaction: Transaction, user_id: str) -> tuple[ApiTokenView, ...]:
    """The user's API tokens, newest first, without their texts."""
    rows = await transaction.rows("api_tokens", user_id=user_id)
    return tuple(ApiTokenView.model_validate(row) for row in rows)


async def drop_token(transaction: Transaction, user_id: str, token_id: str) -> None:
    """An API token opens nothing any more. 404 when it is none of the user's."""
    if not await transaction.run("drop_api_token", token_id=token_id, user_id=user_id):
        raise not_found("API token")


async def end_session(transaction: Transaction, user_id: str, session_id: str) -> None:
    """The session opens nothing any more. 404 when it is none of the user's."""
    if not await transaction.run("end_session", session_id=session_id, user_id=user_id):
        raise not_found("session")
