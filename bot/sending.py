"""The one door to Telegram: everything the bot calls goes out here, paced (UX §4 "Telegram's limits").

Two ways in, of which a call takes one:

- ``Limiter`` under python-telegram-bot's own bot, so that no call can go round it:
  ``Application.builder().rate_limiter(Limiter(sender))``. Calls are answers to taps unless they say otherwise:
  ``bot.send_message(…, rate_limit_args=Priority.RESULT)``;
- ``await sender.call(chat_id, Priority.TAP, lambda: bot.send_message(…))`` for a bot without it.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextvars import ContextVar
from datetime import timedelta
from typing import Any, Final, Protocol, TypeVar

from telegram.error import BadRequest, RetryAfter
from telegram.ext import BaseRateLimiter

from bot.pacing import Limits, Pace, Priority, Ticket

__all__ = ["Limiter", "Limits", "NoRoom", "Priority", "Sender", "SystemClock", "not_modified", "room_within"]

Answer = TypeVar("Answer")
# Calls that Telegram counts for no chat.
_OF_NO_CHAT: Final = frozenset({"answerCallbackQuery", "answerInlineQuery"})


_within_seconds: ContextVar[float | None] = ContextVar("within_seconds", default=None)


@contextlib.contextmanager
def room_within(seconds: float) -> Iterator[None]:
    """Calls of the bot in this block find their turn so soon or raise NoRoom and are not made."""
    before = _within_seconds.set(seconds)
    try:
        yield
    finally:
        _within_seconds.reset(before)


class Clock(Protocol):
    """Seconds that never go back, and waiting for them."""

    def now(self) -> float: ...

    async def sleep(self, seconds: float) -> None: ...


class SystemClock:
    """The machine's own."""

    def now(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class NoRoom(Exception):
    """The call found no room within the time given to it and was not made."""


class Sender:
    """Lets calls out one after the other, as ``Pace`` says. One for each bot token."""

    def __init__(self, *, limits: Limits | None = None, clock: Clock | None = None) -> None:
        self._clock: Clock = clock or SystemClock()
        self._pace = Pace(limits or Limits())
        self._turns: dict[Ticket, asyncio.Future[None]] = {}
        self._changed = asyncio.Event()
        self._pump: asyncio.Task[None] | None = None

    def waiting(self) -> int:
        """How many calls wait for their turn."""
        return self._pace.waiting()

    async def call(
        self,
        chat_id: int | None,
        priority: Priority,
        deed: Callable[[], Awaitable[Answer]],
        *,
        within_seconds: float | None = None,
    ) -> Answer:
        """Make the call when its turn comes and give its answer; what it raises is raised here. Where Telegram says
        "retry after", everything waits that long and this call goes again. NoRoom: its turn did not come within
        ``within_seconds``, and it was not made."""
        until = None if within_seconds is None else self._clock.now() + within_seconds
        again = False
        while True:
            await self._turn(Ticket(chat_id, priority), until, again=again)
            try:
                return await deed()
            except RetryAfter as refused:
                again = True
                self._pace.hold(self._clock.now() + _seconds(refused))
            finally:
                self._pace.answered(self._clock.now())
                self._changed.set()

    async def close(self) -> None:
        """Stop letting calls out; those that wait are cancelled."""
        for turn in self._turns.values():
            turn.cancel()
        if self._pump is not None:
            self._pump.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._pump

    async def _turn(self, ticket: Ticket, until: float | None, *, again: bool) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._turns[ticket] = turn
        self._pace.add(ticket, first=again)
        self._changed.set()
        if self._pump is None or self._pump.done():
            self._pump = asyncio.create_task(self._let_out())
        try:
            await (turn if until is None else self._bounded(turn, until))
        except BaseException:
            if turn.done() and not turn.cancelled():
                # Its turn had come, and it is not used: nothing is under way.
                self._pace.answered(self._clock.now())
            raise
        finally:
            self._turns.pop(ticket, None)
            self._pace.drop(ticket)

    async def _bounded(self, turn: asyncio.Future[None], until: float) -> None:
        waited = asyncio.ensure_future(self._clock.sleep(max(until - self._clock.now(), 0.0)))
        try:
            await asyncio.wait({turn, waited}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waited.cancel()
        if not turn.done():
            raise NoRoom
        await turn

    async def _let_out(self) -> None:
        """Give turns until nobody waits."""
        while True:
            self._changed.clear()
            found = self._pace.take(self._clock.now())
            match found:
                case Ticket():
                    turn = self._turns.get(found)
                    if turn is not None and not turn.done():
                        turn.set_result(None)
                    else:
                        self._pace.answered(self._clock.now())
                case None:
                    return
                case at:
                    await self._until(at)

    async def _until(self, at: float) -> None:
        """Wait for a time, or for somebody new who may go earlier."""
        waits = {
            asyncio.ensure_future(self._clock.sleep(max(at - self._clock.now(), 0.0))),
            asyncio.ensure_future(self._changed.wait()),
        }
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()


class Limiter(BaseRateLimiter[Priority]):
    """The same sender under python-telegram-bot's bot. An edit that changes nothing counts as done."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """What still waits is let go."""
        await self._sender.close()

    async def process_request(  # noqa: PLR0917 - the library's own shape
        self,
        callback: Callable[..., Coroutine[Any, Any, bool | dict[str, Any] | list[dict[str, Any]]]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: Priority | None,
    ) -> bool | dict[str, Any] | list[dict[str, Any]]:
        """Make one call of the bot when its turn comes."""
        chat_id = None if endpoint in _OF_NO_CHAT else data.get("chat_id")
        priority = Priority.TAP if rate_limit_args is None else rate_limit_args
        try:
            return await self._sender.call(
                chat_id, priority, lambda: callback(*args, **kwargs), within_seconds=_within_seconds.get()
            )
        except BadRequest as refused:
            if not_modified(refused):
                return True
            raise


def not_modified(refused: BadRequest) -> bool:
    """Whether Telegram only says that the message reads so already."""
    return "message is not modified" in refused.message.lower()


def _seconds(refused: RetryAfter) -> float:
    after = refused.retry_after
    return after.total_seconds() if isinstance(after, timedelta) else float(after)
