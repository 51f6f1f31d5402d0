"""What a person keeps about themselves, and how the bot lets people in."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import LEADER, Ask, Face


async def _let_in(face: Face, key: str, **person: Any) -> Any:
    headers = face.as_bot() | {"Idempotency-Key": key}
    return await face.http.post("/v1/bot/users", json=person, headers=headers)


@pytest.mark.parametrize(
    ("spoken", "language"), [("fr-CA", "fr"), ("FR", "fr"), ("de", "en"), (None, "en"), ("", "en")]
)
async def test_the_bot_lets_somebody_in_once(face: Face, spoken: str | None, language: str) -> None:
    """201 with paper money and Telegram's language where we have it; then 200, whatever they are called by then."""
    new = await _let_in(face, "a", telegram_id=7, label="Alice", language_code=spoken)
    known = await _let_in(face, "b", telegram_id=7, label="Alice B.")

    assert (new.status_code, known.status_code) == (201, 200)
    assert new.json() == known.json()
    assert (new.json()["language"], new.json()["label"], new.json()["quick_amounts"]) == (
        language,
        "Alice",
        ["5", "25"],
    )
    assert [each["venue"] for each in new.json()["accounts"]] == ["paper"]
    assert (await face.get("/v1/me", user=new.json()["user_id"])).json() == new.json()


async def test_language_zone_and_amounts_are_changed_at_their_version(face: Face) -> None:
    """What is named changes; a stale If-Match is told the version in force and nothing changes."""
    user = await face.new_user()
    headers = face.acting(user)
    seen = await face.http.get("/v1/me", headers=headers)
    mine = headers | {"If-Match": seen.headers["etag"]}
    changes = {"language": "fr", "time_zone": "Europe/Paris", "quick_amounts": ["2.50", "10"]}
    changed = await face.http.patch("/v1/me", json=changes, headers=mine)
    stale = await face.http.patch("/v1/me", json={"language": "en"}, headers=mine)
    wrong = await face.http.patch("/v1/me", json={"time_zone": "Mars/Base"}, headers=headers)

    assert (changed.status_code, changed.headers["etag"], seen.headers["etag"]) == (200, '"2"', '"1"')
    assert [changed.json()[name] for name in ("language", "time_zone", "quick_amounts")] == [
        "fr",
        "Europe/Paris",
        ["2.5", "10"],
    ]
    assert (stale.status_code, stale.json()["code"], stale.headers["etag"]) == (412, "version-changed", '"2"')
    assert [error["field"] for error in wrong.json()["errors"]] == ["time_zone"]


async def test_how_notices_come_is_changed_at_its_version(face: Face) -> None:
    """428 without If-Match, 412 with an old one; what is not named comes as at the beginning."""
    headers = face.acting(await face.new_user())
    path = "/v1/me/notification-settings"
    first = await face.http.get(path, headers=headers)
    body = {"deliveries": {"signals": "on"}, "silent": ["copied"], "quiet_from": "22:30:00"}
    without = await face.http.put(path, json=body, headers=headers)
    put = await face.http.put(path, json=body, headers=headers | {"If-Match": first.headers["etag"]})
    again = await face.http.put(path, json=body, headers=headers | {"If-Match": first.headers["etag"]})

    assert (without.status_code, put.status_code, again.status_code) == (428, 200, 412)
    settings = (await face.http.get(path, headers=headers)).json()["settings"]
    assert (settings["deliveries"]["signals"], settings["deliveries"]["skipped"]) == ("on", "digest")
    assert (settings["silent"], settings["quiet_from"]) == (["copied"], "22:30:00")


async def test_a_draft_is_kept_for_a_day(face: Face, ask: Ask) -> None:
    """One per user, the last one counts; over 4 kB is refused; after a day there is none."""
    headers = face.acting(await face.new_user())
    path = "/v1/me/draft"
    none = await face.http.get(path, headers=headers)
    await face.http.put(path, json={"flow": "wizard", "body": {"step": 1}}, headers=headers)
    kept = await face.http.put(path, json={"flow": "wizard", "body": {"step": 2}}, headers=headers)
    big = await face.http.put(path, json={"flow": "wizard", "body": {"x": "é" * 3000}}, headers=headers)
    shown = await face.http.get(path, headers=headers)
    await ask("UPDATE drafts SET expires_at = now() - interval '1 second'")

    assert (none.status_code, kept.status_code, big.status_code) == (404, 200, 422)
    assert shown.json()["body"] == {"step": 2}
    assert (await face.http.get(path, headers=headers)).status_code == 404
    assert (await face.http.delete(path, headers=headers)).status_code == 204


async def test_leaving_ends_followings_and_forgets_the_person(face: Face, ask: Ask) -> None:
    """204, then 401; followings ended, no name, no Telegram id, no token left; the same person may begin anew."""
    made = (await _let_in(face, "a", telegram_id=7, label="Alice")).json()
    user = made["user_id"]
    following = await face.follow(user, LEADER)
    token = (await face.post("/v1/me/tokens", {"label": "mine"}, user=user)).json()["token"]
    left = await face.http.delete("/v1/me", headers=face.acting(user))

    assert left.status_code == 204
    assert (await face.get("/v1/me", user=user)).status_code == 401
    headers = {"Authorization": f"Bearer {token}"}
    assert (await face.http.get("/v1/me", headers=headers)).status_code == 401
    rows = await ask("SELECT state FROM copy_trading_allocations WHERE allocation_id = %(id)s",
                     id=following["allocation_id"])  # fmt: skip
    assert [row["state"] for row in rows] == ["ended"]
    assert await ask("SELECT label, telegram_id FROM users") == [{"label": "deleted", "telegram_id": None}]
    anew = await _let_in(face, "b", telegram_id=7, label="Alice")
    assert (anew.status_code, anew.json()["user_id"] == user) == (201, False)


@pytest.mark.parametrize("remains", ["money", "positions"])
async def test_nobody_leaves_live_money_behind(face: Face, ask: Ask, remains: str) -> None:
    """409 while live money or a live position remains; nothing is forgotten or ended."""
    user = await face.new_user()
    await ask(
        "INSERT INTO accounts (account_id, user_id, venue, cash_usdc)"
        " VALUES ('M-live', %(user)s, 'polymarket', %(cash)s)",
        user=user, cash=1 if remains == "money" else 0,
    )  # fmt: skip
    if remains == "positions":
        await ask(
            "INSERT INTO lots (account_id, user_id, token_id, market_id, shares, cost_usdc, target_shares,"
            " opened_traded_at, tick, fee_rate, neg_risk, exchange_version)"
            " VALUES ('M-live', %(user)s, '1', 'm', 1, 1, 1, now(), 0.01, 0, false, 2)",
            user=user,
        )
    refused = await face.http.delete("/v1/me", headers=face.acting(user))

    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert f"live {remains}" in refused.json()["detail"]
    assert (await face.get("/v1/me", user=user)).status_code == 200


async def test_all_of_ones_own_is_taken_along_and_nothing_of_others(face: Face) -> None:
    """The export holds accounts, followings and versions; no digest of a token, nothing of another user."""
    alice, bob = await face.new_user("Alice"), await face.new_user("Bob")
    await face.follow(alice, LEADER)
    await face.follow(bob, LEADER)
    await face.post("/v1/me/tokens", {"label": "mine"}, user=alice)
    answer = await face.get("/v1/me/data", user=alice)
    kept = answer.json()

    assert answer.status_code == 200
    assert kept["user"]["label"] == "Alice"
    assert (len(kept["accounts"]), len(kept["followings"]), len(kept["following_versions"])) == (1, 1, 1)
    assert kept["accounts"][0]["cash_usdc"] == "0.000000"
    assert bob not in answer.text
    assert "sha256" not in answer.text
