"""The exchange's official SDK trades at the paper exchange, unchanged but for the host."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
from polymarket import AsyncSecureClient
from polymarket.errors import RequestRejectedError
from polymarket.models.clob.order_response import AcceptedOrder
from polymarket.models.clob.requests import PriceRequest

from tests.paper.exchange import MARKET, NO, YES, Exchange, new_trader


async def _funded(exchange: Exchange, usdc: str = "100") -> AsyncSecureClient:
    trader = new_trader()
    await exchange.open_account(trader, usdc)
    return await trader.client(exchange.url)


async def test_buy_sell_and_look_up_through_the_sdk(exchange: Exchange) -> None:
    """Promises: key, market BUY and SELL (FAK), trades, order look-up and balances as the SDK reads them, exact."""
    client = await _funded(exchange)
    async with client:
        bought = await client.place_market_order(token_id=YES, side="BUY", amount="10", max_price="0.57")
        assert isinstance(bought, AcceptedOrder)
        assert (bought.status, bought.making_amount) == ("matched", Decimal(10))
        trades = await client.list_account_trades(token_id=YES).first_page()
        [trade] = trades.items
        assert (trade.taker_order_id, trade.price, trade.side) == (bought.order_id, Decimal("0.57"), "BUY")
        assert trade.size == bought.taking_amount == Decimal("17.543859")
        assert round(trade.size * trade.price, 6) == Decimal(10)
        order = await client.get_order(order_id=bought.order_id)
        assert (order.status, order.size_matched, order.condition_id) == (
            "ORDER_STATUS_MATCHED",
            trade.size,
            MARKET,
        )
        # 17.543859 shares · 5 % · 0.57 · 0.43 = 0.2150 to five decimals.
        cash = await client.get_balance_allowance(asset_type="COLLATERAL")
        assert cash.balance == 100_000_000 - 10_000_000 - 215_000
        sold = await client.place_market_order(token_id=YES, side="SELL", shares="17.54", min_price="0.60")
        assert isinstance(sold, AcceptedOrder)
        shares = await client.get_balance_allowance(asset_type="CONDITIONAL", token_id=YES)
        assert shares.balance == 3_859
        cash = await client.get_balance_allowance(asset_type="COLLATERAL")
        assert cash.balance == 89_785_000 + 10_524_000 - 210_480
    await exchange.assert_conserved()


async def test_settlement_is_seen_through_the_sdk(exchange: Exchange) -> None:
    """Promises: trades go MATCHED → MINED → CONFIRMED, and the SDK's own wait gets the transaction's hash."""
    client = await _funded(exchange)
    async with client:
        bought = await client.place_market_order(token_id=YES, side="BUY", amount="5", max_price="0.5")
        assert isinstance(bought, AcceptedOrder)
        assert bought.transactions_hashes == ()
        [transaction] = await client.wait_for_order_fill_settlement(bought, timeout_s=10.0)
        assert len(transaction) == 66
        [trade] = (await client.list_account_trades(id=bought.trade_ids[0]).first_page()).items
        assert (trade.status, trade.transaction_hash) == ("CONFIRMED", transaction)


async def test_a_resting_order_is_seen_and_cancelled_through_the_sdk(exchange: Exchange) -> None:
    """Promises: a post-only limit order rests, holds its money back, is listed, and gives it back when cancelled."""
    client = await _funded(exchange, "10")
    async with client:
        rests = await client.place_limit_order(
            token_id=YES, side="BUY", price="0.40", size="20", post_only=True
        )
        assert isinstance(rests, AcceptedOrder)
        assert rests.status == "live"
        [listed] = (await client.list_open_orders().first_page()).items
        assert (listed.id, listed.status, listed.original_size) == (
            rests.order_id,
            "ORDER_STATUS_LIVE",
            Decimal(20),
        )
        with pytest.raises(RequestRejectedError, match="not enough balance"):
            await client.place_market_order(token_id=YES, side="BUY", amount="5", max_price="0.5")
        cancelled = await client.cancel_order(order_id=rests.order_id)
        assert cancelled.canceled == (rests.order_id,)
        again = await client.cancel_order(order_id=rests.order_id)
        assert set(again.not_canceled) == {rests.order_id}
        placed = await client.place_market_order(token_id=YES, side="BUY", amount="5", max_price="0.5")
        assert placed.ok


async def test_batches_cancels_and_allowances_through_the_sdk(exchange: Exchange) -> None:
    """Promises: several orders in one request, GTC and GTD; cancel by ids, by market, all; allowances, closed-only."""
    client = await _funded(exchange, "100")
    async with client:
        expiry = int(time.time()) + 3_600
        signed = [
            await client.create_limit_order(
                token_id=YES, side="BUY", price="0.10", size="10", post_only=True
            ),
            await client.create_limit_order(
                token_id=YES, side="BUY", price="0.11", size="10", post_only=True, expiration=expiry
            ),
            await client.create_limit_order(token_id=NO, side="BUY", price="0.12", size="10", post_only=True),
            await client.create_limit_order(
                token_id=NO, side="BUY", price="0.13", size="5000", post_only=True
            ),
        ]
        answers = await client.post_orders(signed)
        assert [answer.ok for answer in answers] == [True, True, True, False]
        placed = [answer.order_id for answer in answers if isinstance(answer, AcceptedOrder)]
        listed = {order.id: order for order in (await client.list_open_orders().first_page()).items}
        assert set(listed) == set(placed)
        assert [listed[order_id].order_type for order_id in placed] == ["GTC", "GTD", "GTC"]
        assert (await client.cancel_orders(order_ids=placed[:1])).canceled == (placed[0],)
        assert (await client.cancel_market_orders(market=MARKET, token_id=NO)).canceled == (placed[2],)
        assert (await client.cancel_all()).canceled == (placed[1],)
        assert (await client.list_open_orders().first_page()).items == ()
        cash = await client.get_balance_allowance(asset_type="COLLATERAL")
        assert cash.balance == 100_000_000
        assert min(cash.allowances.values()) > cash.balance
        assert not await client.get_closed_only_mode()


async def test_a_limit_order_through_the_sdk(exchange: Exchange) -> None:
    """Promises: a limit order fills at its limit, its size exact."""
    client = await _funded(exchange)
    async with client:
        placed = await client.place_limit_order(token_id=YES, side="BUY", price="0.37", size="12.34")
        assert isinstance(placed, AcceptedOrder)
        assert (placed.status, placed.making_amount, placed.taking_amount) == (
            "matched",
            Decimal("4.5658"),
            Decimal("12.34"),
        )


async def test_the_sdk_reads_book_prices_and_markets(exchange: Exchange) -> None:
    """Promises: book, midpoint, spread, price and last trade price in the form the SDK reads."""
    book = {
        "token_id": YES,
        "bids": [{"price": "0.50", "size": "10"}, {"price": "0.52", "size": "20"}],
        "asks": [{"price": "0.60", "size": "5"}, {"price": "0.54", "size": "7"}],
    }
    await exchange.admin("PUT", "books", {"books": [book]})
    await exchange.admin(
        "PUT", "last-prices", {"prices": [{"token_id": YES, "price": "0.53", "side": "SELL"}]}
    )
    client = await _funded(exchange)
    async with client:
        seen = await client.get_order_book(token_id=YES)
        assert [level.price for level in seen.bids] == [Decimal("0.50"), Decimal("0.52")]
        assert [level.price for level in seen.asks] == [Decimal("0.60"), Decimal("0.54")]
        assert (seen.tick_size, seen.min_order_size, seen.neg_risk) == (Decimal("0.01"), Decimal(5), False)
        assert await client.get_midpoint(token_id=YES) == Decimal("0.53")
        assert await client.get_spread(token_id=YES) == Decimal("0.02")
        assert await client.get_price(token_id=YES, side="BUY") == Decimal("0.52")
        assert await client.get_midpoints(token_ids=[YES]) == {YES: Decimal("0.53")}
        assert await client.get_spreads(token_ids=[YES]) == {YES: Decimal("0.02")}
        asked = [PriceRequest(token_id=YES, side=side) for side in ("BUY", "SELL")]
        assert await client.get_prices(requests=asked) == {
            YES: {"BUY": Decimal("0.52"), "SELL": Decimal("0.54")}
        }
        [listed] = await client.get_last_trade_prices(token_ids=[YES])
        assert listed.price == Decimal("0.53")
        last = await client.get_last_trade_price(token_id=YES)
        assert last is not None
        assert (last.price, last.side) == (Decimal("0.53"), "SELL")
