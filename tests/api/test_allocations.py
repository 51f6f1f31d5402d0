"""Followings: begun, changed as versions, paused, closed, ended; each user sees only their own."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.api.conftest import LEADER, OTHER, SETTINGS, Ask, Face


async def test_a_following_begins_with_its_first_version(face: Face, ask: Ask) -> None:
    """Active, version 1, tagged; the leader is watched as copy_leader; it starts once the role is read."""
    user = await face.new_user()

    answer = await face.post("/v1/allocations", {"leader": LEADER, "settings": SETTINGS}, user=user)

    shown = answer.json()
    assert (answer.status_code, answer.headers["etag"]) == (201, '"1"')
    assert (shown["state"], shown["version"], shown["leader"]) == ("active", 1, LEADER)
    assert (shown["starting"], shown["active_from"]) == (True, None)
    assert shown["settings"]["fixed_amount_usdc"] == "2"
    row = (await ask("SELECT active_from, role_version FROM copy_trading_allocations"))[0]
    assert (datetime.now(UTC) - row["active_from"]).total_seconds() < 60
    assert row["role_version"] == 1


async def test_r16_a_following_is_in_force_once_classify_has_read_the_role(face: Face, ask: Ask) -> None:
    """`active_from` is not before that moment, also when a later version of the roles was read first."""
    user = await face.new_user()
    begun = await face.follow(user, LEADER)
    await ask("INSERT INTO role_reads (wallet, version) VALUES (%(wallet)s, 2)", wallet=LEADER)
    read_at = (await ask("SELECT read_at FROM role_reads"))[0]["read_at"]

    shown = (await face.get(f"/v1/allocations/{begun['allocation_id']}", user=user)).json()

    assert shown["starting"] is False
    assert datetime.fromisoformat(shown["active_from"]) == read_at


async def test_one_follows_a_leader_once_until_it_has_ended(face: Face) -> None:
    """The second following is a conflict; after the end a new one begins under a new name."""
    user = await face.new_user()
    first = await face.follow(user, LEADER)
    again = await face.post("/v1/allocations", {"leader": LEADER, "settings": SETTINGS}, user=user)
    assert (again.status_code, again.json()["code"]) == (409, "conflict")

    ended = await face.post(f"/v1/allocations/{first['allocation_id']}/end", user=user)
    assert ended.json()["state"] == "ended"
    second = await face.follow(user, LEADER)

    assert second["allocation_id"] != first["allocation_id"]


async def test_twenty_at_once_follow_one_leader_once_each(face: Face, ask: Ask) -> None:
    """B-27, R16: the wallet's row makes them wait for each other; roles are gained once."""
    users = [await face.new_user("follower") for _ in range(10)]
    bodies = [(user, {"leader": LEADER, "settings": SETTINGS}) for user in users for _ in range(2)]

    answers = await asyncio.gather(*(face.post("/v1/allocations", body, user=user) for user, body in bodies))

    assert sorted(answer.status_code for answer in answers) == [201] * 10 + [409] * 10
    assert len(await ask("SELECT 1 FROM wallet_roles")) == 1
    assert len(await ask("SELECT 1 FROM outbox")) == 1


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"mode": "percentage"}, "settings.mode"),
        ({"mode": "multiplier"}, "settings.multiplier"),
        ({"fixed_amount_usdc": None}, "settings.fixed_amount_usdc"),
        ({"fixed_amount_usdc": 2}, "settings.fixed_amount_usdc"),
        ({"fixed_amount_usdc": "0.99"}, "settings.fixed_amount_usdc"),
        ({"fixed_amount_usdc": "NaN"}, "settings.fixed_amount_usdc"),
        ({"budget_usdc": None}, "settings.budget_usdc"),
        ({"max_age_seconds": 3_601}, "settings.max_age_seconds"),
        ({"min_price": "0.9", "max_price": "0.1"}, "settings.min_price"),
        ({"buy_slippage": "0.51"}, "settings.buy_slippage"),
        ({"entries": "none"}, "settings.entries"),
        ({"tp_price": "0.9"}, "settings.tp_price"),
    ],
)
async def test_what_is_wrong_with_settings_is_named(face: Face, settings: dict[str, Any], field: str) -> None:
    """422 naming the setting."""
    user = await face.new_user()
    body = {"leader": LEADER, "settings": {k: v for k, v in (SETTINGS | settings).items() if v is not None}}

    answer = await face.post("/v1/allocations", body, user=user)

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_one_cannot_follow_oneself(face: Face, ask: Ask) -> None:
    """The own wallet is refused."""
    user = await face.new_user()
    await ask("UPDATE accounts SET wallet = %(wallet)s, state = 'ready'", wallet=LEADER)

    answer = await face.post("/v1/allocations", {"leader": LEADER, "settings": SETTINGS}, user=user)

    assert [error["field"] for error in answer.json()["errors"]] == ["leader"]


async def test_live_following_needs_a_live_account(face: Face) -> None:
    """Nothing real without arming."""
    user = await face.new_user()

    body = {"leader": LEADER, "venue": "polymarket", "settings": SETTINGS}
    answer = await face.post("/v1/allocations", body, user=user)

    assert (answer.status_code, answer.json()["code"]) == (409, "live-not-armed")


async def _patch(face: Face, user: str, name: str, settings: dict[str, Any], tag: str | None) -> Any:
    headers = face.acting(user) | ({} if tag is None else {"If-Match": tag})
    return await face.http.patch(f"/v1/allocations/{name}", json={"settings": settings}, headers=headers)


async def test_a_change_is_a_new_version_and_keeps_the_rest(face: Face) -> None:
    """Named settings change, null takes one away, others stay; the old version stays readable."""
    user = await face.new_user()
    name = (await face.follow(user, LEADER, max_per_trade_usdc="5"))["allocation_id"]

    answer = await _patch(face, user, name, {"fixed_amount_usdc": "3", "max_per_trade_usdc": None}, '"1"')

    assert (answer.status_code, answer.headers["etag"]) == (200, '"2"')
    settings = answer.json()["settings"]
    assert (settings["fixed_amount_usdc"], settings["max_per_trade_usdc"], settings["budget_usdc"]) == (
        "3",
        None,
        "100",
    )
    versions = (await face.get(f"/v1/allocations/{name}/versions", user=user)).json()
    assert [(v["version"], v["settings"]["fixed_amount_usdc"]) for v in versions] == [(2, "3"), (1, "2")]


@pytest.mark.parametrize(
    ("tag", "status", "code"),
    [
        (None, 428, "if-match-missing"),
        ('"9"', 412, "version-changed"),
        ("1", 422, "invalid"),
        ("*", 422, "invalid"),
    ],
)
async def test_a_change_says_what_it_changes(face: Face, tag: str | None, status: int, code: str) -> None:
    """Without the tag in force nothing is saved; a stale one gets the current."""
    user = await face.new_user()
    name = (await face.follow(user, LEADER))["allocation_id"]

    answer = await _patch(face, user, name, {"fixed_amount_usdc": "3"}, tag)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    if status == 412:
        assert answer.headers["etag"] == '"1"'
    assert (await face.get(f"/v1/allocations/{name}", user=user)).json()["version"] == 1


async def test_of_many_changes_at_once_one_wins(face: Face) -> None:
    """Ten with the same tag: one new version."""
    user = await face.new_user()
    name = (await face.follow(user, LEADER))["allocation_id"]

    answers = await asyncio.gather(
        *(_patch(face, user, name, {"fixed_amount_usdc": str(n + 2)}, '"1"') for n in range(10))
    )

    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 9


async def test_pause_resume_close_end_go_only_where_there_is_a_way(face: Face) -> None:
    """Each step is a version; again changes nothing; an ended one stays ended."""
    user = await face.new_user()
    name = (await face.follow(user, LEADER))["allocation_id"]
    seen = []
    for verb in ("pause", "pause", "resume", "close", "pause", "end", "end", "resume"):
        answer = await face.post(f"/v1/allocations/{name}/{verb}", user=user)
        shown = answer.json()
        seen.append((verb, answer.status_code, shown.get("state"), shown.get("version")))

    assert seen == [
        ("pause", 200, "paused", 2), ("pause", 200, "paused", 2), ("resume", 200, "active", 3),
        ("close", 200, "closing", 4), ("pause", 409, None, None), ("end", 200, "ended", 5),
        ("end", 200, "ended", 5), ("resume", 409, None, None),
    ]  # fmt: skip


async def test_r31_resuming_says_from_when_buys_count(face: Face) -> None:
    """`buys_from` is the moment of the resume; pausing alone sets none."""
    user = await face.new_user()
    name = (await face.follow(user, LEADER))["allocation_id"]
    paused = (await face.post(f"/v1/allocations/{name}/pause", user=user)).json()
    resumed = (await face.post(f"/v1/allocations/{name}/resume", user=user)).json()

    assert paused["buys_from"] is None
    assert resumed["buys_from"] == resumed["changed_at"]


async def test_what_is_anothers_is_not_there(face: Face) -> None:
    """404 for looking, changing and stopping, as for what does not exist."""
    alice, bob = await face.new_user("Alice"), await face.new_user("Bob")
    name = (await face.follow(alice, LEADER))["allocation_id"]

    for foreign in (name, "A-0000000"):
        path = f"/v1/allocations/{foreign}"
        answers = [
            await face.get(path, user=bob),
            await face.get(f"{path}/versions", user=bob),
            await _patch(face, bob, foreign, {"fixed_amount_usdc": "3"}, '"1"'),
            *[await face.post(f"{path}/{verb}", user=bob) for verb in ("pause", "resume", "close", "end")],
        ]
        assert {answer.status_code for answer in answers} == {404}
        assert {answer.json()["detail"] for answer in answers} == {"There is no such following."}
    assert (await face.get("/v1/allocations", user=bob)).json()["items"] == []
    assert (await face.get(f"/v1/allocations/{name}", user=alice)).json()["version"] == 1


async def test_a_cursor_neither_misses_nor_repeats_while_rows_arrive(face: Face) -> None:
    """A walk over pages of two sees each following of its beginning once; what came later is not in it."""
    user = await face.new_user()
    leaders = [f"0x{number:040x}" for number in range(7)]
    begun = [(await face.follow(user, leader))["allocation_id"] for leader in leaders]
    seen: list[str] = []
    cursor: str | None = None
    for step in range(10):
        parameters = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = (await face.get("/v1/allocations", user=user, **parameters)).json()
        seen += [item["allocation_id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
        await face.follow(user, f"0x{100 + step:040x}")

    assert seen == begun[::-1]


async def test_a_cursor_belongs_to_its_filters_and_its_asker(face: Face) -> None:
    """Another user's cursor, one with other filters and one made up are refused by name."""
    alice, bob = await face.new_user("Alice"), await face.new_user("Bob")
    for leader in (LEADER, OTHER):
        await face.follow(alice, leader)
    cursor = (await face.get("/v1/allocations", user=alice, limit=1)).json()["next_cursor"]

    for answer in (
        await face.get("/v1/allocations", user=bob, cursor=cursor),
        await face.get("/v1/allocations", user=alice, cursor=cursor, state="active"),
        await face.get("/v1/allocations", user=alice, cursor="AA" + cursor[2:]),
        await face.get("/v1/allocations", user=alice, cursor="é"),
    ):
        assert [error["field"] for error in answer.json()["errors"]] == ["cursor"]
    for limit in ("0", "101", "x"):
        answer = await face.get("/v1/allocations", user=alice, limit=limit)
        assert [error["field"] for error in answer.json()["errors"]] == ["limit"]


async def test_a_users_route_wants_a_user(face: Face) -> None:
    """An operator's token acts for no user; a name that is no user's proves nobody."""
    answers = [await face.get("/v1/allocations"), await face.get("/v1/allocations", user="U-0000000")]

    assert [(each.status_code, each.json()["code"]) for each in answers] == [
        (403, "not-allowed"),
        (401, "not-signed-in"),
    ]
