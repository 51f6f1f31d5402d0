"""The user stream on the wire: ``/ws/user`` as ASGI has it; sign on, PING and PONG, subscriptions, events."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

import orjson

from ops.paper.keys import Keys
from ops.paper.ledger import LedgerError
from ops.paper.listener import Listener
from ops.paper.newsroom import Newsroom

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PATH: Final = "/ws/user"
_SIGN_ON_SECONDS: Final = 10.0
_POLICY_VIOLATION: Final = 1008
_GOING_AWAY: Final = 1001


class UserWire:
    """Serves connections of the user stream."""

    def __init__(self, newsroom: Newsroom, keys: Keys) -> None:
        self._newsroom = newsroom
        self._keys = keys

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One connection from its beginning to its end."""
        await receive()
        if scope["path"] != PATH or (self._newsroom.form.refuse and self._newsroom.form.address is None):
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
            return
        await send({"type": "websocket.accept"})
        try:
            async with asyncio.timeout(_SIGN_ON_SECONDS):
                listener = await self._sign_on(receive, send)
        except (TimeoutError, LedgerError):
            listener = None
        if listener is None:
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION, "reason": "unauthorized"})
            return
        await self._attend(listener, receive, send)

    async def _attend(self, listener: Listener, receive: Receive, send: Send) -> None:
        ways = [
            asyncio.create_task(self._hear(listener, receive, send)),
            asyncio.create_task(_tell(listener, send)),
            asyncio.create_task(listener.cut.wait()),
        ]
        try:
            await self._newsroom.join(listener)
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._newsroom.leave(listener)
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
        if listener.cut.is_set():
            await send({"type": "websocket.close", "code": _GOING_AWAY})

    async def _sign_on(self, receive: Receive, send: Send) -> Listener | None:
        while True:
            text = _text(await receive())
            if text is None:
                return None
            if text == "PING":
                await send({"type": "websocket.send", "text": "PONG"})
                continue
            frame = _frame(text)
            auth = frame.get("auth")
            if not isinstance(auth, dict) or str(frame.get("type", "user")).lower() != "user":
                return None
            address = await self._keys.address_of(
                str(auth.get("apiKey", "")), str(auth.get("secret", "")), str(auth.get("passphrase", ""))
            )
            form = self._newsroom.form
            if address is None or (form.refuse and form.about(address)):
                return None
            return Listener(address, _markets(frame.get("markets")))

    async def _hear(self, listener: Listener, receive: Receive, send: Send) -> None:
        while (text := _text(await receive())) is not None:
            if text == "PING":
                if not listener.silent:
                    await send({"type": "websocket.send", "text": "PONG"})
                continue
            frame = _frame(text)
            named = _markets(frame.get("markets")) or frozenset()
            if frame.get("operation") == "subscribe":
                listener.markets = (listener.markets or frozenset()) | named
            elif frame.get("operation") == "unsubscribe" and listener.markets is not None:
                listener.markets = listener.markets - named
            elif frame.get("type") == "user":
                listener.markets = _markets(frame.get("markets"))


async def _tell(listener: Listener, send: Send) -> None:
    while True:
        event = await listener.next()
        if not listener.silent:
            await send({"type": "websocket.send", "text": orjson.dumps(event).decode()})


def _text(message: MutableMapping[str, Any]) -> str | None:
    """What was sent; None where the connection ended."""
    if message["type"] != "websocket.receive":
        return None
    text, content = message.get("text"), message.get("bytes")
    return str(text) if text is not None else bytes(content or b"").decode("utf-8", "replace")


def _frame(text: str) -> dict[str, Any]:
    try:
        content = orjson.loads(text)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _markets(named: object) -> frozenset[str] | None:
    """Condition ids in lower case; None: all of them."""
    return frozenset(str(market).lower() for market in named) if isinstance(named, list) and named else None
