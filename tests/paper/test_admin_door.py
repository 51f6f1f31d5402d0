"""The operator's door: guarded, closed in its forms, done once, and a resolution that pays everybody."""

from __future__ import annotations

import secrets
from typing import Any

import httpx
import pytest
from polymarket.models.types import TokenId

from schemas.markets import MarketSeen
from tests.paper.conftest import StartExchange
from tests.paper.exchange import YES, Exchange, new_trader
from tests.paper.hand_made import Desk, unsigned


def _token_id() -> str:
    return str(secrets.randbits(250) | 1 << 249)


async def test_without_the_token_nothing_opens(exchange: Exchange) -> None:
    """Promise: every door of the operator is shut without the token."""
    doors = [
        "PUT markets",
        "PUT accounts",
        "PUT last-prices",
        "PUT books",
        "POST resolve",
        "POST fill",
        "POST fail",
    ]
    doors += ["PUT conduct", "GET conduct", "GET ledger", "GET ledger/fees"]
    async with httpx.AsyncClient(base_url=exchange.url) as http:
        for door in doors:
            method, path = door.split()
            for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic b3A6b3A="}):
                answer = await http.request(method, f"/paper/admin/{path}", headers=headers)
                assert answer.status_code == 401, door


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("markets", {"tokens": []}, "tokens"),
        ("markets", {"tokens": [{"token_id": 12, "market_id": "m"}]}, "tokens.0.token_id"),
        ("markets", {"tokens": [{"token_id": "1", "market_id": "m", "tick": "0.02"}]}, "tokens.0.tick"),
        ("markets", {"tokens": [{"token_id": "1", "market_id": "m", "fee_rate": 0.05}]}, "tokens.0.fee_rate"),
        ("accounts", {"accounts": [{"address": "0x12"}]}, "accounts.0.address"),
        ("accounts", {"accounts": [{"address": "0x" + "a" * 40, "credit_usdc": "5"}]}, "accounts.0"),
        (
            "accounts",
            {"accounts": [{"address": "0x" + "a" * 40, "credit_usdc": "0.0000001", "request_id": "r"}]},
            "accounts.0.credit_usdc",
        ),
        ("last-prices", {"prices": [{"token_id": "1", "price": "1"}]}, "prices.0.price"),
        ("conduct", {"rules": [{"deed": "explode"}]}, "rules.0.deed"),
    ],
)
async def test_a_wrong_form_is_refused_by_its_field(
    exchange: Exchange, path: str, body: Any, field: str
) -> None:
    """Promise: what does not fit is refused with 422 and the field's name; nothing of it is done."""
    answer = await exchange.ask_admin("PUT", path, body)
    assert answer.status_code == 422
    assert answer.json()["error"].startswith(f"{field}: ")


async def test_a_credit_is_given_once_per_request_id(exchange: Exchange) -> None:
    """Promise: the same request again, or with another amount, credits nothing; another id does."""
    trader = new_trader()
    request_id = secrets.token_hex(8)
    for amount, name, credited in (("10", request_id, 1), ("10", request_id, 0), ("99", request_id, 0)):
        account = {"address": trader.address, "credit_usdc": amount, "request_id": name}
        said = await exchange.admin("PUT", "accounts", {"accounts": [account]})
        assert len(said["credited"]) == credited
    await exchange.open_account(trader, "2.5")
    assert await exchange.balances(trader.address) == {"USDC": "12.5"}
    await exchange.assert_conserved()


async def test_the_markets_message_is_taken_as_it_is(exchange: Exchange) -> None:
    """Promise: the product's own message about a token can be put as it is; a second one changes the token."""
    token_id = _token_id()
    seen = MarketSeen(version=1, token_id=token_id, market_id="some market", tick="0.001", outcome="Yes")
    await exchange.admin("PUT", "markets", {"tokens": [seen.model_dump(mode="json")]})
    changed = seen.model_copy(update={"version": 2, "neg_risk": True})
    await exchange.admin("PUT", "markets", {"tokens": [changed.model_dump(mode="json")]})
    async with httpx.AsyncClient(base_url=exchange.url) as http:
        market = (await http.get(f"/markets-by-token/{token_id}")).json()
        assert len(market["condition_id"]) == 66
        short = (await http.get(f"/clob-markets/{market['condition_id']}")).json()
        assert short["t"] == [{"t": token_id, "o": "Yes"}]
        assert (short["mts"], short["mos"], short["nr"], short["fd"]["r"]) == (0.001, 5, True, 0.05)
        assert (await http.get("/neg-risk", params={"token_id": token_id})).json() == {"neg_risk": True}
        assert (
            await http.get("/tick-size", params={"token_id": token_id})
        ).text == '{"minimum_tick_size":0.001}'
        listed = (await http.get("/markets")).json()
        assert market["condition_id"] in [row["condition_id"] for row in listed["data"]]


async def test_a_resolution_pays_cancels_and_happens_once(exchange: Exchange) -> None:
    """Promise: holders are paid shares × payout down to the micro, open orders end, a second one changes nothing."""
    yes, no, market = _token_id(), _token_id(), "0x" + secrets.token_hex(32)
    tokens = [{"token_id": token_id, "market_id": market, "tick": "0.01"} for token_id in (yes, no)]
    await exchange.admin("PUT", "markets", {"tokens": tokens})
    desk = await Desk.open(exchange)
    await desk.post(unsigned(desk.trader, "BUY", 10_000_000, 30_303_000, token_id=TokenId(yes)))
    await desk.post(unsigned(desk.trader, "BUY", 5_000_000, 10_000_000, token_id=TokenId(no)))
    rests = unsigned(desk.trader, order_type="GTC", token_id=TokenId(yes))
    open_ = (await desk.post(rests, post_only=True)).json()["orderID"]
    before = await desk.balances()
    assert before[yes] == "30.30303"
    wrong = {"market_id": "another", "payouts": {yes: "1"}}
    assert (await exchange.ask_admin("POST", "resolve", wrong)).status_code == 409
    never_put = _token_id()
    payouts = {"market_id": market, "payouts": {yes: "0.333333", no: "0", never_put: "0.5"}}
    assert await exchange.admin("POST", "resolve", payouts) == {"resolved": 2, "canceled": 1, "paid": 2}
    assert await exchange.admin("POST", "resolve", payouts) == {"resolved": 0, "canceled": 0, "paid": 0}
    other = {"market_id": market, "payouts": {yes: "1"}}
    assert (await exchange.ask_admin("POST", "resolve", other)).status_code == 409
    after = await desk.balances()
    assert (after[yes], after[no]) == ("0", "0")
    # 30.30303 · 0.333333 = 10.1009998…
    assert round(float(after["USDC"]) - float(before["USDC"]), 6) == 10.100999
    seen = (await desk.ask("GET", f"/data/order/{open_}")).json()
    assert seen["status"] == "ORDER_STATUS_CANCELED_MARKET_RESOLVED"
    late = await desk.post(unsigned(desk.trader, token_id=TokenId(yes)))
    assert late.json() == {"error": "No orderbook exists for the requested token id"}
    # A market message that comes late does not open it again.
    await exchange.admin("PUT", "markets", {"tokens": tokens})
    assert (await desk.post(unsigned(desk.trader, token_id=TokenId(yes)))).status_code == 404
    await exchange.assert_conserved()
    await desk.close()


async def test_a_failed_settlement_takes_everything_back(start_exchange: StartExchange) -> None:
    """Promise: a match that fails ends FAILED; money, shares and fee are where they were; what is sold cannot fail."""
    exchange = await start_exchange(POLYCOOL_PAPER_CONFIRMED_AFTER_SECONDS="600")
    desk = await Desk.open(exchange, "100")
    first, second = [(await desk.post(unsigned(desk.trader))).json()["tradeIDs"][0] for _ in range(2)]
    await exchange.admin("POST", "fail", {"trade_id": first})
    assert await desk.balances() == {"USDC": "94.875", YES: "10"}
    [failed] = (await desk.ask("GET", "/data/trades", params={"id": first})).json()["data"]
    assert (failed["status"], failed["err_msg"]) == ("FAILED", "settlement failed")
    assert (await exchange.ask_admin("POST", "fail", {"trade_id": first})).status_code == 409
    await desk.post(unsigned(desk.trader, "SELL", 10_000_000, 5_000_000))
    refused = await exchange.ask_admin("POST", "fail", {"trade_id": second})
    assert refused.json() == {"error": "what the trade brought is no longer in the account"}
    assert (await desk.ask("GET", "/data/trades", params={"id": second})).json()["data"][0][
        "status"
    ] != "FAILED"
    await exchange.assert_conserved()
    await desk.close()


async def test_the_ledger_of_an_account_tells_every_movement(exchange: Exchange) -> None:
    """Promise: entries with cause, reference and sign add up to the balances."""
    desk = await Desk.open(exchange, "100")
    bought = (await desk.post(unsigned(desk.trader))).json()
    ledger = await exchange.admin("GET", f"ledger/{desk.trader.address}")
    told = [(row["cause"], row["amount"], row["other_party"]) for row in ledger["entries"]]
    assert told == [
        ("credit", "100", "outside"),
        ("trade", "-5", "market"),
        ("trade", "10", "market"),
        ("fee", "-0.125", "fees"),
    ]
    assert {row["reference"] for row in ledger["entries"][1:]} == set(bought["tradeIDs"])
    assert (await desk.balances())["USDC"] == "94.875"
    await desk.close()
