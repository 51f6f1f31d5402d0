"""Takes Telegram's updates: who tapped or wrote what, once each, answered in time (UX §4)."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import structlog
from telegram import CallbackQuery, Chat, InlineKeyboardMarkup, Message, Update, User
from telegram.constants import ChatType
from telegram.error import Forbidden, TelegramError

from bot import reading, verbs
from bot.acting import Actor, Asked
from bot.callbacks import Seal, Standing, Tap
from bot.metrics import Metrics
from bot.outlet import Outlet
from bot.panel import Panels
from bot.registry import Actions
from bot.screens import troubles
from bot.screens.screen import MENU
from bot.words import Words

log = structlog.get_logger()
# Telegram repeats an update for a day at most, and always the latest ones first.
UPDATES_KEPT: Final = 20_000


class Desk:
    """One for the process; `take` may run for many updates at the same time."""

    def __init__(
        self,
        *,
        outlet: Outlet,
        panels: Panels,
        actor: Actor,
        actions: Actions,
        seal: Seal,
        metrics: Metrics,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._outlet = outlet
        self._panels = panels
        self._actor = actor
        self._actions = actions
        self._seal = seal
        self._metrics = metrics
        self._now = now
        self._seen: OrderedDict[int, None] = OrderedDict()
        self._background: set[asyncio.Task[None]] = set()

    async def take(self, update: Update) -> None:
        """Handle an update; the same `update_id` once."""
        if update.update_id in self._seen:
            self._metrics.updates.labels("any", "repeated").inc()
            return
        self._seen[update.update_id] = None
        while len(self._seen) > UPDATES_KEPT:
            self._seen.popitem(last=False)
        try:
            await self._sort(update)
        except Forbidden:
            # The person has blocked the bot meanwhile; the notices tell the API.
            self._metrics.updates.labels("any", "blocked").inc()
        except TelegramError as error:
            self._metrics.updates.labels("any", "telegram").inc()
            log.warning("telegram_refused", error=str(error), update_id=update.update_id)

    async def _sort(self, update: Update) -> None:
        chat, person = update.effective_chat, update.effective_user
        query, message = update.callback_query, update.effective_message
        if chat is not None and chat.type != ChatType.PRIVATE:
            await self._leave(chat, update)
        elif person is None or person.is_bot:
            return
        elif query is not None:
            await self._tapped(query, person, str(update.update_id))
        elif message is not None and (update.message or update.edited_message):
            await self._wrote(message, person, str(update.update_id), edited=update.message is None)

    async def _leave(self, chat: Chat, update: Update) -> None:
        """Groups and channels: say where it works, and go. Of its own going it hears too."""
        if update.my_chat_member is not None and update.my_chat_member.new_chat_member.status in (
            "left",
            "kicked",
        ):
            return
        self._metrics.updates.labels("group", "left").inc()
        await self._outlet.leave(chat.id, Words().text("bot.private_only"))

    async def _tapped(self, query: CallbackQuery, person: User, nonce: str) -> None:
        now, words = self._now(), self._actor.words_of(person)
        read = self._seal.read(person.id, query.data or "", now)
        self._metrics.updates.labels("tap", read.standing.value).inc()
        if read.standing is Standing.NOT_YOURS:
            await self._outlet.answer(query.id, words.text("bot.not_yours"))
            return
        message_id = None if query.message is None else query.message.message_id
        chat_id = person.id
        view = self._panels.of(chat_id)
        if view.lock.locked() and not view.refreshing:
            await self._outlet.answer(query.id, words.text("bot.working"))
            return
        tap, toast = self._meant(read.standing, read.tap, words)
        # Answered before the API is asked, whatever the API does; nothing waits for Telegram to say so.
        self._later(self._outlet.answer(query.id, toast))
        async with view.lock:
            if tap.verb == verbs.CLOSE_PICTURE:
                await self._outlet.delete(chat_id, message_id or 0)
                return
            asked = Asked(person, tap, nonce, on=message_id, hint=_copied(query))
            await self._timed(asked)

    def _meant(self, standing: Standing, tap: Tap | None, words: Words) -> tuple[Tap, str]:
        """What a good button asks for; an old one never acts, the page it was on is shown as of now."""
        old = words.text("bot.page_old")
        if tap is None:
            return MENU, old
        if tap.verb == verbs.WORKING:
            stood = self._actions.of(tap.arg)
            return (MENU, "") if stood is None else (Tap(stood.fresh, tap.ref), "")
        action = self._actions.of(tap.verb)
        if action is None and tap.verb != verbs.CLOSE_PICTURE:
            return MENU, old
        if standing is Standing.GOOD or action is None:
            return tap, ""
        return action.anew(tap), old

    async def _wrote(self, message: Message, person: User, nonce: str, *, edited: bool) -> None:
        text = message.text or message.caption or ""
        if reading.holds_secret(text):
            # At once, before anything else, and never logged.
            await self._outlet.delete(message.chat_id, message.message_id)
            words = self._actor.words_of(person)
            await self._panels.say(message.chat_id, troubles.secret_deleted(words), self._now())
            self._metrics.updates.labels("text", "secret").inc()
            return
        if edited:
            return
        view = self._panels.of(message.chat_id)
        async with view.lock:
            await self._answer_text(message, person, nonce, text)

    async def _answer_text(self, message: Message, person: User, nonce: str, text: str) -> None:
        chat_id, view, now = message.chat_id, self._panels.of(message.chat_id), self._now()
        ordered = reading.command(text)
        awaited = view.asks if view.asks_until is not None and now <= view.asks_until else None
        kind = "command" if ordered else "typed" if awaited else "text"
        self._metrics.updates.labels(kind, "good").inc()
        if ordered is None and awaited is not None:
            # What was typed is read and taken away, so the panel stays at the end of the chat.
            self._later(self._outlet.delete(chat_id, message.message_id))
            await self._timed(Asked(person, awaited, nonce, on=view.message_id, typed=reading.clean(text)))
            return
        self._panels.came(chat_id, message.message_id)
        view.asks = view.asks_until = None
        if ordered is not None:
            tap, rest = ordered
            wallet = reading.deep_link(rest) if tap.verb == verbs.HELLO else None
            typed = wallet or None
            tap = Tap(verbs.ADDRESS) if wallet else tap
            await self._timed(Asked(person, tap, nonce, on=None, typed=typed))
        elif reading.names_wallet(text):
            await self._timed(Asked(person, Tap(verbs.ADDRESS), nonce, on=None, typed=reading.clean(text)))
        else:
            await self._actor.other_text(Asked(person, MENU, nonce, on=None, typed=reading.clean(text)))

    async def _timed(self, asked: Asked) -> None:
        began = time.perf_counter()
        try:
            await self._actor.act(asked)
        finally:
            self._metrics.acts.labels(asked.tap.verb).observe(time.perf_counter() - began)

    def _later(self, call: object) -> None:
        """Begin a call of Telegram whose answer nothing depends on."""
        task = asyncio.ensure_future(_quietly(call))
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def settled(self) -> None:
        """Wait for the calls that were begun and not waited for."""
        await asyncio.gather(*self._background, return_exceptions=True)
        await self._panels.settled()


async def _quietly(call: object) -> None:
    try:
        await call  # type: ignore[misc]
    except TelegramError as error:
        log.info("telegram_call_failed", error=str(error))


def _copied(query: CallbackQuery) -> str | None:
    """The address that the tapped message lets copy."""
    markup = getattr(query.message, "reply_markup", None)
    if not isinstance(markup, InlineKeyboardMarkup):
        return None
    return next(
        (each.copy_text.text for row in markup.inline_keyboard for each in row if each.copy_text is not None),
        None,
    )
