"""The user stream: the official SDK listens to it, and it misbehaves as told."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from polymarket.models.clob.order_response import AcceptedOrder
from polymarket.models.clob.user_events import UserOrderEvent, UserTradeEvent
from polymarket.streams import UserSpec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from ops.stack.local import Stack
from tests.paper.conftest import exchange_of_its_own
from tests.paper.exchange import MARKET, YES, Exchange, new_trader
from tests.paper.hand_made import Desk, unsigned
from tests.waiting import eventually

CONFIRMED_SECONDS = 2.5


class Ear:
    """A bare listener: what came, in the order it came."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.heard: list[dict[str, Any]] = []
        self.pongs = 0
        self._task = asyncio.create_task(self._listen())

    @classmethod
    async def open(cls, desk: Desk, **changes: object) -> Ear:
        """Signed on with the desk's key."""
        ear = cls(await connect(desk.exchange.url.replace("http", "ws") + "/ws/user"))
        await ear.say({"type": "user", "auth": desk.key, **changes})
        await ear.ping()
        return ear

    async def say(self, frame: object) -> None:
        """Send a frame."""
        await self.socket.send(frame if isinstance(frame, str) else json.dumps(frame))

    async def ping(self) -> None:
        """PING, and wait for its PONG: what was said before is in force."""
        before = self.pongs
        await self.say("PING")
        assert await eventually(lambda: self.pongs > before)

    async def kinds(self, *wanted: str) -> bool:
        """Wait until exactly these were heard."""
        return bool(await eventually(lambda: _kinds(self.heard) == list(wanted)))

    async def close(self) -> None:
        """End."""
        await self.socket.close()
        await self._task

    async def _listen(self) -> None:
        try:
            async for message in self.socket:
                if message == "PONG":
                    self.pongs += 1
                else:
                    self.heard.append(json.loads(message))
        except ConnectionClosed:
            return


def _kinds(heard: list[dict[str, Any]]) -> list[str]:
    return [event["type"] if event["event_type"] == "order" else event["status"] for event in heard]


@pytest.fixture(scope="module")
def slow_chain(
    stack: Stack, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Exchange]:
    """An exchange whose blocks take long enough that each status of a trade is told before the next one."""
    settings = {
        "POLYCOOL_PAPER_MINED_AFTER_SECONDS": "1.2",
        "POLYCOOL_PAPER_CONFIRMED_AFTER_SECONDS": str(CONFIRMED_SECONDS),
    }
    with exchange_of_its_own(stack, template_database, tmp_path_factory.mktemp("slow"), settings) as running:
        yield running


@pytest.fixture
async def patient(slow_chain: Exchange) -> AsyncIterator[Desk]:
    """A trader at the exchange with the slow chain."""
    made = await Desk.open(slow_chain)
    yield made
    await slow_chain.admin("PUT", "conduct", {"rules": []})
    await made.close()


@pytest.fixture
async def desk(exchange: Exchange) -> AsyncIterator[Desk]:
    """A trader; the stream behaves again afterwards."""
    made = await Desk.open(exchange)
    yield made
    await exchange.admin("PUT", "stream", {})
    await exchange.admin("PUT", "conduct", {"rules": []})
    await made.close()


async def _told(desk: Desk, events: int) -> None:
    """Wait until so many events were told to somebody since the stream was last told how to behave."""

    async def enough() -> bool:
        return bool((await desk.exchange.admin("GET", "stream"))["events"] >= events)

    assert await eventually(enough)


async def test_the_official_sdk_hears_its_orders_and_trades(slow_chain: Exchange) -> None:
    """Promise: the SDK's own stream client signs on and reads every event: placed, matched, mined, confirmed."""
    trader = new_trader()
    await slow_chain.open_account(trader, "100")
    async with await trader.client(slow_chain.url) as client:
        handle = await client.subscribe(UserSpec())
        placed = await client.place_market_order(token_id=YES, side="BUY", amount="5", max_price="0.5")
        assert isinstance(placed, AcceptedOrder)
        heard = []
        async with asyncio.timeout(30):
            async for event in handle:
                heard.append(event)
                if isinstance(event, UserTradeEvent) and event.payload.status == "CONFIRMED":
                    break
        orders = [event.payload for event in heard if isinstance(event, UserOrderEvent)]
        trades = [event.payload for event in heard if isinstance(event, UserTradeEvent)]
        assert [order.order_event_type for order in orders] == ["PLACEMENT", "UPDATE"]
        assert [str(order.size_matched) for order in orders] == ["0", "10"]
        assert {order.id for order in orders} == {placed.order_id}
        assert [trade.status for trade in trades] == ["MATCHED", "MINED", "CONFIRMED"]
        assert {trade.taker_order_id for trade in trades} == {placed.order_id}
        assert trades[-1].transaction_hash is not None
        await handle.close()


async def test_resting_orders_are_told_of_through_their_life(patient: Desk) -> None:
    """Promise: placement, update by a maker's fill, cancellation; and nobody hears of others' orders."""
    desk = patient
    other = await Desk.open(desk.exchange)
    ear, stranger = await Ear.open(desk), await Ear.open(other)
    first = (await desk.post(unsigned(desk.trader, order_type="GTC"), post_only=True)).json()["orderID"]
    await desk.exchange.admin("POST", "fill", {"order_id": first})
    await ear.kinds("PLACEMENT", "UPDATE", "MATCHED", "MINED", "CONFIRMED")
    second = (await desk.post(unsigned(desk.trader, order_type="GTC"), post_only=True)).json()["orderID"]
    await desk.ask("DELETE", "/order", {"orderID": second})
    await ear.kinds("PLACEMENT", "UPDATE", "MATCHED", "MINED", "CONFIRMED", "PLACEMENT", "CANCELLATION")
    assert [event["id"] for event in ear.heard if event["event_type"] == "order"] == [first] * 2 + [
        second
    ] * 2
    assert ear.heard[-1]["status"] == "CANCELED"
    token, market = str(secrets.randbits(250) | 1 << 249), "0x" + secrets.token_hex(32)
    await desk.exchange.admin(
        "PUT", "markets", {"tokens": [{"token_id": token, "market_id": market, "tick": "0.01"}]}
    )
    order = unsigned(desk.trader, order_type="GTC", token_id=token)
    third = (await desk.post(order, post_only=True)).json()["orderID"]
    await desk.exchange.admin("POST", "close", {"market_id": market})
    assert await eventually(lambda: _kinds(ear.heard)[-1] == "CANCELLATION" and ear.heard[-1]["id"] == third)
    await stranger.ping()
    assert stranger.heard == []
    for listener in (ear, stranger):
        await listener.close()
    await other.close()


async def test_r14_a_failed_settlement_is_told(patient: Desk) -> None:
    """Promise: a trade that fails after its match is told as FAILED, and never as CONFIRMED."""
    ear = await Ear.open(patient)
    rule = {"fault": "settlement_fails", "seconds": CONFIRMED_SECONDS, "address": patient.trader.address}
    await patient.exchange.admin("PUT", "conduct", {"rules": [rule]})
    await patient.post(unsigned(patient.trader))
    await ear.kinds("PLACEMENT", "UPDATE", "MATCHED", "MINED", "FAILED")
    await ear.close()


async def test_markets_are_chosen(desk: Desk) -> None:
    """Promise: with markets named only theirs are heard; they can be added and taken away."""
    ear = await Ear.open(desk, markets=["0x" + "ab" * 32])
    await desk.exchange.admin("PUT", "stream", {})
    await desk.post(unsigned(desk.trader, order_type="GTC"), post_only=True)
    await _told(desk, 1)
    await ear.say({"operation": "subscribe", "markets": [MARKET.upper().replace("X", "x")]})
    await ear.ping()
    assert ear.heard == []
    await desk.post(unsigned(desk.trader, order_type="GTC"), post_only=True)
    await ear.kinds("PLACEMENT")
    await ear.say({"operation": "unsubscribe", "markets": [MARKET]})
    await ear.ping()
    await desk.post(unsigned(desk.trader, order_type="GTC"), post_only=True)
    await _told(desk, 3)
    await ear.ping()
    assert _kinds(ear.heard) == ["PLACEMENT"]
    await ear.close()


async def test_a_wrong_key_is_shown_out(desk: Desk) -> None:
    """Promise: a wrong secret or passphrase, or no sign-on frame, ends the connection."""
    for wrong in ({"secret": "AAAA"}, {"passphrase": "x"}, {"apiKey": "x"}):
        socket = await connect(desk.exchange.url.replace("http", "ws") + "/ws/user")
        await socket.send(json.dumps({"type": "user", "auth": {**desk.key, **wrong}}))
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(socket.recv(), 5)


async def test_silence_is_open_and_mute(desk: Desk) -> None:
    """Promise: a silent stream answers no PING and tells no event, and does not make up for it afterwards."""
    ear = await Ear.open(desk)
    await desk.exchange.admin("PUT", "stream", {"silent": True})
    await ear.say("PING")
    await desk.post(unsigned(desk.trader, order_type="GTC"), post_only=True)
    await _told(desk, 1)
    await desk.exchange.admin("PUT", "stream", {})
    await ear.ping()
    assert (ear.pongs, ear.heard) == (2, [])
    await desk.post(unsigned(desk.trader, order_type="GTC"), post_only=True)
    await ear.kinds("PLACEMENT")
    await ear.close()


async def test_events_come_twice_late_swapped_or_never(desk: Desk) -> None:
    """Promise: duplicate, delay, reorder and drop do what they say, drawn from the seed."""
    ear = await Ear.open(desk)

    async def told(**form: object) -> list[str]:
        await desk.exchange.admin("PUT", "stream", form)
        ear.heard.clear()
        order_id = (await desk.post(unsigned(desk.trader, order_type="GTC"), post_only=True)).json()[
            "orderID"
        ]
        await desk.ask("DELETE", "/order", {"orderID": order_id})
        await _told(desk, 2)
        if not form.get("drop"):
            await eventually(lambda: len(ear.heard) >= (4 if form.get("duplicate") else 2))
        await ear.ping()
        return _kinds(ear.heard)

    assert await told(duplicate=1.0) == ["PLACEMENT", "PLACEMENT", "CANCELLATION", "CANCELLATION"]
    assert await told(reorder=1.0) == ["CANCELLATION", "PLACEMENT"]
    before = asyncio.get_running_loop().time()
    assert await told(delay=0.5) == ["PLACEMENT", "CANCELLATION"]
    assert asyncio.get_running_loop().time() - before >= 0.5
    assert await told(drop=1.0) == []
    await ear.close()


async def test_connections_are_cut_and_refused(desk: Desk) -> None:
    """Promise: all connections end when told; while refusing, nobody gets in; afterwards the SDK's way works again."""
    ear = await Ear.open(desk)
    assert (await desk.exchange.admin("POST", "stream/cut"))["cut"] >= 1
    await asyncio.wait_for(ear.socket.wait_closed(), 5)
    await desk.exchange.admin("PUT", "stream", {"refuse": True, "address": desk.trader.address})
    socket = await connect(desk.exchange.url.replace("http", "ws") + "/ws/user")
    await socket.send(json.dumps({"type": "user", "auth": desk.key}))
    with pytest.raises(ConnectionClosed):
        await asyncio.wait_for(socket.recv(), 5)
    await desk.exchange.admin("PUT", "stream", {})
    again = await Ear.open(desk)
    assert (await desk.exchange.admin("GET", "stream"))["listeners"] >= 1
    await again.close()


async def test_a_new_listener_hears_of_trades_under_way(patient: Desk) -> None:
    """Promise: who joins between the match and its confirmation hears the confirmation."""
    await patient.post(unsigned(patient.trader))
    ear = await Ear.open(patient)
    assert await eventually(lambda: bool(ear.heard) and _kinds(ear.heard)[-1] == "CONFIRMED")
    await ear.close()
