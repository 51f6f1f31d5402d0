"""Orders by hand when the exchange or the worker fails: one order, one truth, books that agree (SAFETY R5, R14)."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from tests.api.conftest import Face
from tests.trading.by_hand import BUY, open_positions, order_of, put_book, quote_for, until_ended, user_of
from tests.trading.ground import Ground
from tests.waiting import eventually

QUICK = {"sweep_seconds": 0.1, "settle_after_seconds": 0.2}


async def test_r05_no_clear_answer_leaves_it_unknown_until_proof(ground: Ground, face: Face) -> None:
    """Accepted, then a 500: the order is checked, not repeated as another; what it cost stays reserved meanwhile."""
    await ground.start()
    await put_book(ground)
    user = await user_of(ground, face)
    quote = await quote_for(face, user, BUY)
    await ground.conduct({"deed": "answer_after", "status": 500, "times": 1})
    order = await order_of(face, user, quote)
    assert order["state"] == "filled"
    states = ground.world.rows(
        "SELECT to_state FROM manual_order_transitions WHERE manual_order_id = %s ORDER BY transition_id",
        order["order_id"],
    )
    assert [row["to_state"] for row in states] == [
        "waiting", "planned", "submitting", "unknown", "filled",
    ]  # fmt: skip
    assert len(ground.placed()) == 1
    await ground.assert_books_agree()


async def test_r05_a_worker_that_ends_in_the_middle_orders_once(ground: Ground, face: Face) -> None:
    """It goes down while the exchange has the order: the next worker doubts it, finds it, books it."""
    worker = await ground.start()
    await put_book(ground)
    user = await user_of(ground, face)
    quote = await quote_for(face, user, BUY)
    await ground.conduct({"deed": "wait_after", "seconds": 3, "times": 1})
    asking = asyncio.create_task(face.post("/v1/orders", {"quote_id": quote["quote_id"]}, user=user))
    await eventually(lambda: len(ground.placed()) == 1)
    await ground.stop(worker)
    await ground.start()
    order = await until_ended(face, user, (await asking).json())
    assert order["state"] == "filled"
    assert len(ground.placed()) == 1
    assert len(ground.orders()) == 1
    await ground.assert_books_agree()


async def test_r11_a_purchase_by_hand_is_not_posted_after_its_quote(ground: Ground, face: Face) -> None:
    """Asked for while nobody trades: the next worker finds it too old, and places nothing."""
    worker = await ground.start()
    await put_book(ground)
    user = await user_of(ground, face)
    quote = await quote_for(face, user, BUY)
    await ground.stop(worker)
    placed = await face.post("/v1/orders", {"quote_id": quote["quote_id"]}, user=user)
    assert placed.json()["state"] == "waiting"
    ground.world.run("UPDATE manual_orders SET deadline = clock_timestamp() - interval '1 second'")
    await ground.start()
    order = await until_ended(face, user, placed.json())
    assert (order["state"], order["reason"], order["reserve_usdc"]) == ("expired", "TOO_OLD", None)
    assert ground.placed() == []
    unanswered = await face.post("/v1/quotes", BUY | {"token_id": "8"}, user=user)
    assert unanswered.json()["refusal"] == "MARKET_UNKNOWN"


async def test_r14_what_was_traded_by_hand_is_taken_back_too(
    ground: Ground, face: Face, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A purchase, then a sale, each fails on the chain: books follow, the position is what the exchange says."""
    monkeypatch.setattr("streams.trading.settler._AGAIN_SECONDS", 0.2)
    await ground.start(**QUICK)
    await put_book(ground)
    user = await user_of(ground, face)
    await ground.conduct({"fault": "settlement_fails", "times": 1, "seconds": 1.0})
    assert (await order_of(face, user, await quote_for(face, user, BUY)))["state"] == "filled"
    await eventually(lambda: len(ground.world.rows("SELECT 1 FROM reversals")) == 1)
    assert await open_positions(face, user) == []
    await ground.assert_books_agree()
    bought = await order_of(face, user, await quote_for(face, user, BUY))
    [position] = await open_positions(face, user)
    await ground.conduct({"fault": "settlement_fails", "times": 1, "seconds": 1.0})
    sell = {"side": "SELL", "position_id": position["position_id"]}
    assert (await order_of(face, user, await quote_for(face, user, sell)))["state"] == "filled"
    await eventually(lambda: len(ground.world.rows("SELECT 1 FROM reversals")) == 2)
    held = sum(Decimal(each["shares"]) for each in await open_positions(face, user))
    assert abs(held - Decimal(bought["filled_shares"])) < Decimal("0.01")
    assert len(ground.placed()) == 3
    await ground.assert_books_agree()
