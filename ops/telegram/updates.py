"""The line of updates of one bot: kept until acknowledged by an offset, told again until then, one poller at a time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Collection
from typing import Any, Final

from ops.telegram.refusals import TWO_POLLERS, Refusal

KEPT_MAX: Final = 100_000
# What a bot gets that names no kinds.
USUAL_KINDS: Final = frozenset(
    {"message", "edited_message", "callback_query", "my_chat_member", "inline_query", "channel_post"}
)


class UpdateLine:
    """Updates in order of their ids, from 1 on."""

    def __init__(self) -> None:
        self._waiting: list[dict[str, Any]] = []
        self._next_id = 1
        self._came = asyncio.Event()
        self._poller: asyncio.Event | None = None
        self.kinds: frozenset[str] = USUAL_KINDS
        self.handed_out = 0

    def put(self, kind: str, body: dict[str, Any]) -> int:
        """Line up an update; returns its id (0: the bot does not want this kind)."""
        if kind not in self.kinds:
            return 0
        update_id, self._next_id = self._next_id, self._next_id + 1
        self._waiting.append({"update_id": update_id, kind: body})
        del self._waiting[:-KEPT_MAX]
        self._came.set()
        return update_id

    def want(self, kinds: Collection[str] | None) -> None:
        """Which kinds the bot wants from now on; None changes nothing, none at all: the usual ones."""
        if kinds is not None:
            self.kinds = frozenset(kinds) or USUAL_KINDS

    @property
    def waiting(self) -> int:
        """How many are not acknowledged."""
        return len(self._waiting)

    def drop(self) -> None:
        """Forget what waits."""
        self._waiting.clear()

    def acknowledge(self, offset: int) -> None:
        """Forget updates with an id below ``offset``; a negative one keeps only so many from the end."""
        if offset < 0:
            self._waiting = self._waiting[offset:]
        elif offset > 0:
            self._waiting = [update for update in self._waiting if update["update_id"] >= offset]

    async def poll(self, offset: int, limit: int, seconds: float) -> list[dict[str, Any]]:
        """The next updates, waiting up to ``seconds`` for one; a later poll ends this one with 409."""
        if self._poller is not None:
            self._poller.set()
        self.acknowledge(offset)
        mine = self._poller = asyncio.Event()
        try:
            if not self._waiting and seconds > 0:
                await self._until_one_comes(mine, seconds)
            if mine.is_set():
                raise Refusal(*TWO_POLLERS)
        finally:
            if self._poller is mine:
                self._poller = None
        told = self._waiting[: max(1, min(limit, 100))]
        self.handed_out += len(told)
        return told

    async def first(self) -> dict[str, Any]:
        """The oldest one, waited for; it stays until it is acknowledged."""
        while not self._waiting:
            self._came.clear()
            await self._came.wait()
        return self._waiting[0]

    async def _until_one_comes(self, ended: asyncio.Event, seconds: float) -> None:
        self._came.clear()
        waits = [asyncio.create_task(self._came.wait()), asyncio.create_task(ended.wait())]
        try:
            await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waits:
                task.cancel()
            for task in waits:
                with contextlib.suppress(asyncio.CancelledError):
                    await task
