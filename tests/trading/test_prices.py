"""Prices that people are shown: of the book of the outcome itself, within a budget, never overwritten by older ones."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from schemas.enums import Venue
from streams.tables import prices
from streams.tables.pool import open_pool
from streams.tables.prices import Priced
from streams.trading.book_tops import NOTHING, Top, top
from streams.trading.price_line import HELD, WISHED, PriceLine
from streams.venues.venue import BookSeen, Level
from tests.api.conftest import Face
from tests.conftest import until_ready
from tests.copy_execution.world import MARKET, TOKEN
from tests.trading.by_hand import BUY, open_positions, order_of, put_book, quote_for, user_of
from tests.trading.ground import Ground
from tests.waiting import eventually

D = Decimal
OTHER_OUTCOME = str(int(TOKEN) - 1)
# The deepest level, a bid and an offer of the other outcome, are far from this one's.
OTHER_BOOK = {
    "token_id": OTHER_OUTCOME,
    "bids": [{"price": "0.56", "size": "300"}],
    "asks": [{"price": "0.58", "size": "300"}],
}


def _book(bids: list[tuple[str, str]], asks: list[tuple[str, str]]) -> BookSeen:
    return BookSeen(
        tuple(Level(D(price), D(shares)) for price, shares in bids),
        tuple(Level(D(price), D(shares)) for price, shares in asks),
    )


def test_the_top_is_the_best_of_each_side_with_what_stands_within_a_cent() -> None:
    """Depth in USDC counts what stands at most a cent away; levels that are no prices count nothing."""
    book = _book(
        [("0.5", "10"), ("0.49", "10"), ("0.48", "1000")], [("0.52", "5"), ("0.535", "1000"), ("1", "9")]
    )

    assert top(book) == Top(D("0.5"), D("0.52"), D("9.9"), D("2.6"))
    assert top(None) == top(_book([], [])) == NOTHING
    assert top(_book([("0", "10"), ("0.5", "0")], [("1", "5")])) == NOTHING
    assert top(_book([("0.5", "9" * 30)], [])).bid_depth_usdc == D(10) ** 12


def test_what_somebody_looks_at_comes_first_and_nobody_is_forgotten() -> None:
    """Wished tokens every 3 s, held ones every 20 s, the longest unseen first, never more than there is budget for."""
    line = PriceLine({WISHED: 3.0, HELD: 20.0})
    held = [Priced(f"held-{number}", 1) for number in range(6)]
    wished = [Priced("wished", 1), Priced("held-3", 1)]
    seen = []
    for second in range(8):
        due = line.due(wished, held, float(second), 2)
        line.looked(due, float(second))
        assert len(due) <= 2
        seen.append(sorted(each.token_id for each in due))

    assert seen[0] == seen[3] == ["held-3", "wished"]
    assert sorted(token for each in (seen[1], seen[2], seen[4]) for token in each) == [
        "held-0", "held-1", "held-2", "held-4", "held-5",
    ]  # fmt: skip
    assert seen[5] == []
    assert line.due([], held, 25.0, 10)[0].token_id == "held-0"


async def _kept(ground_url: str, token: str, *looks: tuple[float, str]) -> Any:
    pool = await open_pool(ground_url, "trading")
    try:
        for age, bid in looks:
            seen = Top(D(bid), None, D(1), D(0))
            row = {
                "token_id": token, "bid": seen.bid, "offer": seen.offer, "bid_depth_usdc": seen.bid_depth_usdc,
                "offer_depth_usdc": seen.offer_depth_usdc,
            }  # fmt: skip
            await prices.keep(pool, Venue.PAPER, age, [row])
        async with pool.connection() as connection:
            found = await connection.execute("SELECT bid FROM token_prices WHERE token_id = %s", (token,))
            return await found.fetchone()
    finally:
        await pool.close()


@pytest.mark.parametrize("looks", [[(0.0, "0.44"), (30.0, "0.9")], [(5.0, "0.9"), (0.0, "0.44")]])
async def test_a_slow_poller_never_overwrites_a_newer_price(
    database_url: str, looks: list[tuple[float, str]]
) -> None:
    """B-44: a look that was begun earlier and answered later is let go; a younger one takes its place."""
    assert await _kept(database_url, TOKEN, *looks) == (D("0.44"),)


async def _position(face: Face, user: str, bid: str) -> dict[str, Any] | None:
    [position] = await open_positions(face, user)
    return position if position["bid"] == bid else None


async def test_a_position_is_valued_at_the_bid_of_its_own_outcome(ground: Ground, face: Face) -> None:
    """B-16, N4: bought at the offer, worth the bid of the same token, not of its sibling nor the middle; the price
    follows the book within seconds while somebody looks."""
    await ground.start()
    await put_book(ground)
    no = {"token_id": OTHER_OUTCOME, "market_id": MARKET, "outcome": "No", "tick": "0.01", "fee_rate": "0.05"}
    await ground.exchange.admin("PUT", "markets", {"tokens": [no]})
    await ground.exchange.admin("PUT", "books", {"books": [OTHER_BOOK]})
    user = await user_of(ground, face)
    order = await order_of(face, user, await quote_for(face, user, BUY))

    position = await eventually(lambda: _position(face, user, "0.42"))
    assert position is not None
    shares, cost = D(position["shares"]), D(position["cost_usdc"])
    assert cost == D(order["usdc"]) + D(order["fee_usdc"])
    assert D(position["worth_usdc"]) == (shares * D("0.42")).quantize(D("0.000001"), "ROUND_DOWN")
    assert D(position["open_usdc"]) == D(position["worth_usdc"]) - cost

    await put_book(ground, bid="0.47", ask="0.49")
    assert await eventually(lambda: _position(face, user, "0.47"), 10)
    market = (await face.get(f"/v1/markets/{TOKEN}")).json()
    assert (market["price"]["bid"], market["price"]["offer"]) == ("0.47", "0.49")
    assert D(market["price"]["age_seconds"]) < 6
    assert D(market["price"]["bid_depth_usdc"]) == 470


async def test_results_are_net_of_fees(ground: Ground, face: Face) -> None:
    """B-47, B-48: what was realised and is open, together with the cost of what is held, is what the cash says."""
    await ground.start()
    await put_book(ground)
    user = await user_of(ground, face)
    assert (await order_of(face, user, await quote_for(face, user, BUY)))["state"] == "filled"
    [position] = await open_positions(face, user)
    half = f"{D(position['shares']) / 2:.2f}"
    sell = {"side": "SELL", "position_id": position["position_id"], "shares": half}
    assert (await order_of(face, user, await quote_for(face, user, sell)))["state"] == "filled"
    assert await eventually(lambda: _position(face, user, "0.42"))

    pnl = (await face.get("/v1/pnl", user=user, window="7d")).json()
    [account] = (await face.get("/v1/me/accounts", user=user)).json()
    [position] = await open_positions(face, user)
    spent = D(1000) - D(account["cash_usdc"])
    assert D(pnl["realised_usdc"]) == D(position["cost_usdc"]) - spent < 0
    assert pnl["realised_today_usdc"] == pnl["realised_usdc"] == pnl["by_day"][-1]["net_usdc"]
    assert len(pnl["by_day"]) == 7
    fees = ground.world.rows("SELECT sum(fee_usdc) AS fees FROM fills")[0]["fees"]
    assert D(pnl["fees_usdc"]) == fees > 0
    assert (pnl["worth_usdc"], pnl["open_usdc"]) == (position["worth_usdc"], position["open_usdc"])
    [by_hand] = pnl["by_leader"]
    assert (by_hand["leader"], by_hand["realised_usdc"]) == (None, pnl["realised_usdc"])
    # Live money is another sum.
    live = (await face.get("/v1/pnl", user=user, venue="polymarket")).json()
    assert (live["realised_usdc"], live["worth_usdc"], live["fees_usdc"]) == ("0", "0", "0")


async def test_an_exchange_that_is_away_leaves_prices_to_grow_old(ground: Ground, face: Face) -> None:
    """Nobody invents a price: trading goes on, and takes prices up again when the exchange is back."""
    task = await ground.start()
    await put_book(ground)
    user = await user_of(ground, face)
    assert (await order_of(face, user, await quote_for(face, user, BUY)))["state"] == "filled"
    assert await eventually(lambda: _position(face, user, "0.42"))

    await asyncio.to_thread(ground.exchange.program.stop, seconds=10.0)
    ground.world.run("UPDATE token_prices SET seen_at = seen_at - interval '61 seconds'")
    [position] = await open_positions(face, user)
    assert [position[name] for name in ("bid", "price_at", "worth_usdc", "open_usdc")] == [None] * 4
    pnl = (await face.get("/v1/pnl", user=user)).json()
    assert (pnl["unpriced"], pnl["worth_usdc"], pnl["by_leader"][0]["open_usdc"]) == (1, "0", None)
    assert not task.done()

    ground.exchange.program.start()
    await until_ready(ground.exchange.program)
    assert await eventually(lambda: _position(face, user, "0.42"), 20)
