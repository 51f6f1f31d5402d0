"""The user stream wakes, comes back, and is noticed when it falls silent; nothing else hangs on it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

import aiohttp
import pytest

from streams.trading.bell import Bell
from streams.venues.clob import ClobVenue
from streams.venues.orders import build
from streams.venues.user_events import UserEvent
from streams.venues.user_stream import StreamPauses, UserStream
from streams.venues.wallets import TradingWallet
from tests.paper.exchange import Exchange
from tests.venues.test_at_the_exchange import terms
from tests.venues.wallets import open_wallet
from tests.waiting import eventually

QUICK = StreamPauses(ping_seconds=0.1, silent_seconds=30.0, again_seconds=0.05, again_seconds_most=0.2)
# A busy machine's stream counts as silent now and then: for who waits for that, and only there.
SOON_SILENT = replace(QUICK, silent_seconds=0.6)


class Heard:
    """A stream of a wallet's, and what it told."""

    def __init__(self) -> None:
        self.events: list[UserEvent] = []
        self.gaps = 0

    def gap(self) -> None:
        self.gaps += 1

    @property
    def orders(self) -> set[str]:
        return {name for event in self.events for name in event.order_hashes}


Listen = Callable[..., Awaitable[tuple[UserStream, Heard]]]


@pytest.fixture
async def listen(exchange: Exchange) -> AsyncIterator[Listen]:
    """Start a stream for a wallet; all end after the test, and the exchange's stream behaves again."""
    tasks: list[asyncio.Task[None]] = []
    async with aiohttp.ClientSession() as session:

        async def start(wallet: TradingWallet, pauses: StreamPauses = QUICK) -> tuple[UserStream, Heard]:
            heard = Heard()
            url = exchange.url.replace("http", "ws") + "/ws/user"
            stream = UserStream(url, session, wallet, heard.events.extend, heard.gap, pauses=pauses)
            tasks.append(asyncio.create_task(stream.listen()))
            return stream, heard

        yield start
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
    await exchange.admin("PUT", "stream", {})


async def test_a_fill_is_heard_by_its_orders_hash(
    exchange: Exchange, venue: ClobVenue, listen: Listen
) -> None:
    """From the match to its confirmation, under the hash that was known before the POST; others' fills are not."""
    mine, other = await open_wallet(exchange, venue), await open_wallet(exchange, venue)
    stream, heard = await listen(mine)
    await eventually(lambda: stream.alive and heard.gaps == 1)
    order, theirs = build(terms(), mine), build(terms(), other)
    await venue.post(theirs, other)
    await venue.post(order, mine)
    await eventually(lambda: order.order_hash in heard.orders)
    assert theirs.order_hash not in heard.orders
    await eventually(lambda: "CONFIRMED" in {event.status for event in heard.events}, 30)


async def test_a_connection_that_ends_comes_back_and_says_that_it_missed_something(
    exchange: Exchange, venue: ClobVenue, listen: Listen
) -> None:
    """Cut by the exchange: connected again, and the gap is told so that somebody looks."""
    wallet = await open_wallet(exchange, venue)
    stream, heard = await listen(wallet)
    await eventually(lambda: heard.gaps == 1)
    await exchange.admin("POST", "stream/cut")
    await eventually(lambda: heard.gaps == 2)
    order = build(terms(), wallet)
    await venue.post(order, wallet)
    await eventually(lambda: order.order_hash in heard.orders)
    assert stream.alive


async def test_a_stream_that_falls_silent_is_noticed(
    exchange: Exchange, venue: ClobVenue, listen: Listen
) -> None:
    """Open, but no PONG and no event: it counts as gone within the bound, and is alive again once it speaks."""
    wallet = await open_wallet(exchange, venue)
    stream, heard = await listen(wallet, SOON_SILENT)
    await eventually(lambda: stream.alive)
    await exchange.admin("PUT", "stream", {"silent": True, "address": wallet.key.address.lower()})
    await eventually(lambda: not stream.alive)
    gaps = heard.gaps
    await exchange.admin("PUT", "stream", {})
    await eventually(lambda: stream.alive and heard.gaps > gaps)


async def test_a_wrong_login_is_tried_again_quietly(
    exchange: Exchange, venue: ClobVenue, listen: Listen
) -> None:
    """Refused: no event, no gap, no crash; the loop goes on."""
    wallet = await open_wallet(exchange, venue)
    await exchange.admin("PUT", "stream", {"refuse": True, "address": wallet.key.address.lower()})
    stream, heard = await listen(wallet)
    with pytest.raises(AssertionError):
        await eventually(lambda: stream.alive, 1)
    assert (heard.events, heard.gaps) == ([], 0)
    await exchange.admin("PUT", "stream", {})
    await eventually(lambda: stream.alive)


async def test_the_bell_wakes_who_waits_and_nobody_waits_for_it_in_vain() -> None:
    """Rung: at once. Not rung: no longer than was said. What was rung for is told once."""
    bell = Bell()
    began = time.monotonic()
    waiting = asyncio.create_task(bell.heard("0xa", 5))
    await asyncio.sleep(0)
    bell.ring(["0xa", "0xb"])
    assert await waiting
    assert not await bell.heard("0xc", 0.05)
    assert time.monotonic() - began < 4
    assert bell.take() == {"0xa", "0xb"}
    assert bell.take() == frozenset()
