"""What the panel does in a chat, as calls of Telegram; each goes through the paced sender under the bot."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any, Final, Protocol

from telegram import CopyTextButton, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.constants import ParseMode
from telegram.error import BadRequest, Forbidden
from telegram.ext import ExtBot

from bot.sending import Priority, not_modified

# Telegram does not edit what is older than two days, or gone; nor has what to delete been there.
_GONE: Final = (
    "message to edit not found",
    "message can't be edited",
    "message to be replied not found",
    "no text in the message",
)
_NO_PREVIEW: Final = LinkPreviewOptions(is_disabled=True)
Keyboard = Sequence[Sequence[InlineKeyboardButton]]


class Outlet(Protocol):
    """A chat, as the panel needs it."""

    async def send(self, chat_id: int, text: str, keyboard: Keyboard) -> int: ...
    async def edit(self, chat_id: int, message_id: int, text: str, keyboard: Keyboard) -> bool: ...
    async def buttons(self, chat_id: int, message_id: int, keyboard: Keyboard) -> None: ...
    async def delete(self, chat_id: int, message_id: int) -> None: ...
    async def answer(self, callback_id: str, text: str = "") -> None: ...
    async def picture(self, chat_id: int, png: bytes, keyboard: Keyboard) -> int: ...
    async def leave(self, chat_id: int, text: str) -> None: ...


class TelegramOutlet:
    """Telegram itself."""

    def __init__(self, bot: ExtBot[Priority]) -> None:
        self._bot = bot

    async def send(self, chat_id: int, text: str, keyboard: Keyboard) -> int:
        """A new message; its id."""
        sent = await self._bot.send_message(
            chat_id, text, ParseMode.HTML, reply_markup=_markup(keyboard), link_preview_options=_NO_PREVIEW
        )
        return sent.message_id

    async def edit(self, chat_id: int, message_id: int, text: str, keyboard: Keyboard) -> bool:
        """Another text in its place. False where the message cannot be edited any more."""
        try:
            await self._bot.edit_message_text(
                text,
                chat_id,
                message_id,
                parse_mode=ParseMode.HTML,
                reply_markup=_markup(keyboard),
                link_preview_options=_NO_PREVIEW,
            )
        except BadRequest as refused:
            if not_modified(refused):
                return True
            if _is_gone(refused):
                return False
            raise
        return True

    async def buttons(self, chat_id: int, message_id: int, keyboard: Keyboard) -> None:
        """Other buttons under it; none take them away."""
        try:
            await self._bot.edit_message_reply_markup(chat_id, message_id, reply_markup=_markup(keyboard))
        except BadRequest as refused:
            if not (not_modified(refused) or _is_gone(refused)):
                raise

    async def delete(self, chat_id: int, message_id: int) -> None:
        """Take a message out of the chat; that it cannot be is no fault."""
        try:
            await self._bot.delete_message(chat_id, message_id)
        except BadRequest as refused:
            if "delete" not in refused.message.lower():
                raise

    async def answer(self, callback_id: str, text: str = "") -> None:
        """Answer a tap; one that waited too long for it is past caring."""
        try:
            await self._bot.answer_callback_query(callback_id, text or None)
        except BadRequest as refused:
            if "query" not in refused.message.lower():
                raise

    async def picture(self, chat_id: int, png: bytes, keyboard: Keyboard) -> int:
        """A picture in a message of its own."""
        sent = await self._bot.send_photo(chat_id, png, reply_markup=_markup(keyboard))
        return sent.message_id

    async def leave(self, chat_id: int, text: str) -> None:
        """Say why, and leave the chat."""
        # It may not be allowed to write there; it leaves all the same.
        with contextlib.suppress(BadRequest, Forbidden):
            await self._bot.send_message(chat_id, text)
        await self._bot.leave_chat(chat_id)


def button(label: str, **more: Any) -> InlineKeyboardButton:
    """One button; `copies` is what Telegram's copy button copies."""
    copies = more.pop("copies", None)
    return InlineKeyboardButton(label, copy_text=None if copies is None else CopyTextButton(copies), **more)


def _markup(keyboard: Keyboard) -> InlineKeyboardMarkup | None:
    return InlineKeyboardMarkup(keyboard) if keyboard else None


def _is_gone(refused: BadRequest) -> bool:
    return any(words in refused.message.lower() for words in _GONE)
