"""The operators' switches."""

from __future__ import annotations

import pytest

from tests.api.conftest import Ask, Face

BUYS = "/v1/ops/switches/buys"


async def test_a_stop_says_who_when_and_why(face: Face) -> None:
    """State, note and history; the reason is required."""
    headers = {"Polycool-Operator": "ada"}
    stopped = await face.http.put(
        BUYS, json={"stopped": True, "reason": "exchange incident"}, headers=headers
    )
    allowed = await face.http.put(BUYS, json={"stopped": False, "reason": "it is over"}, headers=headers)

    assert (stopped.json()["stopped"], stopped.json()["note"]) == (True, "exchange incident")
    shown = (await face.get(BUYS)).json()
    assert (shown["stopped"], shown["who"]) == (False, "ada")
    assert [(one["stopped"], one["note"]) for one in shown["history"]] == [
        (False, "it is over"), (True, "exchange incident"),
    ]  # fmt: skip
    assert allowed.json()["changed_at"] > stopped.json()["changed_at"]


async def test_r31_allowing_what_is_allowed_does_not_move_the_moment(face: Face) -> None:
    """`changed_at` is when it was last stopped or allowed: trades before an allowing are not bought."""
    await face.http.put(BUYS, json={"stopped": True, "reason": "incident"})
    first = (await face.http.put(BUYS, json={"stopped": False, "reason": "over"})).json()
    again = (await face.http.put(BUYS, json={"stopped": False, "reason": "really over"})).json()

    assert (again["changed_at"], again["note"]) == (first["changed_at"], "really over")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"stopped": True}, "reason"),
        ({"stopped": True, "reason": ""}, "reason"),
        ({"stopped": True, "reason": "a\nb c"}, "reason"),
        ({"reason": "why not"}, "stopped"),
        ({"stopped": "perhaps", "reason": "why not"}, "stopped"),
    ],
)
async def test_a_switch_wants_a_reason(face: Face, body: dict[str, object], field: str) -> None:
    """422 by name; nothing is changed."""
    answer = await face.http.put(BUYS, json=body)

    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert (await face.get(BUYS)).json()["history"] == []


async def test_an_unknown_switch_is_refused(face: Face) -> None:
    """The set is closed."""
    assert (await face.get("/v1/ops/switches/everything")).status_code == 422


async def test_everybody_is_told_of_a_stop_and_of_its_end_once(face: Face, ask: Ask) -> None:
    """A safety notice for each user; saying the same again tells nobody."""
    users = {await face.new_user(label) for label in ("Alice", "Bob")}
    for stopped in (True, True, False):
        await face.http.put(BUYS, json={"stopped": stopped, "reason": "exchange incident"})

    told = await ask("SELECT user_id, kind, body->>'note' AS note FROM notifications")
    assert {row["user_id"] for row in told} == users
    assert sorted(row["kind"] for row in told) == ["buys_allowed"] * 2 + ["buys_stopped"] * 2
    assert {row["note"] for row in told} == {"exchange incident"}
