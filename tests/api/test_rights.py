"""The rights matrix: every route × whose object × who asks, generated from the app's own routes and a table of rights.

A route without a row fails; a foreign object answers 404 like one that does not exist.
"""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import jwt
import pytest
from standardwebhooks import Webhook

from api import ordering, rehearsing
from api.app import create_app
from api.rights import routes_of, who_may
from tests.api.conftest import (
    FORMER_SECRET,
    LEADER,
    MINT,
    SIGNING_SECRET,
    TOKEN,
    Ask,
    Face,
    api_settings,
)
from tests.api.rights_rows import COMMON_ROWS, MADE
from tests.api.rights_table import ABSENT, COMMON, ROWS, Row

ASKERS: Final = (
    "none", "expired", "wrong audience", "indexer", "bot", "operator", "read token", "write token", "operator user",
    "other user", "user",
)  # fmt: skip
USERS: Final = ("read token", "write token", "operator user", "other user", "user")
UNPROVEN: Final = ("none", "expired", "wrong audience")
# After these the askers are not who they were: they come last, each with people of its own.
LAST: Final = ("DELETE /v1/auth/token", "DELETE /v1/me")
_SEPARATE: Final = (403, 404, 401)


def _routes() -> dict[str, frozenset[str]]:
    app = create_app(api_settings("postgresql://nobody@127.0.0.1:1/none", "127.0.0.1:1", ""))
    return {
        f"{method} {route.path}": who_may(route) for route in routes_of(app) for method in route.methods or ()
    }


ROUTES: Final = _routes()


def test_every_route_has_its_row() -> None:
    """100 %: no route passes that nobody has thought about, nor one whose code answers others than the table says."""
    assert set(ROUTES) == set(ROWS)
    said = {
        "-": set(), "I": set(), "IO": {"indexer", "operator"}, "O": {"operator"}, "L": {"operator"}, "S": {"operator"},
        "B": {"bot"}, "UO": {"user", "operator"}, "U": {"user"}, "P": {"user"}, "H": {"user"},
    }  # fmt: skip
    assert {name: set(who) for name, who in ROUTES.items()} == {name: said[ROWS[name].who] for name in ROUTES}


@dataclass
class Cast:
    """Who asks, and what belongs to whom."""

    face: Face
    people: dict[str, str]
    tokens: dict[str, str]
    objects: dict[tuple[str, str], str]

    def headers(self, asker: str, body: bytes) -> dict[str, str]:
        """What proves, or fails to prove, the asker."""
        alice = self.people["user"]
        now = datetime.now(UTC)
        match asker:
            case "none":
                return {}
            case "expired":
                return _bearer(MINT.user(alice, now=now - timedelta(hours=1), token_id=uuid.uuid4().hex))
            case "wrong audience":
                return _bearer(_for_another_audience(alice, now))
            case "indexer":
                webhook_id = uuid.uuid4().hex
                signature = Webhook(SIGNING_SECRET).sign(webhook_id, now, body.decode())
                stamp = str(int(now.timestamp()))
                return {
                    "webhook-id": webhook_id, "webhook-timestamp": stamp, "webhook-signature": signature,
                    "x-webhook-secret": FORMER_SECRET,
                }  # fmt: skip
            case "bot":
                return self.face.as_bot()
            case "operator":
                return _bearer(TOKEN)
            case "read token" | "write token":
                return _bearer(self.tokens[asker])
            case _:
                return self.face.acting(self.people[asker])


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _for_another_audience(user: str, now: datetime) -> str:
    begins = int(now.timestamp())
    claims = {
        "iss": "polycool-bot", "aud": "another-api", "sub": user, "iat": begins, "exp": begins + 60, "jti": "a" * 16,
    }  # fmt: skip
    return jwt.encode(claims, MINT._key, algorithm="EdDSA")


async def _cast(face: Face, ask: Ask, mark: str) -> Cast:
    """Alice, Bob and an operator among users, each object of which there is one of Alice's and one of Bob's."""
    people = {name: await face.new_user(f"{name} {mark}") for name in ("user", "other user", "operator user")}
    await ask("INSERT INTO operators VALUES (%(user)s, now(), 'test')", user=people["operator user"])
    alice = people["user"]
    tokens = {}
    for scope in ("read", "write"):
        made = await face.post("/v1/me/tokens", {"label": scope, "scope": scope}, user=alice)
        tokens[f"{scope} token"] = made.json()["token"]
    cast = Cast(face, people, tokens, {})
    for whose, user in (("own", alice), ("other's", people["other user"])):
        for kind, name in (
            await _objects(face, ask, user, f"{mark}{whose[1]}".upper().ljust(7, "0"))
        ).items():
            cast.objects[kind, whose] = name
    for kind, name in {
        "market": "7", "signal": "S-0000001", "wallet": LEADER, "switch": "live", "letter": "1",
        "redrive": "R-0000001", "plan": "P-0000001", "replay": "a-run",
    }.items():  # fmt: skip
        cast.objects[kind, "own"] = name
    return cast


async def _objects(face: Face, ask: Ask, user: str, mark: str) -> dict[str, str]:
    allocation = (await face.follow(user, LEADER))["allocation_id"]
    token = (await face.post("/v1/me/tokens", {"label": "object"}, user=user)).json()["token_id"]
    (account,) = await ask("SELECT account_id FROM accounts WHERE user_id = %(user)s", user=user)
    about = {
        "user": user, "account": account["account_id"], "allocation": allocation, "leader": LEADER, "copy": f"C-{mark}",
        "quote": f"Q-{mark}", "used": f"Q-U{mark[:-1]}", "order": f"O-{mark}", "address": f"W-{mark}",
        "what_if": f"I-{mark}",
        "session": f"web-{mark}", "to": "0x" + mark.encode().hex().rjust(40, "0"),
    }  # fmt: skip
    for statement in MADE:
        await ask(statement, **about)
    (lot,) = await ask("SELECT lot_id FROM lots WHERE user_id = %(user)s", user=user)
    (notice,) = await ask(
        "SELECT notification_id FROM notifications WHERE user_id = %(user)s LIMIT 1", user=user
    )
    return {
        "allocation": allocation, "token": token, "user": user, "copy": about["copy"], "position": str(lot["lot_id"]),
        "quote": about["quote"], "order": about["order"], "address": about["address"],
        "session": about["session"],
        "notice": str(notice["notification_id"]), "what-if": about["what_if"],
    }  # fmt: skip


def _expected(row: Row, method: str, asker: str, whose: str) -> str:
    """`401`, `403`, `404`, or `in`: let in, whatever the answer then is."""
    if row.who == "-":
        return "in"
    indexers = row.who in ("I", "IO")
    if asker == "indexer" and indexers:
        return "in"
    if asker in UNPROVEN or asker == "indexer" or row.who == "I":
        return "401"
    if not _may(row.who, method, asker):
        return "403"
    if row.of in COMMON:
        return "in"
    if whose == "absent":
        return "404"
    if row.of is None or asker not in USERS or row.who in ("L", "S"):
        return "in"
    owner = {"own": "user", "other's": "other user"}[whose]
    is_theirs = asker == owner or (owner == "user" and asker in ("read token", "write token"))
    return "in" if is_theirs else "404"


def _may(who: str, method: str, asker: str) -> bool:
    reads = method == "GET"
    match asker:
        case "bot":
            return who == "B"
        case "operator":
            return who in ("O", "L", "S", "UO", "IO")
        case "read token":
            return who == "H" or (who in ("U", "UO") and reads)
        case "write token":
            return who in ("U", "UO", "H")
        case "operator user":
            return who in ("U", "P", "UO", "H", "L", "S")
        case _:
            return who in ("U", "P", "UO", "H")


def _cells() -> Iterator[tuple[str, str, str]]:
    """(route, whose object, asker); what changes its askers last."""
    for name in sorted(ROUTES, key=lambda name: (name in LAST, name.startswith("DELETE"), name)):
        of = ROWS[name].of
        objects = (
            ("own",) if of is None else ("own", "absent") if of in COMMON else ("own", "other's", "absent")
        )
        for whose in objects:
            for asker in ASKERS:
                yield name, whose, asker


def _headers_and_path(cast: Cast, name: str, whose: str) -> tuple[str, str, bytes, dict[str, str]]:
    """(method, path, body, headers) of the route about somebody's object."""
    method, _, path = name.partition(" ")
    row = ROWS[name]
    body = b"" if row.body is None else json.dumps(row.body).encode()
    if row.of is not None:
        wanted = ABSENT[row.of] if whose == "absent" else cast.objects[row.of, whose]
        body = body.replace(b"{id}", wanted.encode())
        path = path.partition("{")[0] + wanted + path.partition("}")[2] if "{" in path else path
    if name == "GET /v1/wallets/resolve":
        path += f"?q={LEADER}"
    return (
        method,
        path,
        body,
        {"Idempotency-Key": uuid.uuid4().hex, "Content-Type": "application/json"} | row.headers,
    )


async def _asked(cast: Cast, name: str, whose: str, asker: str) -> int:
    method, path, body, headers = _headers_and_path(cast, name, whose)
    request = cast.face.http.build_request(method, path, content=body, headers=headers)
    del request.headers["authorization"]
    request.headers.update(cast.headers(asker, body))
    # Streams of events have no end: the head of the answer is enough.
    answer = await cast.face.http.send(request, stream=True)
    await answer.aclose()
    return answer.status_code


def _fits(expected: str, row: Row, status: int) -> bool:
    if expected != "in":
        return status == int(expected)
    # What is common may be unknown to us: 404 says nothing of anybody.
    return (
        status in row.also
        or (row.of in COMMON and status == 404)
        or (status not in _SEPARATE and status < 500)
    )


@pytest.mark.timeout(900)
async def test_the_rights_matrix(face: Face, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each cell answers as the table says: 401 who is not proven, 403 who is not meant, 404 what is not theirs."""
    monkeypatch.setattr(ordering, "ANSWER_SECONDS", 0.0)
    monkeypatch.setattr(rehearsing, "ANSWER_SECONDS", 0.0)
    for statement in COMMON_ROWS:
        await ask(statement)
    cast, made_for = await _cast(face, ask, "a"), "all"
    wrong, counts = [], Counter[str]()
    for name, whose, asker in _cells():
        if name in LAST and made_for != name:
            cast, made_for = await _cast(face, ask, f"l{LAST.index(name)}"), name
        expected = _expected(ROWS[name], name.partition(" ")[0], asker, whose)
        status = await _asked(cast, name, whose, asker)
        counts[expected] += 1
        if not _fits(expected, ROWS[name], status):
            wrong.append(f"{name} · {whose} · {asker}: {status}, expected {expected}")
    print(f"rights matrix: {len(ROUTES)} routes, {counts.total()} cells: {dict(counts)}", *wrong, sep="\n")  # noqa: T201
    assert wrong == []
