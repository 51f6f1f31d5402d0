"""Fill-or-kill, resting, filling later, expiring, and what look-ups show, by fill model and setting."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

import psycopg

from tests.paper.conftest import StartExchange
from tests.paper.exchange import MARKET, NO, YES, Exchange
from tests.paper.hand_made import Desk, unsigned
from tests.waiting import eventually


async def _trades(desk: Desk, **params: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (await desk.ask("GET", "/data/trades", params=params)).json()["data"]
    return rows


async def _put_book(exchange: Exchange, bids: dict[str, str], asks: dict[str, str]) -> None:
    def levels(side: dict[str, str]) -> list[dict[str, str]]:
        return [{"price": price, "size": size} for price, size in side.items()]

    book = {"token_id": YES, "bids": levels(bids), "asks": levels(asks)}
    await exchange.admin("PUT", "books", {"books": [book]})


async def test_books_fill_partially_kill_and_deplete(start_exchange: StartExchange) -> None:
    """Promise: FAK takes what is there, FOK all or nothing, an empty book kills; a kill's id stays taken."""
    exchange = await start_exchange(POLYCOOL_PAPER_FILL_MODEL="book")
    desk = await Desk.open(exchange)
    await _put_book(exchange, {"0.48": "100"}, {"0.50": "10", "0.52": "10"})
    fok = await desk.post(unsigned(desk.trader, "BUY", 20_000_000, 40_000_000, order_type="FOK"))
    assert (fok.status_code, fok.json()["error"]) == (
        400,
        "order couldn't be fully filled. FOK orders are fully filled or killed.",
    )
    fak = await desk.post(unsigned(desk.trader, "BUY", 20_000_000, 38_461_500))
    answer = fak.json()
    assert (answer["status"], answer["makingAmount"], answer["takingAmount"]) == ("matched", "10.2", "20")
    assert len(answer["tradeIDs"]) == 2
    assert {row["price"] for row in await _trades(desk)} == {"0.5", "0.52"}
    killed = unsigned(desk.trader, "BUY", 20_000_000, 38_461_500)
    nothing = await desk.post(killed)
    assert (nothing.status_code, nothing.json()["error"]) == (
        400,
        "no orders found to match with FAK order. FAK orders are partially filled or killed if no match is found.",
    )
    assert "Duplicated" in (await desk.post(killed)).json()["error"]
    sold = await desk.post(unsigned(desk.trader, "SELL", 20_000_000, 9_600_000))
    assert sold.json()["makingAmount"] == "20"
    await exchange.assert_conserved()
    await desk.close()


async def test_a_resting_order_fills_when_a_book_reaches_it(start_exchange: StartExchange) -> None:
    """Promise: a GTC that does not cross rests, post-only that crosses is refused, and a new book fills as maker."""
    exchange = await start_exchange(POLYCOOL_PAPER_FILL_MODEL="book")
    desk = await Desk.open(exchange, "10")
    await _put_book(exchange, {}, {"0.50": "10"})
    crossing = unsigned(desk.trader, "BUY", 5_000_000, 10_000_000, order_type="GTC")
    refused = await desk.post(crossing, post_only=True)
    assert refused.json() == {"error": "invalid post-only order: order crosses book"}
    rests = await desk.post(unsigned(desk.trader, "BUY", 8_000_000, 20_000_000, order_type="GTC"))
    assert rests.json()["status"] == "live"
    assert rests.json()["makingAmount"] == ""
    order_id = rests.json()["orderID"]
    await _put_book(exchange, {}, {"0.39": "5.5"})
    seen = (await desk.ask("GET", f"/data/order/{order_id}")).json()
    assert (seen["status"], seen["size_matched"], seen["original_size"]) == ("ORDER_STATUS_LIVE", "5.5", "20")
    [trade] = await _trades(desk)
    assert (trade["trader_side"], trade["side"], trade["price"]) == ("MAKER", "SELL", "0.4")
    assert trade["maker_orders"][0]["order_id"] == order_id
    assert await desk.balances() == {"USDC": "7.8", YES: "5.5"}
    await _put_book(exchange, {}, {"0.40": "100"})
    seen = (await desk.ask("GET", f"/data/order/{order_id}")).json()
    assert (seen["status"], seen["size_matched"]) == ("ORDER_STATUS_MATCHED", "20")
    assert await desk.balances() == {"USDC": "2", YES: "20"}
    await exchange.assert_conserved()
    await desk.close()


async def test_last_prices_fill_better_or_not_at_all(start_exchange: StartExchange) -> None:
    """Promise: model last_trade fills at a better last price, kills at a worse one, and lets rests fill later."""
    exchange = await start_exchange(POLYCOOL_PAPER_FILL_MODEL="last_trade")
    desk = await Desk.open(exchange)

    async def last(price: str) -> None:
        await exchange.admin("PUT", "last-prices", {"prices": [{"token_id": YES, "price": price}]})

    await last("0.44445")
    bought = (await desk.post(unsigned(desk.trader))).json()
    assert (bought["makingAmount"], bought["takingAmount"]) == ("5", "11.249859")
    await last("0.51")
    assert (await desk.post(unsigned(desk.trader))).status_code == 400
    rests = (await desk.post(unsigned(desk.trader, order_type="GTC"))).json()
    assert rests["status"] == "live"
    await last("0.5")
    [matched] = [row for row in await _trades(desk) if row["trader_side"] == "MAKER"]
    assert (matched["size"], matched["price"]) == ("10", "0.5")
    await exchange.assert_conserved()
    await desk.close()


async def test_half_fills_and_micro_amounts(start_exchange: StartExchange) -> None:
    """Promise (R33): model limit_half fills half; with micro answers the books are the same as with units."""
    exchange = await start_exchange(
        POLYCOOL_PAPER_FILL_MODEL="limit_half", POLYCOOL_PAPER_AMOUNT_UNITS="micro"
    )
    desk = await Desk.open(exchange)
    answer = (await desk.post(unsigned(desk.trader, "BUY", 5_010_000, 10_020_000))).json()
    assert (answer["makingAmount"], answer["takingAmount"]) == ("2500000", "5000000")
    [trade] = await _trades(desk)
    assert (trade["size"], trade["price"], trade["fee_rate_bps"]) == ("5", "0.5", "500")
    killed = await desk.post(unsigned(desk.trader, order_type="FOK"))
    assert killed.json()["error"].startswith("order couldn't be fully filled")
    await desk.close()


async def test_r05_look_ups_may_hide_what_is_over(start_exchange: StartExchange) -> None:
    """Promise (R5): with look-up `active` an order that is over is not found by its hash, but its trades are."""
    exchange = await start_exchange(POLYCOOL_PAPER_ORDER_LOOKUP="active")
    desk = await Desk.open(exchange)
    over = (await desk.post(unsigned(desk.trader))).json()["orderID"]
    rest = unsigned(desk.trader, order_type="GTC")
    open_ = (await desk.post(rest, post_only=True)).json()["orderID"]
    assert (await desk.ask("GET", f"/data/order/{over}")).status_code == 404
    assert (await desk.ask("GET", f"/data/order/{open_}")).status_code == 200
    [trade] = await _trades(desk, asset_id=YES)
    assert trade["taker_order_id"] == over
    await desk.close()


async def test_r01_balances_lag_after_a_fill(start_exchange: StartExchange) -> None:
    """Promise (R1): with a balance lag, shares just bought are neither shown nor sellable; later they are."""
    exchange = await start_exchange(POLYCOOL_PAPER_BALANCE_LAG_SECONDS="3")
    desk = await Desk.open(exchange)
    await desk.post(unsigned(desk.trader))
    params = {"asset_type": "CONDITIONAL", "token_id": YES, "signature_type": "0"}
    shown = (await desk.ask("GET", "/balance-allowance", params=params)).json()
    assert shown["balance"] == "0"
    sell = unsigned(desk.trader, "SELL", 10_000_000, 5_000_000)
    assert (await desk.post(sell)).json()["error"].startswith("not enough balance / allowance")

    async def sells() -> bool:
        return (await desk.post(sell)).status_code == 200

    assert await eventually(sells, 20.0, every=0.2)
    await desk.close()


async def test_listing_filters_and_pages(exchange: Exchange) -> None:
    """Promise: trades and open orders by token, market, maker, time and cursor; only one's own."""
    desk, other = await Desk.open(exchange), await Desk.open(exchange)
    for token in (YES, NO, YES):
        assert (await desk.post(unsigned(desk.trader, token_id=token))).status_code == 200
    await other.post(unsigned(other.trader))
    everything = await _trades(desk)
    assert len(everything) == 3
    assert [row["asset_id"] for row in everything] == [YES, NO, YES]
    assert len(await _trades(desk, asset_id=YES)) == 2
    assert len(await _trades(desk, market=MARKET)) == 3
    assert len(await _trades(desk, maker_address=desk.trader.address)) == 3
    assert await _trades(desk, maker_address=other.trader.address) == []
    assert await _trades(desk, id=(await _trades(other))[0]["id"]) == []
    assert await _trades(desk, before=str(int(time.time()) - 3_600)) == []
    assert len(await _trades(desk, after=str(int(time.time()) - 3_600))) == 3
    assert (await desk.ask("GET", "/data/trades", params={"after": "x"})).status_code == 400
    rest = unsigned(desk.trader, order_type="GTC")
    placed = (await desk.post(rest, post_only=True)).json()["orderID"]
    orders = (await desk.ask("GET", "/data/orders", params={"market": MARKET})).json()
    assert [row["id"] for row in orders["data"]] == [placed]
    assert orders["next_cursor"] == "LTE="
    assert (await other.ask("GET", f"/data/order/{placed}")).status_code == 404
    assert (await other.ask("DELETE", "/order", {"orderID": placed})).json()["canceled"] == []
    gone = (await desk.ask("DELETE", "/cancel-market-orders", {"market": MARKET, "asset_id": YES})).json()
    assert gone == {"canceled": [placed], "not_canceled": {}}
    assert (await desk.ask("DELETE", "/cancel-all")).json() == {"canceled": [], "not_canceled": {}}
    await desk.close()
    await other.close()


async def test_a_page_of_trades_ends_in_a_cursor(start_exchange: StartExchange) -> None:
    """Promise: more trades than a page holds are read page by page, each once."""
    exchange = await start_exchange(POLYCOOL_PAPER_PAGE_ROWS="2")
    desk = await Desk.open(exchange)
    for _ in range(5):
        await desk.post(unsigned(desk.trader))
    seen: list[str] = []
    cursor = "MA=="
    while cursor != "LTE=":
        page = (await desk.ask("GET", "/data/trades", params={"next_cursor": cursor})).json()
        assert len(page["data"]) <= page["limit"] == 2
        seen += [row["id"] for row in page["data"]]
        cursor = page["next_cursor"]
    assert len(seen) == len(set(seen)) == 5
    await desk.close()


async def test_a_gtd_order_ends_by_itself(start_exchange: StartExchange, paper_database: str) -> None:
    """Promise: once its time is over a GTD order is no longer open, cannot be filled, and holds nothing back."""
    exchange = await start_exchange()
    desk = await Desk.open(exchange, "10")
    soon = unsigned(desk.trader, order_type="GTD", expiration=int(time.time()) + 600)
    order_id = (await desk.post(soon, post_only=True)).json()["orderID"]
    [row] = (await desk.ask("GET", "/data/orders")).json()["data"]
    assert (row["id"], row["expiration"]) == (order_id, str(soon.expiration))
    ledger = await exchange.admin("GET", f"ledger/{desk.trader.address}")
    assert ledger["balances"] == [{"asset": "USDC", "amount": "10", "reserved": "5"}]
    with psycopg.connect(paper_database, autocommit=True) as connection:
        # The shortest life the exchange takes is a minute: let it be over now.
        connection.execute("UPDATE paper.orders SET expires_at = now() - interval '1 second'")
    assert (await desk.ask("GET", "/data/orders")).json()["data"] == []
    seen = (await desk.ask("GET", f"/data/order/{order_id}")).json()
    assert seen["status"] == "ORDER_STATUS_CANCELED"
    assert await exchange.admin("POST", "fill", {"order_id": order_id}) == {"filled": "0"}
    ledger = await exchange.admin("GET", f"ledger/{desk.trader.address}")
    assert ledger["balances"] == [{"asset": "USDC", "amount": "10", "reserved": "0"}]
    whole = unsigned(desk.trader, "BUY", 9_000_000, 18_000_000)
    assert (await desk.post(whole)).status_code == 200
    await desk.close()


async def test_price_improvement_gives_more_shares(start_exchange: StartExchange) -> None:
    """Promise: a market BUY spends its whole budget at better prices; a limit BUY keeps its size and pays less."""
    exchange = await start_exchange(POLYCOOL_PAPER_FILL_MODEL="book")
    desk = await Desk.open(exchange)
    await _put_book(exchange, {}, {"0.40": "1000"})
    market = (await desk.post(unsigned(desk.trader))).json()
    assert (market["makingAmount"], market["takingAmount"]) == ("5", "12.5")
    limit = (await desk.post(unsigned(desk.trader, order_type="GTC"))).json()
    assert (limit["makingAmount"], limit["takingAmount"]) == ("4", "10")
    balances = await desk.balances()
    # 22.5 shares at 40¢ and 5 %: 0.15 and 0.12 in fees.
    assert Decimal(balances["USDC"]) == Decimal(1000) - 9 - Decimal("0.27")
    await desk.close()


async def test_r15_a_market_delays_what_would_match(start_exchange: StartExchange) -> None:
    """Promise (R15): a market with a delay of its own delays an order by it, then fills it; not a post-only one."""
    exchange = await start_exchange(POLYCOOL_PAPER_MARKET_DELAY="1")
    await exchange.put_market(seconds_delay=1)
    desk = await Desk.open(exchange)
    answer = (await desk.post(unsigned(desk.trader))).json()
    assert (answer["status"], answer["makingAmount"], "tradeIDs" in answer) == ("delayed", "", False)
    assert (await desk.ask("DELETE", "/order", {"orderID": answer["orderID"]})).json()["canceled"] == []
    rests = (await desk.post(unsigned(desk.trader, order_type="GTC"), post_only=True)).json()
    assert rests["status"] == "live"

    async def filled() -> bool:
        return [row["taker_order_id"] for row in await _trades(desk)] == [answer["orderID"]]

    assert await eventually(filled)
    assert await desk.balances() == {"USDC": "994.875", YES: "10"}
    await exchange.assert_conserved()
    await desk.close()
