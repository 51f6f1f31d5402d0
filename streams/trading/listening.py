"""The user streams of live accounts, as many as are allowed: each event rings for its orders, and does nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

import aiohttp
import structlog

from streams.tables import accounts
from streams.trading.desk import Desk
from streams.venues.user_events import UserEvent
from streams.venues.user_stream import UserStream

_log = structlog.get_logger("trading.listening")
# Who begins to trade is listened to this soon; until then the clock looks.
_EVERY_SECONDS: Final = 5.0


class Listening:
    """Streams that are kept while their accounts may have fills."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._streams: dict[str, tuple[UserStream, asyncio.Task[None]]] = {}

    async def run(self) -> None:
        """Keep the streams until cancelled; without a stream's address there is nothing to do."""
        url = self._desk.settings.polymarket_stream_url
        if url is None:
            await asyncio.Event().wait()
            return
        async with aiohttp.ClientSession() as session:
            try:
                while True:
                    wanted = await accounts.to_listen(
                        self._desk.pool, self._desk.settings.stream_accounts_most
                    )
                    await self._keep(wanted, url, session)
                    self._desk.figures.streams_alive.set(
                        sum(stream.alive for stream, _ in self._streams.values())
                    )
                    await asyncio.sleep(_EVERY_SECONDS)
            finally:
                await self._end(list(self._streams))

    async def _keep(self, wanted: Sequence[str], url: str, session: aiohttp.ClientSession) -> None:
        over = [each for each, (_, task) in self._streams.items() if each not in wanted or task.done()]
        await self._end(over)
        missing = [each for each in wanted if each not in self._streams]
        wallets = await self._desk.keyring.wallets(missing) if missing else {}
        for account_id, wallet in wallets.items():
            stream = UserStream(url, session, wallet, self._heard, lambda: None)
            self._streams[account_id] = (stream, asyncio.create_task(stream.listen()))

    def _heard(self, events: Sequence[UserEvent]) -> None:
        for event in events:
            self._desk.bell.ring(event.order_hashes)

    async def _end(self, account_ids: Sequence[str]) -> None:
        for account_id in account_ids:
            _, task = self._streams.pop(account_id)
            task.cancel()
            (fault,) = await asyncio.gather(task, return_exceptions=True)
            if isinstance(fault, Exception):
                # Begun anew at the next pass; what it would have told is found by the clock.
                _log.error("user_stream_failed", account_id=account_id, exc_info=fault)
