"""Every handler forgets for whom it asks: its queries name another user. The database still keeps people apart."""

from __future__ import annotations

from typing import Any, Final

import pytest

from api import ordering, rehearsing
from api.database import Transaction
from tests.api.conftest import Ask, Face
from tests.api.rights_rows import COMMON_ROWS
from tests.api.rights_table import COMMON, ROWS
from tests.api.test_rights import ROUTES, Cast, _cast, _headers_and_path

# What proves who asks, and enters their scope: not the handlers' own checks, but what they would rest on.
_FOUNDATION: Final = frozenset({"enter_scope", "who_stands", "who_sits", "who_holds_token", "token_was_used"})


def _of_users() -> list[str]:
    """Routes for users; giving back one's token and leaving come last."""
    names = [
        name for name in ROUTES if ROWS[name].who in ("U", "P", "UO", "H") and ROWS[name].of not in COMMON
    ]
    return sorted(names, key=lambda name: (name in ("DELETE /v1/auth/token", "DELETE /v1/me"), name))


async def _kept(ask: Ask, user: str) -> dict[str, Any]:
    """All rows that name the user, table by table."""
    tables = await ask(
        "SELECT c.table_name AS name FROM information_schema.columns c JOIN information_schema.tables t"
        " USING (table_schema, table_name) WHERE c.column_name = 'user_id' AND c.table_schema = 'public'"
        " AND t.table_type = 'BASE TABLE' ORDER BY 1"
    )
    return {
        table["name"]: await ask(
            f"SELECT to_jsonb(t) AS row FROM {table['name']} t WHERE user_id = %(user)s ORDER BY 1", user=user
        )
        for table in tables
    }


@pytest.mark.timeout(600)
async def test_handlers_without_their_checks_show_and_change_nothing_of_others(
    face: Face, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bob asks every route of users about Alice's objects, and each query says `user_id = Alice`: none of her names is
    in any answer, none of her rows changes; asked the same way, Alice does see hers."""
    monkeypatch.setattr(ordering, "ANSWER_SECONDS", 0.0)
    monkeypatch.setattr(rehearsing, "ANSWER_SECONDS", 0.0)
    for statement in COMMON_ROWS:
        await ask(statement)
    cast = await _cast(face, ask, "r")
    alice = cast.people["user"]
    before = await _kept(ask, alice)
    hers = {name for (_, whose), name in cast.objects.items() if whose == "own" and len(name) > 6} - {
        cast.objects[kind, "own"] for kind in COMMON
    }
    assert len([rows for rows in before.values() if rows]) >= 9
    _forget_for_whom(monkeypatch, alice)

    told, asked = {}, 0
    for name in _of_users():
        answer = await _answer(cast, name, "other user")
        asked += 1
        shown = {each for each in hers if each in answer and each not in _sent(cast, name)}
        if shown:
            told[name] = shown
    mine = await _answer(cast, "GET /v1/allocations", "user")
    monkeypatch.undo()

    print(f"routes asked without their checks: {asked}")  # noqa: T201 (how much was asked)
    assert told == {}
    assert await _kept(ask, alice) == before
    assert cast.objects["allocation", "own"] in mine
    assert asked > 40


def _forget_for_whom(monkeypatch: pytest.MonkeyPatch, user: str) -> None:
    for method in ("rows", "row", "run"):
        asked = getattr(Transaction, method)

        def patched(self: Transaction, name: str, /, *, _asked: Any = asked, **values: object) -> Any:
            if name not in _FOUNDATION:
                values |= {which: user for which in ("user_id", "owner") if which in values}
            return _asked(self, name, **values)

        monkeypatch.setattr(Transaction, method, patched)


def _sent(cast: Cast, name: str) -> str:
    """What the asker said themselves may come back in a refusal."""
    of = ROWS[name].of
    return "" if of is None else cast.objects[of, "own"]


async def _answer(cast: Cast, name: str, asker: str) -> str:
    if name.endswith("/events"):
        return ""
    method, path, body, headers = _headers_and_path(cast, name, "own")
    request = cast.face.http.build_request(method, path, content=body, headers=headers)
    del request.headers["authorization"]
    request.headers.update(cast.headers(asker, body))
    return (await cast.face.http.send(request)).text
