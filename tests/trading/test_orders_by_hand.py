"""Orders by hand go the way of every order: a quote, the guards, the exchange, the books (UX N4; SAFETY R4, R21)."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import ops.audit
from tests.api.conftest import Face
from tests.copy_execution.world import TOKEN
from tests.trading.by_hand import BUY, open_positions, order_of, put_book, quote_for, until_ended, user_of
from tests.trading.ground import LEADER, Ground
from tests.waiting import eventually

AUDITED = ("once", "over_limit", "old_news")


async def test_n4_bought_and_sold_by_hand(ground: Ground, face: Face) -> None:
    """Quote → order → filled → position by hand; sold in two parts; cash and shares agree with the exchange's."""
    await ground.start()
    await put_book(ground)
    user = await user_of(ground, face)
    quote = await quote_for(face, user, BUY)
    assert {name: quote[name] for name in ("best_price", "limit", "depth_usdc", "fee_usdc", "least_shares")} == {
        "best_price": "0.44", "limit": "0.45", "depth_usdc": "440", "fee_usdc": "0.25", "least_shares": "11.11",
    }  # fmt: skip
    body = {"quote_id": quote["quote_id"]}
    first = await face.post("/v1/orders", body, user=user, key="one-deed")
    assert first.status_code == 201, first.text
    order = await until_ended(face, user, first.json())
    assert (order["state"], order["side"], order["reserve_usdc"]) == ("filled", "BUY", "5.26")
    again = await face.post("/v1/orders", body, user=user, key="one-deed")
    assert (again.status_code, again.headers["idempotent-replayed"]) == (201, "true")
    other = await face.post("/v1/orders", body, user=user)
    assert (other.status_code, other.json()["code"]) == (409, "conflict")
    [position] = await open_positions(face, user)
    assert (position["owner"], position["allocation_id"]) == ("by hand", None)
    assert Decimal(position["shares"]) == Decimal(order["filled_shares"])
    await ground.assert_books_agree()
    # A second purchase is the same position; then half of it, then the rest.
    assert (await order_of(face, user, await quote_for(face, user, BUY)))["state"] == "filled"
    [position] = await open_positions(face, user)
    half = f"{Decimal(position['shares']) / 2:.2f}"
    sell = {"side": "SELL", "position_id": position["position_id"]}
    sold = await order_of(face, user, await quote_for(face, user, sell | {"shares": half}))
    assert (sold["state"], sold["filled_shares"], sold["limit"]) == ("filled", half, "0.37")
    await ground.assert_books_agree()
    assert (await order_of(face, user, await quote_for(face, user, sell)))["state"] == "filled"
    await eventually(lambda: _no_open_lot(ground))
    await ground.assert_books_agree()
    orders = (await face.get("/v1/orders", user=user)).json()["items"]
    assert [each["side"] for each in orders] == ["SELL", "SELL", "BUY", "BUY"]
    assert len(ground.placed()) == 4
    [account] = (await face.get("/v1/me/accounts", user=user)).json()
    assert account["reserved_usdc"] == "0"


def _no_open_lot(ground: Ground) -> bool:
    return not ground.world.rows("SELECT 1 FROM lots WHERE closed_at IS NULL")


async def test_r11_a_stop_holds_orders_by_hand_too(ground: Ground, face: Face) -> None:
    """The sentence at the door; and what slipped through it meets the stop again before it is planned or posted."""
    await ground.start()
    await put_book(ground)
    user = await user_of(ground, face)
    quotes = [await quote_for(face, user, BUY) for _ in range(2)]
    slipped = await face.post("/v1/orders", {"quote_id": quotes[0]["quote_id"]}, user=user)
    assert (await until_ended(face, user, slipped.json()))["state"] == "filled"
    stop = {"stopped": True, "reason": "an incident"}
    await face.http.put("/v1/ops/switches/buys", json=stop)
    refused = await face.post("/v1/orders", {"quote_id": quotes[1]["quote_id"]}, user=user)
    assert (refused.status_code, refused.json()["code"]) == (409, "buys-stopped")
    assert "“an incident”. Sells still run." in refused.json()["detail"]
    # As if it had been asked for a moment before the stop.
    ground.world.run(
        "INSERT INTO manual_orders (manual_order_id, quote_id, user_id, account_id, venue, side, token_id, amount_usdc,"
        " limit_price, deadline) SELECT 'O-SLIPPED', quote_id, user_id, account_id, venue, side, token_id, amount_usdc,"
        " limit_price, expires_at FROM quotes WHERE quote_id = %s", quotes[1]["quote_id"],
    )  # fmt: skip
    order = await until_ended(face, user, {"order_id": "O-SLIPPED"})
    assert (order["state"], order["reason"]) == ("skipped", "BUYS_STOPPED")
    assert order["sentence"] == "the operators have stopped all buying"
    # Sells run through it.
    [position] = await open_positions(face, user)
    sell = {"side": "SELL", "position_id": position["position_id"]}
    assert (await order_of(face, user, await quote_for(face, user, sell)))["state"] == "filled"
    assert len(ground.placed()) == 2
    await ground.assert_books_agree()


async def test_a_quote_is_good_once_and_not_for_long(ground: Ground, face: Face) -> None:
    """Too old: 410. Another's: 404. Over the cap: 422. More than is free: skipped with both sums."""
    await ground.start()
    await put_book(ground)
    user, other = await user_of(ground, face, "3"), await user_of(ground, face, label="Bob")
    quote = await quote_for(face, user, BUY)
    foreign = await face.post("/v1/orders", {"quote_id": quote["quote_id"]}, user=other)
    assert foreign.status_code == 404
    order = await order_of(face, user, quote)
    assert (order["state"], order["reason"]) == ("skipped", "BALANCE")
    assert order["sentence"] == "5.26 is needed and 3.00 is free"
    assert (order["decided_value"], order["decided_limit"]) == ("5.26", "3")
    in_french = face.acting(user) | {"Accept-Language": "fr"}
    again = (await face.http.get(f"/v1/orders/{order['order_id']}", headers=in_french)).json()
    assert again["sentence"] == "il faut 5.26 et 3.00 est libre"
    used = await face.http.post(
        "/v1/orders", json={"quote_id": quote["quote_id"]}, headers=in_french | {"Idempotency-Key": "again"}
    )
    assert (used.status_code, used.json()["detail"]) == (
        409,
        f"Ce prix a servi à {order['order_id']} ; demandez-en un nouveau.",
    )
    ground.world.run(
        "INSERT INTO notifications (user_id, kind, event, body) VALUES (%s, 'hand_skipped', 'O', %s)",
        user, json.dumps({"copy_order_id": order["order_id"]}),
    )  # fmt: skip
    [told, *_] = (await face.get("/v1/me/notifications", user=user)).json()["items"]
    said = "📄 ⌛ Your order by hand was not sent: 5.26 is needed and 3.00 is free"
    assert told["text"] == f"{said} {order['order_id']}"
    late = await quote_for(face, user, BUY)
    ground.world.run("UPDATE quotes SET expires_at = now() WHERE quote_id = %s", late["quote_id"])
    expired = await face.post("/v1/orders", {"quote_id": late["quote_id"]}, user=user)
    assert (expired.status_code, expired.json()["code"]) == (410, "quote-expired")
    for body in (BUY | {"amount_usdc": "1000.01"}, BUY | {"side": "SELL"}, {"side": "BUY"}):
        assert (await face.post("/v1/quotes", body, user=user)).status_code == 422
    unknown = await quote_for(face, user, BUY | {"token_id": "7"})
    assert unknown["refusal"] == "MARKET_UNKNOWN"
    assert (await face.post("/v1/orders", {"quote_id": unknown["quote_id"]}, user=user)).status_code == 409
    assert ground.placed() == []


async def test_r04_two_purchases_by_hand_and_a_copy_race_for_one_cash(ground: Ground, face: Face) -> None:
    """Cash for two of three: whoever comes first, reserves never exceed it, and the third is told. What is left is less
    than the smallest purchase: a copy would be made as small as it."""
    await ground.start()
    await put_book(ground)
    ground.world.run("INSERT INTO users (user_id, label) VALUES ('U-RACE000', 'Race')")
    ground.world.run(
        "INSERT INTO accounts (account_id, user_id, venue, state)"
        " VALUES ('U-RACE000-paper', 'U-RACE000', 'paper', 'opening')"
    )
    ground.world.run(
        "INSERT INTO account_credits (credit_id, account_id, usdc) VALUES ('c', 'U-RACE000-paper', 11)"
    )
    await ground.until_credited("c")
    await eventually(lambda: not ground.world.rows("SELECT 1 FROM accounts WHERE state = 'opening'"))
    ground.world.follow("U-RACE000-paper", LEADER)
    quotes = [await quote_for(face, "U-RACE000", BUY) for _ in range(2)]
    over: list[object] = []
    done = asyncio.Event()

    async def watch() -> None:
        while not done.is_set():
            over.extend(
                ground.world.rows(
                    "SELECT * FROM (SELECT a.cash_usdc, (SELECT COALESCE(sum(reserve_usdc), 0) FROM copy_orders"
                    " WHERE ended_at IS NULL) + (SELECT COALESCE(sum(reserve_usdc), 0) FROM manual_orders"
                    " WHERE ended_at IS NULL) AS reserved FROM accounts a) s WHERE reserved > cash_usdc"
                )
            )
            await asyncio.sleep(0)

    watching = asyncio.create_task(watch())
    answers = await asyncio.gather(
        *(face.post("/v1/orders", {"quote_id": quote["quote_id"]}, user="U-RACE000") for quote in quotes),
        ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.44")),
    )
    hands = [
        await until_ended(face, "U-RACE000", answer.json()) for answer in answers[:2] if answer is not None
    ]
    [copy] = await ground.all_ended()
    done.set()
    await watching
    assert over == []
    states = sorted([copy["state"], *(each["state"] for each in hands)])
    assert states == ["filled", "filled", "skipped"]
    reasons = {copy["reason"], *(each["reason"] for each in hands)} - {None}
    assert reasons == {"BALANCE"}
    await ground.assert_books_agree()


async def test_r21_a_lot_sold_in_part_by_hand_is_left_in_proportion(ground: Ground, face: Face) -> None:
    """Half of a leader's lot is sold by hand; the leader then sells half: a quarter of the first lot goes."""
    await ground.start()
    await put_book(ground, bid="0.50", ask="0.52")
    user = await user_of(ground, face)
    account_id = ground.world.rows("SELECT account_id FROM accounts")[0]["account_id"]
    ground.world.run(
        "INSERT INTO copy_trading_allocations (allocation_id, user_id, account_id, leader, venue, state, version,"
        " role_version, settings, active_from) SELECT 'A-1', user_id, account_id, %s, 'paper', 'active', 1, 1,"
        """ '{"mode": "fixed_amount", "fixed_amount_usdc": "50", "budget_usdc": "100"}', now() - interval '1 hour'"""
        " FROM accounts WHERE account_id = %s", LEADER, account_id,
    )  # fmt: skip
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    await ground.all_ended()
    [lot] = ground.lots()
    [position] = await open_positions(face, user)
    whole = Decimal(lot["shares"])
    half = f"{whole / 2:.2f}"
    sell = {"side": "SELL", "position_id": position["position_id"], "shares": half}
    sold = await order_of(face, user, await quote_for(face, user, sell))
    assert (sold["state"], sold["filled_shares"]) == ("filled", half)
    [left] = ground.lots()
    assert left["target_shares"] == left["shares"] == whole - Decimal(half)
    await ground.leader_trades(ground.world.message(LEADER, "SELL", "50", "0.5"))
    await ground.all_ended()
    copies = {row["side"]: row for row in ground.copies()}
    assert abs(copies["SELL"]["filled_shares"] - whole / 4) <= Decimal("0.01")
    await ground.assert_books_agree()


async def test_a_sale_by_hand_waits_for_no_shares_that_are_on_sale(ground: Ground, face: Face) -> None:
    """Two sales of the whole position at once: one goes, the other is told that nothing is left."""
    await ground.start()
    await put_book(ground)
    user = await user_of(ground, face)
    assert (await order_of(face, user, await quote_for(face, user, BUY)))["state"] == "filled"
    [position] = await open_positions(face, user)
    sell = {"side": "SELL", "position_id": position["position_id"]}
    quotes = [await quote_for(face, user, sell) for _ in range(2)]
    answers = await asyncio.gather(
        *(face.post("/v1/orders", {"quote_id": quote["quote_id"]}, user=user) for quote in quotes)
    )
    ended = [await until_ended(face, user, answer.json()) for answer in answers]
    assert sorted(each["state"] for each in ended) == ["filled", "skipped"]
    assert {each["reason"] for each in ended} == {None, "NOTHING_TO_SELL"}
    await ground.assert_books_agree()


async def test_a_position_by_hand_is_paid_out(ground: Ground, face: Face) -> None:
    """The market resolves: what was bought by hand is paid as every lot is."""
    await ground.start()
    await put_book(ground)
    user = await user_of(ground, face)
    assert (await order_of(face, user, await quote_for(face, user, BUY)))["state"] == "filled"
    ground.world.run(
        "UPDATE markets SET closed = true, payout = 1, resolved_at = now(), version = version + 1 WHERE token_id = %s",
        TOKEN,
    )
    await eventually(lambda: _no_open_lot(ground), 20)
    [lot] = ground.lots()
    assert lot["closed_by"] == "resolved"
    await ground.exchange.assert_conserved()
    [account] = ground.world.rows("SELECT wallet, cash_usdc FROM accounts WHERE user_id = %s", user)

    async def agrees() -> bool:
        theirs = Decimal((await ground.exchange.balances(account["wallet"]))["USDC"])
        return theirs == Decimal(account["cash_usdc"])

    await eventually(agrees)


async def test_the_audit_counts_orders_by_hand(ground: Ground, face: Face) -> None:
    """Nothing to find after an honest purchase; what is planted is found by its name."""
    await ground.start()
    await put_book(ground)
    user = await user_of(ground, face)
    order = await order_of(face, user, await quote_for(face, user, BUY))
    await ground.stop()
    assert _findings(ground) == []
    name = order["order_id"]
    ground.world.run(
        "UPDATE manual_orders SET filled_usdc = amount_usdc + 1 WHERE manual_order_id = %s", name
    )
    ground.world.run("UPDATE manual_orders SET deadline = asked_at - interval '1 hour'")
    assert _findings(ground) == [
        f"{name}: cost more than its reserve",
        f"{name}: filled beyond what was decided",
        f"{name}: posted past its age",
    ]


def _findings(ground: Ground) -> list[str]:
    texts = [Path(ops.audit.__path__[0], "sql", f"{name}.sql").read_text() for name in AUDITED]
    since = {"since": datetime(2026, 1, 1, tzinfo=UTC)}
    found = [ground.world.owner.execute(text.encode(), since).fetchone() for text in texts]
    return sorted(each for row in found if row is not None for each in row["names"])
