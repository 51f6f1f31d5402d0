"""Live orders by hand from end to end, one cap for all live buys of a day, keys that stay in (N4, R26; promise 10)."""

from __future__ import annotations

import base64
from decimal import Decimal
from typing import Any

from schemas.stop_causes import StopCause
from streams.keys.envelopes import open_envelope
from streams.tables.accounts import AccountKey
from streams.tables.queries import query
from streams.trading.keyring import envelope_of
from tests.api.conftest import Face
from tests.trading.by_hand import BUY, open_positions, order_of, quote_for
from tests.trading.ground import LEADER, Ground
from tests.trading.test_live_arming import LIVE, live_account, set_up
from tests.trading.test_money_out import ADDRESSES, asked, withdrawal_address_of
from tests.venues.live import OUTSIDE, allow_live, live_settings, tell_market, withdrawals
from tests.waiting import eventually

LIVE_BUY = BUY | {"venue": "polymarket"}


async def _armed(ground: Ground, face: Face, usdc: str = "100", cap: str = "50") -> str:
    await ground.start(**live_settings(ground))
    await tell_market(ground)
    allow_live(ground)
    user = await set_up(ground, face, usdc)
    armed = await face.post(f"{LIVE}/arm", {"phrase": "ARM LIVE", "day_cap_usdc": cap}, user=user)
    assert armed.status_code == 200, armed.text
    return user


async def _shown(face: Face, user: str) -> dict[str, Any]:
    accounts = (await face.get("/v1/me/accounts", user=user)).json()
    return next(each for each in accounts if each["venue"] == "polymarket")


async def _stopped_by(face: Face, user: str, cause: StopCause | None) -> bool:
    """Looked at once more: whoever asks waits for the answer a few seconds only, and it counts also afterwards."""
    await face.post(f"{LIVE}/check", user=user)
    return bool((await _shown(face, user))["stopped_by"] == cause)


async def test_n4_a_live_order_by_hand_from_the_check_to_the_money_out(ground: Ground, face: Face) -> None:
    """Checked, armed, quoted, bought, sold, withdrawn: at each step our books are the exchange's to the micro."""
    user = await _armed(ground, face)
    bought = await order_of(face, user, await quote_for(face, user, LIVE_BUY))
    assert (bought["state"], bought["venue"], bought["reserve_usdc"]) == ("filled", "polymarket", "5.26")
    await ground.assert_books_agree()
    shown = await _shown(face, user)
    cost = 100 - live_account(ground)["cash_usdc"]
    assert (Decimal(shown["day_bought_usdc"]), shown["reserved_usdc"]) == (cost, "0")
    [position] = await open_positions(face, user)
    assert (position["owner"], position["venue"]) == ("by hand", "polymarket")
    sell = {"side": "SELL", "position_id": position["position_id"], "venue": "polymarket"}
    assert (await order_of(face, user, await quote_for(face, user, sell)))["state"] == "filled"
    await eventually(lambda: not ground.world.rows("SELECT 1 FROM orders WHERE state = 'matched'"), 30)
    await ground.assert_books_agree()
    free = (await _shown(face, user))["free_usdc"]
    name = await withdrawal_address_of(ground, face, user)
    made = await face.post(f"{LIVE}/withdrawals", asked(name, free), user=user)
    assert made.status_code == 201, made.text
    await eventually(lambda: withdrawals(ground)[0]["state"] == "done", 30)
    assert (await ground.exchange.balances(OUTSIDE))["USDC"] == free
    assert live_account(ground)["cash_usdc"] == 0
    await ground.assert_books_agree()


async def test_r26_orders_by_hand_and_copies_fill_one_day_cap(ground: Ground, face: Face) -> None:
    """A cap of 11: one by hand and one copied fit, whoever comes third is stopped by name, copied or by hand."""
    user = await _armed(ground, face, cap="11")
    assert (await order_of(face, user, await quote_for(face, user, LIVE_BUY)))["state"] == "filled"
    settings = {"mode": "fixed_amount", "fixed_amount_usdc": "5", "budget_usdc": "100"}
    followed = await face.post(
        "/v1/allocations", {"leader": LEADER, "venue": "polymarket", "settings": settings}, user=user
    )
    assert followed.status_code == 201, followed.text
    ground.world.run(
        "UPDATE copy_trading_allocations SET active_from = now() - interval '1 hour', role_version = 1"
    )
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.50"))
    [copy] = await ground.all_ended()
    assert (copy["state"], copy["venue"]) == ("filled", "polymarket"), copy["reason"]
    by_hand = await order_of(face, user, await quote_for(face, user, LIVE_BUY))
    assert (by_hand["state"], by_hand["reason"]) == ("skipped", "LIVE_DAY_CAP")
    await ground.leader_trades(
        ground.world.message(LEADER, "BUY", "100", "0.50", ago=0.5, burst_started_at=None)
    )
    _, second = await ground.all_ended()
    assert (second["state"], second["reason"]) == ("skipped", "LIVE_DAY_CAP"), second["reason"]
    assert Decimal((await _shown(face, user))["day_bought_usdc"]) <= 11
    await ground.assert_books_agree()


async def test_r26_disarmed_buys_nothing_and_still_sells(ground: Ground, face: Face) -> None:
    """One tap: no live order by hand goes, a sale does."""
    user = await _armed(ground, face)
    assert (await order_of(face, user, await quote_for(face, user, LIVE_BUY)))["state"] == "filled"
    quoted = await quote_for(face, user, LIVE_BUY)
    await face.post(f"{LIVE}/disarm", user=user)
    refused = await face.post("/v1/orders", {"quote_id": quoted["quote_id"]}, user=user)
    assert (refused.status_code, refused.json()["code"]) == (409, "live-not-armed")
    [position] = await open_positions(face, user)
    sell = {"side": "SELL", "position_id": position["position_id"], "venue": "polymarket"}
    assert (await order_of(face, user, await quote_for(face, user, sell)))["state"] == "filled"
    await ground.assert_books_agree()


async def test_a_look_that_finds_an_account_may_only_sell_stops_its_buys_at_once(
    ground: Ground, face: Face
) -> None:
    """No BUY need be refused first: the look stops them and tells its owner once, a SELL goes; a look that finds the
    account open again lifts it, and nothing else does."""
    user = await _armed(ground, face)
    assert (await order_of(face, user, await quote_for(face, user, LIVE_BUY)))["state"] == "filled"
    [position] = await open_positions(face, user)
    account_id = live_account(ground)["account_id"]
    [owner] = ground.world.rows("SELECT wallet FROM wallet_keys WHERE account_id = %s", account_id)
    await ground.exchange.admin("PUT", "mode", {"mode": "open", "closed_only": [owner["wallet"]]})
    placed = len(ground.placed())
    await eventually(lambda: _stopped_by(face, user, StopCause.CLOSED_ONLY), 30)
    # A second look finds the stop, and tells nobody.
    await face.post(f"{LIVE}/check", user=user)
    stopped = await order_of(face, user, await quote_for(face, user, LIVE_BUY))
    assert (stopped["state"], stopped["reason"]) == ("skipped", "BUYS_STOPPED")
    assert len(ground.placed()) == placed
    sell = {"side": "SELL", "position_id": position["position_id"], "venue": "polymarket"}
    assert (await order_of(face, user, await quote_for(face, user, sell)))["state"] == "filled"
    [notice] = ground.world.rows("SELECT body FROM notifications WHERE kind = 'live_buys_paused'")
    assert notice["body"] == {"account_id": account_id, "cause": "closed_only"}
    # An audit that agrees, and an operator who allows its BUYs, do not know it better.
    lifted = {"account_id": account_id, "over_by": "audit", "all": True}
    ground.world.owner.execute(query("trading/lift_stops"), lifted)
    assert (await _shown(face, user))["stopped_by"] == StopCause.CLOSED_ONLY

    await ground.exchange.admin("PUT", "mode", {"mode": "open", "closed_only": []})
    await eventually(lambda: _stopped_by(face, user, None), 30)
    assert (await order_of(face, user, await quote_for(face, user, LIVE_BUY)))["state"] == "filled"
    await ground.assert_books_agree()


async def test_no_key_and_no_secret_of_a_live_account_is_shown(ground: Ground, face: Face) -> None:
    """Neither in an answer of any of these routes nor in a row of their tables, in any spelling (promise 10)."""
    user = await _armed(ground, face)
    name = await withdrawal_address_of(ground, face, user)
    await face.post(f"{LIVE}/withdrawals", asked(name, "10"), user=user)
    await eventually(lambda: withdrawals(ground)[0]["state"] == "done", 30)
    said = [
        (await face.post(f"{LIVE}/check", user=user)).text,
        (await face.get(f"{LIVE}/deposit", user=user)).text,
        (await face.get(f"{LIVE}/withdrawals", user=user)).text,
        (await face.get(ADDRESSES, user=user)).text,
        (await face.get("/v1/me", user=user)).text,
    ]
    for table in (
        "live_looks",
        "withdrawals",
        "withdrawal_transitions",
        "withdrawal_addresses",
        "notifications",
    ):
        said += [row["row"] for row in ground.world.rows(f"SELECT to_jsonb(t)::text AS row FROM {table} t")]
        said += [bytes(row["body"]).decode() for row in ground.world.rows("SELECT body FROM withdrawals")]
    whole = "\n".join(said).lower()
    assert OUTSIDE in whole
    for spelling in await _secrets(ground):
        assert spelling.lower() not in whole


async def _secrets(ground: Ground) -> list[str]:
    [row] = ground.world.rows(
        "SELECT a.account_id, a.user_id, a.venue, k.wallet, k.version, k.provider, k.wrapped_data_key, k.sealed_key,"
        " k.sealed_api, a.signature_type, a.wallet AS address FROM accounts a JOIN wallet_keys k USING (account_id)"
        " WHERE a.venue = 'polymarket'"
    )
    envelope = envelope_of(AccountKey(**row))
    assert envelope is not None
    ring = ground.settings().ring()
    secret, credentials = await open_envelope(envelope, ring)
    await ring.close()
    assert credentials is not None
    raw = bytes(secret)
    return [
        raw.hex(), base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode(), credentials.secret,
        credentials.passphrase, credentials.api_key,
    ]  # fmt: skip


async def test_an_account_that_may_only_sell_is_said_its_buys_refused_and_its_sales_go(
    ground: Ground, face: Face
) -> None:
    """The exchange's own answer: a BUY ends rejected CLOSE_ONLY, the SELL is filled, and the permissions say why."""
    user = await _armed(ground, face)
    assert (await order_of(face, user, await quote_for(face, user, LIVE_BUY)))["state"] == "filled"
    [position] = await open_positions(face, user)
    [owner] = ground.world.rows(
        "SELECT wallet FROM wallet_keys WHERE account_id = %s", live_account(ground)["account_id"]
    )
    await ground.exchange.admin("PUT", "mode", {"mode": "open", "closed_only": [owner["wallet"]]})
    refused = await order_of(face, user, await quote_for(face, user, LIVE_BUY))
    assert (refused["state"], refused["reject_reason"]) == ("rejected", "CLOSE_ONLY")
    sell = {"side": "SELL", "position_id": position["position_id"], "venue": "polymarket"}
    assert (await order_of(face, user, await quote_for(face, user, sell)))["state"] == "filled"
    answer = (await face.post(f"{LIVE}/check", user=user)).json()
    [permissions] = [check for check in answer["checks"] if check["name"] == "permissions"]
    assert (permissions["passed"], answer["ready"]) == (False, False)
    assert permissions["found"].startswith("Polymarket lets this account only sell")
    await face.post(f"{LIVE}/disarm", user=user)
    again = await face.post(f"{LIVE}/arm", {"phrase": "ARM LIVE", "day_cap_usdc": "50"}, user=user)
    assert (again.status_code, [each["field"] for each in again.json()["errors"]]) == (409, ["permissions"])
    await ground.assert_books_agree()
