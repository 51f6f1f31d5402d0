"""The exchange's user stream of one account: it wakes whoever looks, and is never the only source (polymarket.md §5.4).

Nothing that it says is booked. What was missed while it was away is looked for by those who look anyway; a connection
that falls silent (no PONG, no event) is one that is gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Callable
from dataclasses import dataclass

import aiohttp
import orjson
import structlog

from streams.venues.user_events import PING, UserEvent, events_of
from streams.venues.wallets import TradingWallet

_log = structlog.get_logger("venues.user_stream")


@dataclass(frozen=True, slots=True)
class StreamPauses:
    """Seconds: between PINGs, of silence after which a connection counts as gone, and until the next attempt at first
    and at most (doubled each time, less a random part so that not all come back at once)."""

    ping_seconds: float = 10.0
    silent_seconds: float = 30.0
    again_seconds: float = 0.5
    again_seconds_most: float = 30.0


class UserStream:
    """Listens for one wallet until cancelled. ``on_events`` hears each message's events, ``on_gap`` that something may
    have been missed: after every beginning, the first too."""

    def __init__(
        self,
        url: str,
        session: aiohttp.ClientSession,
        wallet: TradingWallet,
        on_events: Callable[[list[UserEvent]], None],
        on_gap: Callable[[], None],
        *,
        pauses: StreamPauses | None = None,
    ) -> None:
        self._url = url
        self._session = session
        self._wallet = wallet
        self._on_events = on_events
        self._on_gap = on_gap
        self._pauses = pauses or StreamPauses()
        self._heard_at = float("-inf")

    @property
    def alive(self) -> bool:
        """Whether something was heard lately."""
        return time.monotonic() - self._heard_at <= self._pauses.silent_seconds

    async def listen(self) -> None:
        """Connect, listen, and connect again, for ever."""
        pause = self._pauses.again_seconds
        while True:
            began = time.monotonic()
            cause = await self._one_connection()
            self._heard_at = float("-inf")
            if time.monotonic() - began > self._pauses.silent_seconds:
                pause = self._pauses.again_seconds
            _log.info(
                "user_stream_ended", account_id=self._wallet.account_id, cause=cause, again_seconds=pause
            )
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311  # spreads reconnects; nothing secret
            pause = min(2 * pause, self._pauses.again_seconds_most)

    async def _one_connection(self) -> str:
        """Why it ended."""
        try:
            async with self._session.ws_connect(
                self._url, timeout=aiohttp.ClientWSTimeout(ws_close=1.0), autoping=True, max_msg_size=1 << 20
            ) as socket:
                await socket.send_str(self._sign_on())
                pinging = asyncio.create_task(self._ping(socket))
                try:
                    return await self._read(socket)
                finally:
                    pinging.cancel()
                    with contextlib.suppress(asyncio.CancelledError, ConnectionError, aiohttp.ClientError):
                        await pinging
        except (aiohttp.ClientError, TimeoutError, OSError) as fault:
            return type(fault).__name__

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> str:
        first = True
        while True:
            try:
                message = await socket.receive(timeout=self._pauses.silent_seconds)
            except TimeoutError:
                return "silent"
            if message.type not in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
                return f"closed {socket.close_code}"
            self._heard_at = time.monotonic()
            if first:
                # Only an answer proves that the sign-on was taken; what happened before it was not told to us.
                first = False
                self._on_gap()
            events = events_of(message.data)
            if events:
                self._on_events(events)

    async def _ping(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        while True:
            await socket.send_str(PING)
            await asyncio.sleep(self._pauses.ping_seconds)

    def _sign_on(self) -> str:
        login = self._wallet.credentials
        auth = {"apiKey": login.api_key, "secret": login.secret, "passphrase": login.passphrase}
        return orjson.dumps({"type": "user", "auth": auth}).decode()
