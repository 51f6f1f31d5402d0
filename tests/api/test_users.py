"""Users, their paper accounts, and that a POST happens once."""

from __future__ import annotations

import asyncio

import pytest

from tests.api.conftest import TOKEN, Ask, Face


async def test_a_new_user_has_a_paper_account_that_waits_for_its_first_credit(face: Face, ask: Ask) -> None:
    """POST /v1/users writes user, account (opening) and a credit of 1,000.00 that trading will book."""
    answer = await face.post("/v1/users", {"label": "Alice", "telegram_id": 4_000_000_000})

    assert answer.status_code == 201
    shown = answer.json()
    assert shown["user_id"].startswith("U-")
    assert [(one["venue"], one["state"], one["cash_usdc"]) for one in shown["accounts"]] == [
        ("paper", "opening", "0")
    ]
    credits = await ask("SELECT usdc FROM account_credits")
    assert [str(row["usdc"]) for row in credits] == ["1000.000000"]
    assert answer.headers["location"] == f"/v1/users/{shown['user_id']}"
    assert answer.headers["cache-control"] == "no-store"


async def test_users_of_one_label_have_names_of_their_own(face: Face) -> None:
    """Names are derived, so the second of a label takes the next one."""
    names = [await face.new_user("follower") for _ in range(5)]

    assert len(set(names)) == 5
    listed = (await face.get("/v1/users", limit=100)).json()
    assert {item["user_id"] for item in listed["items"]} == set(names)


async def test_a_telegram_id_belongs_to_one_user(face: Face) -> None:
    """The second one is a conflict, not a second account."""
    await face.new_user("Alice", telegram_id=7)

    answer = await face.post("/v1/users", {"label": "Bob", "telegram_id": 7})

    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "label"),
        ({"label": ""}, "label"),
        ({"label": "a\nb"}, "label"),
        ({"label": "A", "paper_usdc": 1000}, "paper_usdc"),
        ({"label": "A", "paper_usdc": "1e3"}, "paper_usdc"),
        ({"label": "A", "paper_usdc": "-1"}, "paper_usdc"),
        ({"label": "A", "telegram_id": "7"}, "telegram_id"),
        ({"label": "A", "admin": True}, "admin"),
    ],
)
async def test_what_is_wrong_with_a_new_user_is_named(
    face: Face, body: dict[str, object], field: str
) -> None:
    """422 as a problem document that names the field."""
    answer = await face.post("/v1/users", body)

    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    problem = answer.json()
    assert [error["field"] for error in problem["errors"]] == [field]
    assert problem["type"] == "urn:polycool:problem:invalid"
    assert problem["instance"] == answer.headers["request-id"]


async def test_a_post_with_the_same_key_happens_once(face: Face) -> None:
    """The first answer comes again, byte for byte; another body under the key is refused."""
    first = await face.post("/v1/users", {"label": "Alice"}, key="one")
    again = await face.post("/v1/users", {"label": "Alice"}, key="one")
    other = await face.post("/v1/users", {"label": "Bob"}, key="one")

    assert again.content == first.content
    assert (again.status_code, again.headers["idempotent-replayed"]) == (201, "true")
    assert (other.status_code, other.json()["code"]) == (422, "key-reused")
    assert len((await face.get("/v1/users")).json()["items"]) == 1


async def test_two_posts_at_once_with_one_key_happen_once(face: Face) -> None:
    """Twenty at once make one user; the others get its answer or are asked to come again."""
    answers = await asyncio.gather(*(face.post("/v1/users", {"label": "A"}, key="same") for _ in range(20)))

    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    assert all(answer.headers["retry-after"] == "1" for answer in answers if answer.status_code == 409)
    assert len((await face.get("/v1/users")).json()["items"]) == 1


async def test_a_refused_post_may_come_again(face: Face) -> None:
    """What was refused left nothing, so the same key is free for the right body."""
    await face.new_user("Alice", telegram_id=7)
    refused = await face.post("/v1/users", {"label": "Bob", "telegram_id": 7}, key="bob")
    taken = await face.post("/v1/users", {"label": "Bob", "telegram_id": 8}, key="bob")

    assert (refused.status_code, taken.status_code) == (409, 201)


async def test_a_post_without_a_key_is_refused(face: Face) -> None:
    """400 key-missing."""
    answer = await face.http.post("/v1/users", json={"label": "Alice"})

    assert (answer.status_code, answer.json()["code"]) == (400, "key-missing")


async def test_paper_money_is_there_once_a_day(face: Face, ask: Ask) -> None:
    """The same key is the same credit; another key within a day is told when; a day later it works again."""
    user = await face.new_user()
    path, body = "/v1/me/accounts/paper/credit", {"usdc": "50.5"}
    asked = [await face.post(path, body, user=user, key=key) for key in ("a", "a", "b")]

    assert [each.status_code for each in asked] == [201, 201, 409]
    assert (asked[0].json()["usdc"], asked[0].json()["booked"]) == ("50.5", False)
    assert "once a day: again at 20" in asked[2].json()["detail"]
    await ask("UPDATE account_credits SET asked_at = asked_at - interval '1 day' WHERE usdc = 50.5")
    assert (await face.post(path, body, user=user, key="c")).status_code == 201
    assert len(await ask("SELECT 1 FROM account_credits WHERE usdc = 50.5")) == 2


@pytest.mark.parametrize(
    "token", [None, "Bearer wrong", "Bearer", "operator-token-of-these-tests", f"Basic {TOKEN}"]
)
async def test_nothing_is_shown_without_the_token(face: Face, token: str | None) -> None:
    """401 as a problem, on every route but health."""
    del face.http.headers["Authorization"]
    headers = {} if token is None else {"Authorization": token}

    for path in ("/v1/users", "/v1/me", "/v1/allocations", "/v1/copy-orders", "/v1/ops/switches/buys", "/v1/signals",
                 "/v1/watched-addresses", "/v1/ops/pipeline", "/v1/positions"):  # fmt: skip
        answer = await face.http.get(path, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "not-signed-in"), path
    assert (await face.http.get("/livez")).status_code == 200
