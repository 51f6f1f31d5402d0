"""The panel: one message per flow, edited; what each chat looks at, and what it is asked for (UX §1.5, §4)."""

from __future__ import annotations

import asyncio
import contextlib
from asyncio import Lock
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog
from cachetools import LRUCache
from telegram import InlineKeyboardButton
from telegram.error import TelegramError

from bot import verbs
from bot.callbacks import Seal, Tap
from bot.outlet import Keyboard, Outlet, button
from bot.registry import Actions
from bot.screens.screen import MENU, TEXT_MAX, Button, Screen, faults, visible
from bot.words import Html, Words, cut

log = structlog.get_logger()
CHATS_KEPT: Final = 50_000
TYPED_SECONDS: Final = 900
TRAIL_MAX: Final = 20


@dataclass(slots=True)
class View:
    """What a chat has before it. `shows` counts what was shown, so that a later look knows whether it still stands."""

    message_id: int | None = None
    tap: Tap | None = None
    screen: Screen | None = None
    words: Words | None = None
    trail: list[Tap] = field(default_factory=list)
    asks: Tap | None = None
    asks_until: datetime | None = None
    shows: int = 0
    newest: int = 0
    lock: Lock = field(default_factory=Lock)
    # Whether the bot itself holds the lock, to look again: a tap waits for that and is not told to.
    refreshing: bool = False

    @asynccontextmanager
    async def refreshed(self) -> AsyncIterator[None]:
        """Hold the lock for a look nobody has tapped for."""
        async with self.lock:
            self.refreshing = True
            try:
                yield
            finally:
                self.refreshing = False


class Panels:
    """The panels of all chats, in memory: after a restart a tap edits the message it came from."""

    def __init__(self, outlet: Outlet, seal: Seal, actions: Actions) -> None:
        self._outlet = outlet
        self._seal = seal
        self._actions = actions
        self._views: LRUCache[int, View] = LRUCache(CHATS_KEPT)
        self._stripping: set[asyncio.Task[None]] = set()

    def of(self, chat_id: int) -> View:
        """The chat's view, empty at first."""
        view: View | None = self._views.get(chat_id)
        if view is None:
            view = self._views[chat_id] = View()
        return view

    def came(self, chat_id: int, message_id: int) -> None:
        """A message came into the chat, from whomever: what is above it is no longer at the end."""
        view = self.of(chat_id)
        view.newest = max(view.newest, message_id)

    def late(self, now: datetime) -> Iterator[int]:
        """Chats whose answer was waited for long enough; nothing is waited for any more."""
        for chat_id, view in list(self._views.items()):
            if view.asks_until is not None and now > view.asks_until:
                view.asks_until = None
                yield chat_id

    async def show(
        self, chat_id: int, tap: Tap, screen: Screen, words: Words, now: datetime, *, on: int | None
    ) -> None:
        """Show a screen: on the message `on` where nothing came below it, else in a new one."""
        view = self.of(chat_id)
        self._walk(view, tap)
        back = Button(words.label("bot.back"), _back(view, tap, screen))
        text, keyboard = self._drawn(chat_id, screen, back, words, now)
        await self._place(chat_id, view, text, keyboard, on)
        view.tap, view.screen, view.words = tap, screen, words
        view.shows += 1
        view.asks = screen.asks
        view.asks_until = None if screen.asks is None else now + timedelta(seconds=TYPED_SECONDS)
        if screen.picture is not None:
            close = self._keys(chat_id, now, Button(words.label("bot.close"), Tap(verbs.CLOSE_PICTURE)))
            await self._outlet.picture(chat_id, screen.picture, [[close]])

    async def say(self, chat_id: int, screen: Screen, now: datetime) -> None:
        """A message beside the panel, with buttons of its own; the panel keeps what it shows."""
        keyboard = [[self._keys(chat_id, now, each) for each in row] for row in screen.rows]
        self.came(chat_id, await self._outlet.send(chat_id, screen.text, keyboard))

    async def working(self, chat_id: int, message_id: int, tap: Tap, words: Words, now: datetime) -> None:
        """The buttons become one that says so; tapped after a crash it shows the page anew."""
        stands = Tap(verbs.WORKING, tap.ref, tap.verb)
        pressed = self._keys(chat_id, now, Button(words.label("bot.working"), stands))
        with contextlib.suppress(ValueError):
            await self._outlet.buttons(chat_id, message_id, [[pressed]])

    def _walk(self, view: View, tap: Tap) -> None:
        """Keep the trail: a place seen before is gone back to, another page of the same list takes its place."""
        action = self._actions.of(tap.verb)
        if tap in view.trail:
            del view.trail[view.trail.index(tap) + 1 :]
            return
        if action is None or action.step:
            return
        if tap == MENU or tap.verb == verbs.HELLO:
            view.trail.clear()
        if view.trail and (view.trail[-1].verb, view.trail[-1].ref) == (tap.verb, tap.ref):
            view.trail.pop()
        view.trail.append(tap)
        del view.trail[:-TRAIL_MAX]

    def _drawn(
        self, chat_id: int, screen: Screen, back: Button, words: Words, now: datetime
    ) -> tuple[str, Keyboard]:
        broken = faults(screen)
        if broken:
            log.error("screen_over_its_limits", faults=broken)
        rows = screen.rows
        if not screen.bare:
            rows = (*rows, (back, Button(words.label("bot.menu"), MENU)))
        keyboard = [[self._keys(chat_id, now, each) for each in row] for row in rows]
        text = screen.text
        if len(visible(text)) > TEXT_MAX:
            text = Html(cut(visible(text), TEXT_MAX).replace("&", "&amp;").replace("<", "&lt;"))
        return text, keyboard

    def _keys(self, chat_id: int, now: datetime, drawn: Button) -> InlineKeyboardButton:
        """One button as Telegram takes it. In a private chat the chat's id is the person's."""
        style = None if drawn.style is None else drawn.style.value
        if drawn.tap is None:
            return button(drawn.label, url=drawn.url, copies=drawn.copies, style=style)
        action = self._actions.of(drawn.tap.verb)
        lives = None if action is None else action.lives_seconds
        until = None if lives is None else now + timedelta(seconds=lives)
        return button(drawn.label, callback_data=self._seal.write(chat_id, drawn.tap, until), style=style)

    async def _place(self, chat_id: int, view: View, text: str, keyboard: Keyboard, on: int | None) -> None:
        """Edit where it is at the end of the chat; else send, and take the buttons off what stood above."""
        if on is not None and view.newest <= on and await self._outlet.edit(chat_id, on, text, keyboard):
            view.message_id = view.newest = on
            return
        former = {message for message in (on, view.message_id) if message is not None}
        view.message_id = await self._outlet.send(chat_id, text, keyboard)
        view.newest = max(view.newest, view.message_id)
        # Not waited for: the pace of a chat may hold it up for seconds, and the new panel can be tapped already.
        for message in former - {view.message_id}:
            task = asyncio.ensure_future(self._strip(chat_id, message))
            self._stripping.add(task)
            task.add_done_callback(self._stripping.discard)

    async def _strip(self, chat_id: int, message_id: int) -> None:
        try:
            await self._outlet.buttons(chat_id, message_id, [])
        except TelegramError as error:
            log.info("telegram_call_failed", error=str(error))

    async def settled(self) -> None:
        """Wait until former panels have lost their buttons."""
        await asyncio.gather(*self._stripping, return_exceptions=True)


def _back(view: View, tap: Tap, screen: Screen) -> Tap:
    """The place before this one; where none is remembered, the one the screen names."""
    before = view.trail[:-1] if view.trail and view.trail[-1] == tap else view.trail
    return before[-1] if before else screen.back
