"""Ways in: tokens the bot mints, links for the web page, API tokens; each is good for what it is for."""

from __future__ import annotations

import base64
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.api.conftest import LEADER, MINT, Ask, Face


def _headers(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _minted(user: str, **more: Any) -> dict[str, str]:
    given: dict[str, Any] = {"now": datetime.now(UTC), "token_id": uuid.uuid4().hex}
    return _headers(MINT.user(user, **given | more))


async def test_a_token_is_good_for_its_minutes_and_its_user(face: Face) -> None:
    """Not before, not after, never for longer than 900 s, and for somebody who is there."""
    user, now = await face.new_user(), datetime.now(UTC)
    asked = {
        "good": _minted(user),
        "a little ahead of our clock": _minted(user, now=now + timedelta(seconds=3)),
        "expired": _minted(user, now=now - timedelta(seconds=901)),
        "not yet": _minted(user, now=now + timedelta(seconds=60)),
        "too long a life": _minted(user, seconds=901),
        "nobody": _minted("U-ZZZZZZZ"),
    }
    found = {
        name: (await face.http.get("/v1/me", headers=headers)).status_code for name, headers in asked.items()
    }

    assert found == {"good": 200, "a little ahead of our clock": 200} | dict.fromkeys(
        ("expired", "not yet", "too long a life", "nobody"), 401
    )


async def test_a_token_given_back_is_good_no_more(face: Face, ask: Ask) -> None:
    """204, then 401; another token of the same user goes on; its id is kept until its end."""
    user = await face.new_user()
    one, other = _minted(user), _minted(user)

    assert (await face.http.get("/v1/me", headers=one)).status_code == 200
    assert (await face.http.delete("/v1/auth/token", headers=one)).status_code == 204
    assert (await face.http.get("/v1/me", headers=one)).status_code == 401
    assert (await face.http.get("/v1/me", headers=other)).status_code == 200
    assert len(await ask("SELECT 1 FROM revoked_tokens WHERE expires_at > now()")) == 1


async def _session(face: Face, user: str) -> tuple[str, str]:
    """(the link, the session's cookie)."""
    made = await face.http.post("/v1/auth/link", headers=face.acting(user))
    assert made.status_code == 201, made.text
    link: str = made.json()["link"]
    async with httpx.AsyncClient(base_url=face.http.base_url) as page:
        signed_in = await page.post("/v1/auth/exchange", json={"link": link})
    assert signed_in.status_code == 204
    cookie = signed_in.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    return link, cookie.split(";")[0]


async def test_a_link_signs_in_once_within_a_minute(face: Face, ask: Ask) -> None:
    """Its session reads, and changes from our own page only; the link is used up, an old one none; the user is told."""
    user = await face.new_user()
    link, cookie = await _session(face, user)
    origin = str(face.http.base_url).rstrip("/")
    async with httpx.AsyncClient(base_url=face.http.base_url, headers={"Cookie": cookie}) as page:
        looked = await page.get("/v1/me")
        changed = await page.patch("/v1/me", json={"language": "fr"}, headers={"Origin": origin})
        foreign = await page.patch(
            "/v1/me", json={"language": "en"}, headers={"Origin": "https://evil.example"}
        )
        bare = await page.patch("/v1/me", json={"language": "en"})
        another = await page.post("/v1/auth/link", headers={"Origin": origin})
        again = await page.post("/v1/auth/exchange", json={"link": link})
        left = await page.delete("/v1/auth/token", headers={"Origin": origin})
        after = await page.get("/v1/me")
    old = (await face.http.post("/v1/auth/link", headers=face.acting(user))).json()["link"]
    await ask("UPDATE sign_in_links SET expires_at = now() - interval '1 second'")
    late = await face.http.post("/v1/auth/exchange", json={"link": old})

    codes = [each.status_code for each in (looked, changed, foreign, bare, another, again, left, after, late)]
    assert codes == [200, 200, 403, 403, 403, 401, 204, 401, 401]
    assert [row["kind"] for row in await ask("SELECT kind FROM notifications")] == ["signed_in"]


async def test_nothing_kept_opens_anything(face: Face, ask: Ask) -> None:
    """No token, link or session stands in a table, not even in a kept answer: whoever reads the tables can use none."""
    user = await face.new_user()
    link, cookie = await _session(face, user)
    made = await face.post("/v1/me/tokens", {"label": "mine", "scope": "write"}, user=user, key="once")
    again = await face.post("/v1/me/tokens", {"label": "mine", "scope": "write"}, user=user, key="once")
    token: str = made.json()["token"]
    secrets = [token, token.removeprefix("pc_"), link.rpartition("=")[2], cookie.partition("=")[2]]
    tables = await ask("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    kept = ""
    for table in tables:
        kept += str(await ask(f"SELECT to_jsonb(t)::text AS row FROM {table['tablename']} t"))

    assert again.json() == made.json() | {"token": None}
    for secret in secrets:
        for spelled in (secret, secret.encode().hex(), base64.b64encode(secret.encode()).decode()):
            assert spelled not in kept


async def test_an_api_token_reads_or_writes_and_widens_nothing(face: Face, ask: Ask) -> None:
    """Read tokens change nothing; write tokens make no token and no link; a token that is gone is 401 (SAFETY R26)."""
    user = await face.new_user()
    made = {
        scope: (await face.post("/v1/me/tokens", {"label": scope, "scope": scope}, user=user)).json()
        for scope in ("read", "write")
    }
    read, write = (_headers(made[scope]["token"]) for scope in ("read", "write"))
    body = {"language": "fr"}

    assert (await face.http.get("/v1/me", headers=read)).status_code == 200
    assert (await face.http.patch("/v1/me", json=body, headers=read)).status_code == 403
    assert (await face.http.patch("/v1/me", json=body, headers=write)).status_code == 200
    for path in ("/v1/me/tokens", "/v1/auth/link"):
        refused = await face.http.post(path, json={"label": "x"}, headers=write | {"Idempotency-Key": "k"})
        assert (refused.status_code, refused.json()["code"]) == (403, "not-allowed")
    assert (await face.http.delete("/v1/me", headers=write)).status_code == 403
    assert (await face.http.get("/v1/me/data", headers=write)).status_code == 403
    listed = (await face.get("/v1/me/tokens", user=user)).json()
    assert [(each["label"], each["token"], each["last_used_at"] is None) for each in listed] == [
        ("write", None, False),
        ("read", None, False),
    ]
    gone = await face.http.delete(f"/v1/me/tokens/{made['read']['token_id']}", headers=face.acting(user))
    assert gone.status_code == 204
    assert (await face.http.get("/v1/me", headers=read)).status_code == 401
    assert (await face.http.delete("/v1/auth/token", headers=write)).status_code == 204
    assert (await face.http.get("/v1/me", headers=write)).status_code == 401


async def test_an_operator_among_users_looks_and_stops_and_allows_nothing(face: Face, ask: Ask) -> None:
    """Their own token opens the operators' pages to look and the switch to stop; accounts get stolen, so no more."""
    user = await face.new_user()
    before = await face.get("/v1/ops/pipeline", user=user)
    await ask("INSERT INTO operators (user_id, added_by) VALUES (%(user)s, 'test')", user=user)
    mine = face.acting(user)
    switch = "/v1/ops/switches/buys"
    looked = await face.http.get("/v1/ops/pipeline", headers=mine)
    stopped = await face.http.put(switch, json={"stopped": True, "reason": "looks wrong"}, headers=mine)
    allowed = await face.http.put(switch, json={"stopped": False, "reason": "all well"}, headers=mine)
    people = await face.http.get("/v1/users", headers=mine)
    roles = await face.http.put(f"/v1/watched-addresses/{LEADER}/roles", json={"roles": []}, headers=mine)

    codes = [each.status_code for each in (before, looked, stopped, allowed, people, roles)]
    assert codes == [403, 200, 200, 403, 403, 403]
    assert (stopped.json()["who"], (await face.get("/v1/me", user=user)).json()["operator"]) == (user, True)
    token = (await face.post("/v1/me/tokens", {"label": "t"}, user=user)).json()["token"]
    assert (await face.http.get("/v1/ops/pipeline", headers=_headers(token))).status_code == 403


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer pc_", "Bearer a.b.c", "Basic x", "Bearer " + "a" * 9_000],
)
async def test_what_is_no_token_proves_nobody(face: Face, authorization: str) -> None:
    """401 with the way to sign in, whatever stands there."""
    answer = await face.http.get("/v1/me", headers={"Authorization": authorization})

    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


async def test_settings_changed_beside_the_bot_are_told(face: Face, ask: Ask) -> None:
    """By the bot's token nothing is said, by an API token (or the web page) a safety notice names the following."""
    user = await face.new_user()
    name = (await face.follow(user, LEADER))["allocation_id"]
    token = (await face.post("/v1/me/tokens", {"label": "t", "scope": "write"}, user=user)).json()["token"]
    for headers, tag in ((face.acting(user), '"1"'), (_headers(token), '"2"')):
        changed = await face.http.patch(
            f"/v1/allocations/{name}",
            json={"settings": {"budget_usdc": "50" if tag == '"1"' else "60"}},
            headers=headers | {"If-Match": tag},
        )
        assert changed.status_code == 200, changed.text

    told = await ask("SELECT kind, class, event, body->>'leader' AS leader FROM notifications")
    assert told == [{"kind": "settings_changed", "class": "safety", "event": f"{name}/3", "leader": LEADER}]
