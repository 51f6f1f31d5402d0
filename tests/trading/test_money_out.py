"""Addresses, withdrawals and the way in, as a person asks for them at the API (UX S14b; SAFETY R25)."""

from __future__ import annotations

import asyncio
from decimal import Decimal

from tests.api.conftest import Face
from tests.trading.ground import LEADER, Ground
from tests.trading.test_live_arming import LIVE, live_account, notices, set_up
from tests.venues.live import OUTSIDE, age_address, allow_live, live_settings, tell_market, withdrawals
from tests.waiting import eventually

ADDRESSES = "/v1/me/withdrawal-addresses"


async def withdrawal_address_of(ground: Ground, face: Face, user: str, *, aged: bool = True) -> str:
    added = await face.post(ADDRESSES, {"address": OUTSIDE, "label": "bank"}, user=user)
    assert added.status_code == 201, added.text
    name = str(added.json()["address_id"])
    if aged:
        age_address(ground, name)
    return name


def asked(address_id: str, usdc: str, again: str | None = None) -> dict[str, str]:
    return {"address_id": address_id, "usdc": usdc, "usdc_again": again or usdc}


async def test_r25_an_address_works_a_day_after_it_was_announced(ground: Ground, face: Face) -> None:
    """Added and told at once; young it takes nothing; of age it takes what is free, said twice."""
    await ground.start(**live_settings(ground))
    allow_live(ground)
    user = await set_up(ground, face)
    name = await withdrawal_address_of(ground, face, user, aged=False)
    assert notices(ground)[-1] == "withdrawal_address_added"
    assert (await face.post(ADDRESSES, {"address": OUTSIDE}, user=user)).status_code == 409
    early = await face.post(f"{LIVE}/withdrawals", asked(name, "10"), user=user)
    assert (early.status_code, early.json()["code"]) == (409, "conflict")
    age_address(ground, name)
    other = await face.post(f"{LIVE}/withdrawals", asked(name, "10", "100"), user=user)
    assert (other.status_code, other.json()["errors"][0]["field"]) == (422, "usdc_again")
    much = await face.post(f"{LIVE}/withdrawals", asked(name, "100.01"), user=user)
    assert (much.status_code, "Only 100" in much.json()["detail"]) == (409, True)
    made = await face.post(f"{LIVE}/withdrawals", asked(name, "60"), user=user)
    assert (made.status_code, made.json()["state"]) == (201, "asked")
    await eventually(lambda: withdrawals(ground)[0]["state"] == "done", 30)
    [shown] = (await face.get(f"{LIVE}/withdrawals", user=user)).json()["items"]
    assert (shown["state"], shown["usdc"], shown["address"]) == ("done", "60", OUTSIDE)
    french = face.acting(user) | {"Accept-Language": "fr"}
    said = (await face.http.get(f"{LIVE}/withdrawals", headers=french)).json()["items"][0]["cause"]
    assert (shown["cause"], said) == ("the money is out", "l'argent est sorti")
    assert (await ground.exchange.balances(OUTSIDE))["USDC"] == "60"
    assert notices(ground)[-1] == "withdrawal_sent"
    await ground.assert_books_agree()


async def test_r25_others_neither_see_nor_use_an_address(ground: Ground, face: Face) -> None:
    """A foreign address is not there."""
    await ground.start(**live_settings(ground))
    user = await set_up_anyhow(ground, face)
    name = await withdrawal_address_of(ground, face, user)
    bob = await face.new_user("Bob")
    assert (await face.get(ADDRESSES, user=bob)).json() == []
    assert (await face.http.delete(f"{ADDRESSES}/{name}", headers=face.acting(bob))).status_code == 404
    assert (await face.post(f"{ADDRESSES}/{name}/not-me", user=bob)).status_code == 404
    assert (await face.http.delete(f"{ADDRESSES}/{name}", headers=face.acting(user))).status_code == 204
    assert (await face.get(ADDRESSES, user=user)).json() == []


async def set_up_anyhow(ground: Ground, face: Face) -> str:
    """A user whose live account is open and empty."""
    user = await face.new_user("Alice")
    await face.post(f"{LIVE}/check", user=user)
    await eventually(lambda: live_account(ground)["state"] == "ready", 30)
    return user


async def test_r25_not_me_stops_all_disarms_and_removes(ground: Ground, face: Face) -> None:
    """One tap on the notice of an address somebody else added, even after they took it away again."""
    await ground.start(**live_settings(ground))
    allow_live(ground)
    user = await set_up(ground, face)
    await face.post(f"{LIVE}/arm", {"phrase": "ARM LIVE", "day_cap_usdc": "50"}, user=user)
    following = (await face.follow(user, "0x" + "ab" * 20))["allocation_id"]
    name = await withdrawal_address_of(ground, face, user)
    await face.http.delete(f"{ADDRESSES}/{name}", headers=face.acting(user))
    stopped = await face.post(f"{ADDRESSES}/{name}/not-me", user=user)
    assert (stopped.status_code, stopped.json()["paused"]) == (200, [following])
    assert live_account(ground)["armed_at"] is None
    assert (await face.get(ADDRESSES, user=user)).json() == []


async def test_r25_withdraw_all_while_a_buy_is_planned(ground: Ground, face: Face) -> None:
    """Both at once for the same money, both ways round and together: one of the two is refused, the venue is never
    short, reserves never exceed the cash."""
    await ground.start(**live_settings(ground))
    await tell_market(ground)
    allow_live(ground)
    user = await set_up(ground, face, "10")
    await face.post(f"{LIVE}/arm", {"phrase": "ARM LIVE", "day_cap_usdc": "50"}, user=user)
    followed = await face.post(
        "/v1/allocations",
        {
            "leader": LEADER,
            "venue": "polymarket",
            "settings": {"mode": "fixed_amount", "fixed_amount_usdc": "8", "budget_usdc": "100"},
        },
        user=user,
    )
    assert followed.status_code == 201, followed.text
    ground.world.run(
        "UPDATE copy_trading_allocations SET active_from = now() - interval '1 hour', role_version = 1"
    )
    name = await withdrawal_address_of(ground, face, user)
    withdrawing = face.post(f"{LIVE}/withdrawals", asked(name, "10"), user=user)
    answer, _ = await asyncio.gather(
        withdrawing, ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.49"))
    )
    [copy] = ground.copies()
    bought = copy["reason"] != "BALANCE"
    assert (answer.status_code, bought) in ((201, False), (409, True)), (answer.text, copy["reason"])
    reserved = ground.world.rows(
        "SELECT a.cash_usdc, COALESCE((SELECT sum(usdc) FROM withdrawals WHERE ended_at IS NULL), 0)"
        " + COALESCE((SELECT sum(reserve_usdc) FROM copy_orders WHERE ended_at IS NULL), 0) AS reserved"
        " FROM accounts a WHERE venue = 'polymarket'"
    )[0]
    assert reserved["reserved"] <= reserved["cash_usdc"]
    await ground.all_ended()
    await eventually(lambda: not [row for row in withdrawals(ground) if row["ended_at"] is None], 30)
    await ground.assert_books_agree()


async def test_no_way_in_without_a_way_out(ground: Ground, face: Face) -> None:
    """The address is shown only while a withdrawal would be relayed."""
    await ground.start(**live_settings(ground))
    user = await face.new_user("Alice")
    assert (await face.get(f"{LIVE}/deposit", user=user)).status_code == 409
    await face.post(f"{LIVE}/check", user=user)
    await eventually(lambda: live_account(ground)["state"] == "ready", 30)
    shown = await face.get(f"{LIVE}/deposit", user=user)
    assert shown.status_code == 200, shown.text
    assert shown.json()["address"].lower() == live_account(ground)["wallet"]
    await ground.stop()
    nobody: dict[str, object] = dict.fromkeys(
        ("relayer_url", "relayer_api_key", "relayer_api_key_address"), None
    )
    await ground.start(**live_settings(ground) | nobody)
    ground.world.run("UPDATE live_looks SET answered_at = answered_at - interval '1 hour'")
    hidden = await face.get(f"{LIVE}/deposit", user=user)
    assert (hidden.status_code, "taken out" in hidden.json()["detail"]) == (409, True)
    assert Decimal(live_account(ground)["cash_usdc"]) == 0


async def test_r26_no_api_token_arms_raises_adds_or_withdraws(ground: Ground, face: Face) -> None:
    """A token of one's own, with all the rights a token can have, is refused each of them; to stop it may."""
    user = await set_up_anyhow_closed(face)
    made = await face.post("/v1/me/tokens", {"label": "script", "scope": "write"}, user=user)
    assert made.status_code == 201, made.text
    bearer = {"Authorization": f"Bearer {made.json()['token']}"}
    bodies: dict[str, object] = {
        f"{LIVE}/check": None,
        f"{LIVE}/arm": {"phrase": "ARM LIVE", "day_cap_usdc": "50"},
        f"{LIVE}/day-cap": {"day_cap_usdc": "50"},
        ADDRESSES: {"address": OUTSIDE},
        f"{LIVE}/withdrawals": asked("W-0000000", "1"),
    }
    for path, body in bodies.items():
        answer = await face.http.post(path, json=body, headers=bearer | {"Idempotency-Key": path})
        assert (answer.status_code, answer.json()["code"]) == (403, "not-allowed"), path
    stopped = await face.http.post(f"{LIVE}/disarm", headers=bearer | {"Idempotency-Key": "stop"})
    assert stopped.status_code == 200, stopped.text


async def set_up_anyhow_closed(face: Face) -> str:
    """A user whose live account was asked for; nobody trades here to open it."""
    user = await face.new_user("Alice")
    assert (await face.post(f"{LIVE}/check", user=user)).status_code == 200
    return user
