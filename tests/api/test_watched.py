"""Watched wallets: roles are a set, spellings are normalised, removal ends followings (SAFETY R16)."""

from __future__ import annotations

import pytest

from schemas.watched import WatchedAddress
from tests.api.conftest import FORMER_SECRET, LEADER, OTHER, Ask, Face


async def test_b32_a_wallet_holds_both_roles_and_keeps_the_first(face: Face, ask: Ask) -> None:
    """Following a smart trader adds a role; none is overwritten, and the topic is told both with their versions."""
    await face.post("/v1/watched-addresses", {"wallet": LEADER, "roles": ["smart_trader"], "label": "Whale"})
    user = await face.new_user()
    await face.follow(user, LEADER)

    shown = (await face.get(f"/v1/watched-addresses/{LEADER}")).json()

    assert shown["roles"] == ["copy_leader", "smart_trader"]
    assert (shown["version"], shown["label"]) == (2, "Whale")
    sent = [
        WatchedAddress.decode(bytes(row["value"])) for row in await ask("SELECT value FROM outbox ORDER BY 1")
    ]
    newest = max(sent, key=lambda message: message.version)
    assert newest.since == {"copy_leader": 2, "smart_trader": 1}


@pytest.mark.parametrize("spelling", ["smart_wallet", "smart_trader"])
async def test_b33_both_spellings_mean_a_smart_trader(face: Face, spelling: str) -> None:
    """An imported `smart_wallet` is seen as what it is."""
    answer = await face.post(
        "/v1/watched-addresses", {"wallet": LEADER.upper().replace("0X", "0x"), "roles": [spelling]}
    )

    assert answer.status_code == 201, answer.text
    listed = (await face.get("/v1/watched-addresses", role="smart_trader")).json()
    assert [(item["wallet"], item["roles"]) for item in listed["items"]] == [(LEADER, ["smart_trader"])]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"wallet": LEADER, "roles": ["bot_user"]}, "roles.0"),
        ({"wallet": LEADER, "roles": ["Smart_Trader"]}, "roles.0"),
        ({"wallet": LEADER[:-1], "roles": []}, "wallet"),
        ({"wallet": LEADER, "roles": "copy_leader"}, "roles"),
        ({"wallet": LEADER, "roles": [], "win_rate": "1.1"}, "win_rate"),
        ({"wallet": LEADER, "roles": [], "win_rate": 0.5}, "win_rate"),
    ],
)
async def test_other_spellings_are_refused_by_name(face: Face, body: dict[str, object], field: str) -> None:
    """The set is closed."""
    answer = await face.post("/v1/watched-addresses", body)

    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_putting_roles_replaces_the_set_and_each_change_is_a_version(face: Face, ask: Ask) -> None:
    """Roles end by an empty set, never by silence; what changes nothing makes no version."""
    await face.post("/v1/watched-addresses", {"wallet": LEADER, "roles": ["copy_leader"], "win_rate": "0.61"})
    path = f"/v1/watched-addresses/{LEADER}/roles"
    for roles in (["smart_trader"], ["smart_wallet"], []):
        assert (await face.http.put(path, json={"roles": roles})).status_code == 200

    shown = (await face.get(f"/v1/watched-addresses/{LEADER}")).json()
    assert (shown["roles"], shown["version"], shown["win_rate"]) == ([], 3, "0.61")
    sent = [
        WatchedAddress.decode(bytes(row["value"]))
        for row in await ask("SELECT value FROM outbox ORDER BY outbox_id")
    ]
    assert [(message.version, list(message.roles)) for message in sent] == [
        (1, ["copy_leader"]), (2, ["smart_trader"]), (3, []),
    ]  # fmt: skip
    held = await ask("SELECT role FROM wallet_roles WHERE to_at IS NULL")
    assert held == []


async def test_r16_a_followed_leader_keeps_the_role(face: Face) -> None:
    """copy_leader cannot go while somebody follows the wallet."""
    user = await face.new_user()
    await face.follow(user, LEADER)

    answer = await face.http.put(f"/v1/watched-addresses/{LEADER}/roles", json={"roles": ["smart_trader"]})

    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert (await face.get(f"/v1/watched-addresses/{LEADER}")).json()["roles"] == ["copy_leader"]


async def test_r16_an_operators_removal_ends_the_followings_and_tells_the_followers(
    face: Face, ask: Ask
) -> None:
    """In one transaction: roles gone, every following ended as a new version, every follower told the reason."""
    users = [await face.new_user("follower") for _ in range(3)]
    names = [(await face.follow(user, LEADER))["allocation_id"] for user in users]
    await face.post(f"/v1/allocations/{names[0]}/pause", user=users[0])

    body = {"roles": [], "force": True, "reason": "the wallet was stolen"}
    assert (await face.http.put(f"/v1/watched-addresses/{LEADER}/roles", json=body)).status_code == 200

    for user, name in zip(users, names, strict=True):
        shown = (await face.get(f"/v1/allocations/{name}", user=user)).json()
        assert shown["state"] == "ended"
        versions = (await face.get(f"/v1/allocations/{name}/versions", user=user)).json()
        assert versions[0]["state"] == "ended"
    told = await ask("SELECT user_id, body->>'reason' AS reason FROM notifications ORDER BY user_id")
    assert told == [{"user_id": user, "reason": "the wallet was stolen"} for user in sorted(users)]


async def test_a_forced_removal_says_why(face: Face) -> None:
    """The followers read the reason."""
    await face.post("/v1/watched-addresses", {"wallet": LEADER, "roles": ["copy_leader"]})

    answer = await face.http.put(f"/v1/watched-addresses/{LEADER}/roles", json={"roles": [], "force": True})

    assert [error["field"] for error in answer.json()["errors"]] == ["reason"]


async def test_the_indexer_learns_what_changed_since_it_last_asked(face: Face) -> None:
    """`since` takes the last `as_of`; a wallet that lost its roles is in the answer."""
    await face.post("/v1/watched-addresses", {"wallet": LEADER, "roles": ["copy_leader"]})
    await face.post("/v1/watched-addresses", {"wallet": OTHER, "roles": ["copy_leader"]})
    first = (await face.get("/v1/watched-addresses")).json()
    await face.http.put(f"/v1/watched-addresses/{LEADER}/roles", json={"roles": []})

    changed = (await face.get("/v1/watched-addresses", since=first["as_of"])).json()

    assert {item["wallet"]: item["roles"] for item in changed["items"]}[LEADER] == []


async def test_the_former_list_wants_its_secret(face: Face) -> None:
    """One entry per wallet and role, to whoever knows the secret only."""
    await face.post("/v1/watched-addresses", {"wallet": LEADER, "roles": ["copy_leader", "smart_trader"]})
    path = "/api/v1/subsquid/watched_addresses"

    assert (await face.http.get(path)).status_code == 401
    assert (await face.http.get(path, headers={"X-Webhook-Secret": "wrong"})).status_code == 401
    shown = (await face.http.get(path, headers={"X-Webhook-Secret": FORMER_SECRET})).json()
    assert shown["total"] == 2
    assert {(item["address"], item["type"]) for item in shown["addresses"]} == {
        (LEADER, "copy_leader"), (LEADER, "smart_trader"),
    }  # fmt: skip


async def test_a_naive_time_is_refused(face: Face) -> None:
    """B-30: a time without its zone is no time."""
    answer = await face.get("/v1/watched-addresses", since="2026-11-22T12:00:00")

    assert [error["field"] for error in answer.json()["errors"]] == ["since"]
