"""Our client at a real paper exchange: every kind of wallet, order, market and page; nothing is sent twice."""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from ops.paper.faults import Fault
from schemas.enums import RejectReason, Side
from streams.venues.answers import Verdict
from streams.venues.clob import ClobVenue
from streams.venues.orders import OrderTerms, OrderType, build
from streams.venues.trades import Settlement
from streams.venues.venue import OrderStatus
from streams.venues.wallets import DEPOSIT_WALLET, EOA, PROXY, SAFE
from tests.paper.conftest import StartExchange
from tests.paper.exchange import YES, Exchange
from tests.venues.wallets import open_wallet
from tests.waiting import eventually

NEWER = str(int("01" + "cd" * 18 + "00" * 8 + "cd" * 4 + "01", 16))


def terms(side: Side = Side.BUY, amount: str = "5", limit: str = "0.5", **changes: Any) -> OrderTerms:
    """A FAK at a limit, its salt and time of now."""
    made = OrderTerms(
        side, YES, Decimal(amount), Decimal(limit), Decimal("0.01"), False, secrets.randbits(53),
        int(time.time() * 1000),
    )  # fmt: skip
    return replace(made, **changes)


@pytest.mark.parametrize("kind", [EOA, PROXY, SAFE, DEPOSIT_WALLET])
async def test_every_kind_of_wallet_buys_and_sells(exchange: Exchange, venue: ClobVenue, kind: int) -> None:
    """BUY, look-up by the hash known before, fills, balances, SELL: exact, for each signature type."""
    wallet = await open_wallet(exchange, venue, "50", signature_type=kind)
    bought = build(terms(), wallet)
    answer = await venue.post(bought, wallet)
    assert answer.verdict is Verdict.MATCHED, answer
    seen = await venue.look_up(bought.order_hash, wallet)
    assert seen is not None
    assert (seen.status, seen.matched_shares) == (OrderStatus.MATCHED, Decimal(10))
    since = datetime.now(UTC) - timedelta(seconds=30)
    [fill] = [each for each in await venue.fills(wallet, token_id=YES, since=since) if each.fee_rate]
    assert (fill.order_hash, fill.shares, fill.usdc, fill.fee_rate) == (
        bought.order_hash, Decimal(10), Decimal(5), Decimal("0.05"),
    )  # fmt: skip
    assert (await venue.balance(wallet, YES)).amount == Decimal(10)
    cash = await venue.balance(wallet)
    assert cash.amount == Decimal("44.875")
    assert all(allowed > 0 for allowed in cash.allowances.values())
    sold = build(terms(Side.SELL, "10"), wallet)
    assert (await venue.post(sold, wallet)).verdict is Verdict.MATCHED
    assert (await venue.balance(wallet, YES)).amount == 0
    assert (await exchange.balances(wallet.address))["USDC"] == "49.75"


@pytest.mark.parametrize(("newer", "neg_risk"), [(False, True), (True, False), (True, True)])
async def test_neg_risk_and_the_newer_exchange(
    exchange: Exchange, venue: ClobVenue, newer: bool, neg_risk: bool
) -> None:
    """Each market's orders go to its own contract; with the wrong neg-risk flag the exchange finds no signature."""
    token_id = NEWER if newer else str(secrets.randbits(250) | 1 << 249)
    market = {
        "token_id": token_id,
        "market_id": "0x" + secrets.token_hex(32),
        "neg_risk": neg_risk,
        "tick": "0.001",
    }
    await exchange.admin("PUT", "markets", {"tokens": [{**market, "fee_rate": "0"}]})
    wallet = await open_wallet(exchange, venue, "50")
    facts: dict[str, Any] = {
        "token_id": token_id, "tick": Decimal("0.001"), "exchange_version": 3 if newer else 2,
    }  # fmt: skip
    if not newer:
        refused = await venue.post(build(terms(neg_risk=not neg_risk, **facts), wallet), wallet)
        assert refused.reject_reason is RejectReason.SIGNATURE
    taken = await venue.post(build(terms(neg_risk=neg_risk, **facts), wallet), wallet)
    assert taken.verdict is Verdict.MATCHED, taken
    assert (await venue.balance(wallet, token_id)).amount == Decimal(10)


@pytest.mark.parametrize("order_type", [OrderType.GTC, OrderType.GTD])
async def test_what_rests_is_listed_and_cancelled(
    exchange: Exchange, venue: ClobVenue, order_type: OrderType
) -> None:
    """A post-only order rests, is among the own open orders, and ends by one cancellation; a second one says no."""
    wallet = await open_wallet(exchange, venue, "50")
    until = int(time.time()) + 600 if order_type is OrderType.GTD else 0
    rests = build(
        terms(amount="20", limit="0.40", order_type=order_type, expires_at=until, post_only=True), wallet
    )
    assert (await venue.post(rests, wallet)).verdict is Verdict.ACCEPTED
    [listed] = await venue.open_orders(wallet)
    assert (listed.order_hash, listed.status, listed.original_shares, listed.price) == (
        rests.order_hash, OrderStatus.OPEN, Decimal(20), Decimal("0.4"),
    )  # fmt: skip
    assert await venue.cancel(rests.order_hash, wallet)
    assert not await venue.cancel(rests.order_hash, wallet)
    assert await venue.open_orders(wallet) == []
    seen = await venue.look_up(rests.order_hash, wallet)
    assert seen is not None
    assert seen.status is OrderStatus.ENDED


async def test_fok_fills_whole_or_not_at_all(start_exchange: StartExchange) -> None:
    """Against a book of 10 shares: 20 are killed whole by FOK, and filled in part by FAK."""
    exchange = await start_exchange(POLYCOOL_PAPER_FILL_MODEL="book")
    book = {"token_id": YES, "bids": [], "asks": [{"price": "0.50", "size": "10"}]}
    await exchange.admin("PUT", "books", {"books": [book]})
    venue = ClobVenue(exchange.url, connections=4, post_seconds=5.0, read_seconds=5.0)
    try:
        wallet = await open_wallet(exchange, venue)
        whole = await venue.post(build(terms(amount="10", order_type=OrderType.FOK), wallet), wallet)
        assert whole.verdict is Verdict.KILLED, whole
        part = await venue.post(build(terms(amount="10"), wallet), wallet)
        assert part.verdict is Verdict.MATCHED
        assert (await venue.balance(wallet, YES)).amount == Decimal(10)
    finally:
        await venue.close()


async def test_own_trades_and_orders_are_read_to_the_last_page(start_exchange: StartExchange) -> None:
    """Two rows a page, five trades and three open orders: all are there, none twice."""
    exchange = await start_exchange(POLYCOOL_PAPER_PAGE_ROWS="2")
    venue = ClobVenue(exchange.url, connections=4, post_seconds=5.0, read_seconds=5.0)
    try:
        wallet = await open_wallet(exchange, venue)
        bought = [build(terms(amount="2"), wallet) for _ in range(5)]
        rests = [
            build(terms(amount="10", limit="0.3", order_type=OrderType.GTC, post_only=True), wallet)
            for _ in range(3)
        ]
        for each in (*bought, *rests):
            await venue.post(each, wallet)
        since = datetime.now(UTC) - timedelta(minutes=1)
        fills = [fill for fill in await venue.fills(wallet, token_id=None, since=since) if fill.fee_rate]
        assert sorted(fill.order_hash for fill in fills) == sorted(each.order_hash for each in bought)
        listed = await venue.open_orders(wallet)
        assert sorted(each.order_hash for each in listed) == sorted(each.order_hash for each in rests)
    finally:
        await venue.close()


async def test_a_tick_that_changes_is_refused_once_and_then_known(
    exchange: Exchange, venue: ClobVenue
) -> None:
    """The refusal by TICK reads the market anew, beside the way: the next order is on the new grid."""
    token_id = str(secrets.randbits(250) | 1 << 249)
    market = {"token_id": token_id, "market_id": "0x" + secrets.token_hex(32), "fee_rate": "0"}
    await exchange.admin("PUT", "markets", {"tokens": [{**market, "tick": "0.001"}]})
    wallet = await open_wallet(exchange, venue)
    fine: dict[str, Any] = {"token_id": token_id, "tick": Decimal("0.001")}
    assert venue.tick_now(token_id) is None
    await exchange.admin("PUT", "ticks", {"ticks": [{"token_id": token_id, "tick": "0.01"}]})
    refused = await venue.post(build(terms(limit="0.505", **fine), wallet), wallet)
    assert refused.reject_reason is RejectReason.TICK, refused
    await eventually(lambda: venue.tick_now(token_id) == Decimal("0.01"))
    coarse = terms(limit="0.5", token_id=token_id, tick=venue.tick_now(token_id))
    assert (await venue.post(build(coarse, wallet), wallet)).verdict is Verdict.MATCHED
    book = await venue.book(token_id)
    assert book is not None
    assert (book.tick, book.neg_risk, book.min_rest_shares) == (Decimal("0.01"), False, Decimal(5))
    assert await venue.book("404") is None


EXPECTED = {
    Fault.ACCEPT_THEN_HANG: (Verdict.UNKNOWN, True),
    Fault.ACCEPT_THEN_CUT: (Verdict.UNKNOWN, True),
    Fault.ACCEPT_THEN_500: (Verdict.UNKNOWN, True),
    Fault.ACCEPT_THEN_MALFORMED: (Verdict.UNKNOWN, True),
    Fault.ACCEPT_THEN_DUPLICATED: (Verdict.UNKNOWN, True),
    Fault.ARRIVE_LATE: (Verdict.UNKNOWN, False),
    Fault.SLOW: (Verdict.UNKNOWN, True),
    Fault.REFUSE_LATE: (Verdict.UNKNOWN, False),
    Fault.CUT: (Verdict.UNKNOWN, False),
    Fault.MALFORMED: (Verdict.UNKNOWN, False),
    Fault.SERVER_ERROR: (Verdict.UNKNOWN, False),
    Fault.NOT_INSERTED: (Verdict.UNKNOWN, False),
    Fault.RESTARTING: (Verdict.WAIT, False),
    Fault.MAINTENANCE: (Verdict.WAIT, False),
    Fault.CANCEL_ONLY: (Verdict.WAIT, False),
    Fault.POST_ONLY: (Verdict.WAIT, False),
    Fault.RATE_LIMITED: (Verdict.WAIT, False),
    Fault.PARTIAL_FILL: (Verdict.MATCHED, True),
    Fault.SETTLEMENT_FAILS: (Verdict.MATCHED, True),
    Fault.BALANCE_LAGS: (Verdict.MATCHED, True),
    Fault.DELAYED_THEN_MATCHED: (Verdict.ACCEPTED, True),
    Fault.DELAYED_THEN_KILLED: (Verdict.ACCEPTED, True),
    Fault.RESTS_DELAYED: (Verdict.ACCEPTED, True),
    Fault.RESTS_LIVE: (Verdict.ACCEPTED, True),
    Fault.RESTS_UNMATCHED: (Verdict.ACCEPTED, True),
}


@pytest.mark.parametrize("fault", list(Fault))
async def test_whatever_breaks_one_post_is_one_request(
    exchange: Exchange, venue: ClobVenue, fault: Fault
) -> None:
    """Counted at the exchange: each fault meets exactly one POST, the verdict is never more than is known, and where it
    is unknown the look by hash tells whether it was placed."""
    verdict, placed = EXPECTED[fault]
    wallet = await open_wallet(exchange, venue)
    rule: dict[str, object] = {"fault": fault, "address": wallet.key.address.lower()}
    # Only whom the answer does not reach in time gives up; an order that comes late comes after all that is looked at.
    late = fault in (Fault.ACCEPT_THEN_HANG, Fault.ARRIVE_LATE, Fault.SLOW)
    if late:
        rule |= {"seconds": 10, "seconds_to": 11} if fault is Fault.SLOW else {"seconds": 10}
    if fault is Fault.REFUSE_LATE:
        rule["seconds"] = 0
    await exchange.admin("PUT", "conduct", {"rules": [rule]})
    order = build(terms(), wallet)
    try:
        async with _hasty(exchange) if late else nullcontext(venue) as client:
            answer = await client.post(order, wallet)
        await eventually(lambda: _acted(exchange))
    finally:
        await exchange.admin("PUT", "conduct", {"rules": []})
    assert answer.verdict is verdict, answer
    if late and placed:
        await eventually(lambda: venue.look_up(order.order_hash, wallet))
    assert (await venue.look_up(order.order_hash, wallet) is not None) is placed
    assert answer.arrived is (fault is Fault.ACCEPT_THEN_DUPLICATED)
    again = await venue.post(order, wallet)
    if placed:
        assert (again.verdict, again.arrived) == (Verdict.UNKNOWN, True), (
            "the exchange itself refuses a second one"
        )


@asynccontextmanager
async def _hasty(exchange: Exchange) -> AsyncIterator[ClobVenue]:
    """A client that waits for an answer only a second."""
    made = ClobVenue(exchange.url, connections=1, post_seconds=1.0, read_seconds=5.0)
    try:
        yield made
    finally:
        await made.close()


async def _acted(exchange: Exchange) -> bool:
    """The one rule met a request, and never a second one."""
    [told] = (await exchange.admin("GET", "conduct"))["rules"]
    return bool(told["used"] == 1)


async def test_a_login_is_made_once_and_derived_afterwards(exchange: Exchange, venue: ClobVenue) -> None:
    """The same key always gets the same credentials; an answer that got lost costs nothing."""
    wallet = await open_wallet(exchange, venue)
    assert await venue.log_in(wallet.key) == wallet.credentials


async def test_the_clocks_difference_corrects_our_own_stamps(exchange: Exchange, venue: ClobVenue) -> None:
    """The paper exchange runs on this machine's clock: what is between them is the way there and back."""
    assert abs(await venue.clock_ahead_seconds()) <= 3.0


async def test_a_match_settles(start_exchange: StartExchange) -> None:
    """MATCHED first, CONFIRMED in the end, by the same fill."""
    exchange = await start_exchange(POLYCOOL_PAPER_CONFIRMED_AFTER_SECONDS="2")
    venue = ClobVenue(exchange.url, connections=4, post_seconds=5.0, read_seconds=5.0)
    wallet = await open_wallet(exchange, venue)
    order = build(terms(), wallet)
    await venue.post(order, wallet)
    since = datetime.now(UTC) - timedelta(minutes=1)
    seen: list[Settlement] = []

    async def confirmed() -> bool:
        seen.extend(
            fill.status
            for fill in await venue.fills(wallet, token_id=YES, since=since)
            if fill.order_hash == order.order_hash
        )
        return Settlement.CONFIRMED in seen

    await eventually(confirmed)
    await venue.close()
    assert seen[0] in (Settlement.MATCHED, Settlement.MINED)
