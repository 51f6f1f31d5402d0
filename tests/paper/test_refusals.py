"""What the exchange refuses, in its exact words and statuses (golden; the words are those of the real one)."""

from __future__ import annotations

import dataclasses
import secrets
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from polymarket.models.types import TokenId
from polymarket.types import EvmAddress

from tests.paper.exchange import NO, YES, Exchange, new_trader
from tests.paper.hand_made import NEG_RISK, Desk, signature_of, unsigned


@pytest.fixture
async def desk(exchange: Exchange) -> AsyncIterator[Desk]:
    """A trader with 1,000 USDC."""
    made = await Desk.open(exchange)
    yield made
    await made.close()


def _said(answer: Any) -> tuple[int, dict[str, Any]]:
    return answer.status_code, answer.json()


async def test_the_same_order_twice_is_duplicated(desk: Desk) -> None:
    """Promise: the same signed bytes again are refused with the order's id, and move nothing."""
    body = desk.body(unsigned(desk.trader))
    first = await desk.ask("POST", "/order", body)
    before = await desk.balances()
    again = await desk.ask("POST", "/order", body)
    order_id = first.json()["orderID"]
    assert _said(again) == (400, {"error": f"order {order_id} is invalid. Duplicated."})
    assert await desk.balances() == before


async def test_tick_size_minimum_and_decimals(desk: Desk) -> None:
    """Promise: tick, share minimum of resting orders, dollar minimum and decimals, each in its words."""
    off_tick = await desk.post(unsigned(desk.trader, "BUY", 5_730_000, 10_000_000, order_type="GTC"))
    assert off_tick.status_code == 400
    assert off_tick.json()["error"].startswith("order 0x")
    assert off_tick.json()["error"].endswith("is invalid. Price (0.573) breaks minimum tick size rule: 0.01")
    small = await desk.post(unsigned(desk.trader, "BUY", 2_000_000, 4_000_000, order_type="GTC"))
    assert small.json()["error"].endswith("is invalid. Size (4) lower than the minimum: 5")
    assert _said(await desk.post(unsigned(desk.trader, "BUY", 500_000, 1_000_000))) == (
        400,
        {"error": "invalid amount for a marketable BUY order ($0.5), min size: $1"},
    )
    assert _said(await desk.post(unsigned(desk.trader, "BUY", 5_001_000, 10_002_000))) == (
        400,
        {
            "error": "invalid amounts, the market buy orders maker amount supports a max accuracy of 2 decimals, "
            "taker amount a max of 4 decimals"
        },
    )


async def test_too_little_money_or_shares(desk: Desk) -> None:
    """Promise: order and fee must be covered, by what open orders leave; shares likewise."""
    whole = unsigned(desk.trader, "BUY", 1_000_000_000, 2_000_000_000)
    assert _said(await desk.post(whole)) == (
        400,
        {
            "error": "not enough balance / allowance: the balance is not enough -> "
            "balance: 1000000000, order amount: 1025000000"
        },
    )
    sell = unsigned(desk.trader, "SELL", 10_000_000, 5_000_000)
    assert _said(await desk.post(sell)) == (
        400,
        {
            "error": "not enough balance / allowance: the balance is not enough -> "
            "balance: 0, order amount: 10000000"
        },
    )
    rests = unsigned(desk.trader, "BUY", 900_000_000, 1_800_000_000, order_type="GTC")
    assert (await desk.post(rests, post_only=True)).json()["status"] == "live"
    more = unsigned(desk.trader, "BUY", 100_000_000, 200_000_000)
    assert (
        (await desk.post(more))
        .json()["error"]
        .endswith("balance: 1000000000, sum of active orders: 900000000, order amount: 102500000")
    )


async def test_who_may_sign_for_whom(desk: Desk) -> None:
    """Promise: owner, signer, signature, contract and version are checked."""
    stranger = new_trader()
    body = desk.body(unsigned(desk.trader))
    body["owner"] = "00000000-0000-0000-0000-000000000000"
    assert _said(await desk.ask("POST", "/order", body)) == (
        400,
        {"error": "the order owner has to be the owner of the API KEY"},
    )
    foreign = unsigned(desk.trader, signer=EvmAddress(stranger.address))
    assert _said(await desk.post(foreign)) == (
        400,
        {"error": "the order signer address has to be the address of the API KEY"},
    )
    invalid = (400, {"error": "invalid signature"})
    order = unsigned(desk.trader)
    assert _said(await desk.post(order, signature=signature_of(order, stranger.private_key))) == invalid
    assert _said(await desk.post(order, makerAmount="4000000")) == invalid
    other_contract = unsigned(desk.trader, exchange_address=EvmAddress(NEG_RISK))
    assert _said(await desk.post(other_contract)) == invalid
    for_another = unsigned(desk.trader, maker=EvmAddress(stranger.address))
    assert _said(await desk.post(for_another)) == invalid
    # Of the first version: with a nonce, without a time stamp.
    body = desk.body(order)
    del body["order"]["timestamp"]
    body["order"] |= {"nonce": "0", "taker": "0x" + "0" * 40, "feeRateBps": "0"}
    assert _said(await desk.ask("POST", "/order", body)) == (400, {"error": "order_version_mismatch"})


async def test_an_order_for_an_account_of_another_owner_has_no_balance(desk: Desk) -> None:
    """Promise: a proxy's money moves only by its owner's signature, whoever else signs well."""
    victim = await Desk.open(desk.exchange)
    order = unsigned(desk.trader, maker=EvmAddress(victim.trader.address), signature_type=1)
    answer = await desk.post(order)
    assert answer.status_code == 400
    assert "balance: 0, order amount" in answer.json()["error"]
    assert (await victim.balances())["USDC"] == "1000"
    await victim.close()


@pytest.mark.parametrize(
    "change",
    [
        {"salt": "x"},
        {"salt": -1},
        {"salt": 1.5},
        {"maker": "0x12"},
        {"makerAmount": "0"},
        {"makerAmount": "1e6"},
        {"makerAmount": None},
        {"side": "HOLD"},
        {"signatureType": 4},
        {"signature": "0xzz"},
        {"metadata": "0x00"},
        {"tokenId": "9" * 79},
        {"timestamp": "soon"},
        {"expiration": "later"},
        {"expiration": []},
    ],
)
async def test_what_is_no_order_is_an_invalid_payload(desk: Desk, change: dict[str, object]) -> None:
    """Promise: a malformed field is refused as such; the exchange goes on."""
    body = desk.body(unsigned(desk.trader))
    body["order"] |= change
    assert _said(await desk.ask("POST", "/order", body)) == (400, {"error": "Invalid order payload"})


async def test_bodies_that_are_no_json_are_refused(desk: Desk) -> None:
    """Promise: whatever the body, an answer in the exchange's form."""
    bodies: list[object] = [
        [],
        {},
        {"order": 1},
        "text",
        None,
        {"order": {}, "orderType": "IOC", "owner": ""},
    ]
    for body in bodies:
        answer = await desk.ask("POST", "/order", body)
        assert _said(answer) == (400, {"error": "Invalid order payload"})


async def test_expirations(desk: Desk) -> None:
    """Promise: GTD more than a minute ahead is taken, all else about expirations refused."""
    soon = int(time.time()) + 30
    gtd: dict[str, Any] = {"order_type": "GTD", "maker_amount": 5_000_000, "taker_amount": 10_000_000}
    invalid = (400, {"error": "invalid expiration"})
    assert _said(await desk.post(unsigned(desk.trader, **gtd, expiration=soon))) == invalid
    assert _said(await desk.post(unsigned(desk.trader, expiration=soon + 600))) == invalid
    assert (await desk.post(unsigned(desk.trader, **gtd, expiration=soon + 600))).status_code == 200


async def test_markets_that_are_not_there(desk: Desk) -> None:
    """Promise: an unknown token has no order book, a market that takes no orders says so, everywhere the same."""
    no_book = (404, {"error": "No orderbook exists for the requested token id"})
    unknown = unsigned(desk.trader, token_id=TokenId("123456789012345678901234567890" * 2))
    assert _said(await desk.post(unknown)) == no_book
    assert _said(await desk.ask("GET", "/book", params={"token_id": "1"})) == no_book
    assert _said(await desk.ask("GET", "/tick-size")) == no_book
    assert _said(await desk.ask("GET", "/markets/0x00")) == (404, {"error": "market not found"})
    assert _said(await desk.ask("GET", "/data/order/0x00")) == (404, {"error": "Order not found"})
    assert (await desk.ask("GET", "/nowhere")).status_code == 404
    paused = str(secrets.randbits(250) | 1 << 249)
    token = {"token_id": paused, "market_id": "0x" + secrets.token_hex(32), "tick": "0.01"}
    await desk.exchange.admin("PUT", "markets", {"tokens": [{**token, "accepting_orders": False}]})
    order = unsigned(desk.trader, token_id=TokenId(paused))
    assert _said(await desk.post(order)) == (
        400,
        {"error": "the market is not yet ready to process new orders"},
    )
    await desk.exchange.admin("PUT", "markets", {"tokens": [{**token, "closed": True}]})
    assert _said(await desk.post(order)) == no_book


async def test_logins_and_hmacs_that_are_wrong(desk: Desk) -> None:
    """Promise: any wrong header, an old time, another body or another's key is 401; nothing is done."""
    unauthorized = (401, {"error": "Unauthorized/Invalid api key"})
    good = desk.headers("GET", "/data/orders", b"")
    assert (await desk._http.get("/data/orders", headers=good)).status_code == 200
    changes: list[dict[str, str]] = [
        {"POLY_SIGNATURE": "AAAA"},
        {"POLY_SIGNATURE": good["POLY_SIGNATURE"].swapcase()},
        {"POLY_PASSPHRASE": "x"},
        {"POLY_API_KEY": "00000000-0000-0000-0000-000000000000"},
        {"POLY_API_KEY": "no uuid"},
        {"POLY_API_KEY": good["POLY_API_KEY"].upper()},
        {"POLY_ADDRESS": new_trader().address},
        {"POLY_TIMESTAMP": str(int(time.time()) - 3_600)},
        {"POLY_TIMESTAMP": "now"},
    ]
    for change in changes:
        assert _said(await desk._http.get("/data/orders", headers=good | change)) == unauthorized
    assert _said(await desk._http.get("/data/orders")) == unauthorized
    body = b'{"orderID":"0x00"}'
    headers = desk.headers("DELETE", "/order", body)
    answer = await desk._http.request("DELETE", "/order", content=body + b" ", headers=headers)
    assert _said(answer) == unauthorized
    for headers in ({}, {"POLY_ADDRESS": desk.trader.address, "POLY_TIMESTAMP": str(int(time.time()))}):
        answer = await desk._http.post("/auth/api-key", headers=headers)
        assert _said(answer) == (401, {"error": "Invalid L1 Request headers"})


async def test_a_deleted_key_opens_nothing(exchange: Exchange) -> None:
    """Promise: after DELETE /auth/api-key the key is worth nothing, and a new one can be made."""
    desk = await Desk.open(exchange)
    assert (await desk.ask("GET", "/auth/api-keys")).json() == {"apiKeys": [desk.key["apiKey"]]}
    assert _said(await desk.ask("DELETE", "/auth/api-key")) == (200, "OK")  # type: ignore[comparison-overlap]
    assert (await desk.ask("GET", "/auth/api-keys")).status_code == 401
    again = await Desk.open(exchange, trader=desk.trader)
    assert again.key["apiKey"] != desk.key["apiKey"]
    await desk.close()
    await again.close()


async def test_a_batch_answers_each_order(desk: Desk) -> None:
    """Promise: POST /orders takes up to fifteen; a refused leg has no id and the reason, the others are placed."""
    good, bad = unsigned(desk.trader), unsigned(desk.trader, "SELL", 100_000_000, 50_000_000)
    other_token = dataclasses.replace(good, token_id=TokenId(NO), salt=good.salt + 1)
    legs = [desk.body(order) for order in (good, bad, other_token, good)]
    answer = await desk.ask("POST", "/orders", legs)
    assert answer.status_code == 200
    placed, refused, other, twice = answer.json()
    assert (placed["status"], other["status"]) == ("matched", "matched")
    assert (refused["success"], refused["orderID"]) == (True, "")
    assert refused["errorMsg"].startswith("not enough balance / allowance")
    assert twice["errorMsg"] == f"order {placed['orderID']} is invalid. Duplicated."
    assert set(await desk.balances()) == {"USDC", YES, NO}
    too_many = await desk.ask("POST", "/orders", [legs[0]] * 16)
    assert _said(too_many) == (400, {"error": "Too many orders in payload: 16, max allowed: 15"})
