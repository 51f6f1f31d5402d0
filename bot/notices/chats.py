"""A notice in its chat: said in the reader's language, sent with or without sound, or put in its former one's place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from telegram import InlineKeyboardMarkup, LinkPreviewOptions
from telegram.constants import ParseMode
from telegram.error import BadRequest
from telegram.ext import ExtBot

from bot.sending import Priority, room_within
from schemas.notice_buttons import NoticeButton
from schemas.notice_texts import NoticeMessage, Texts, message, without_markup
from schemas.notices import NoticeClass, NoticeView

_NO_PREVIEW: Final = LinkPreviewOptions(is_disabled=True)
_PRIORITIES: Final = {
    NoticeClass.SAFETY: Priority.SAFETY,
    NoticeClass.RESULT: Priority.RESULT,
    NoticeClass.DIGEST: Priority.DIGEST,
}
# Telegram edits no message that is gone, nor one older than two days: then the new state comes as a message of its own.
_GONE: Final = ("message to edit not found", "message can't be edited", "message_id_invalid")
KeyboardOf = Callable[[int, tuple[tuple[NoticeButton, ...], ...]], InlineKeyboardMarkup | None]
"""The buttons of a notice, for the person of this Telegram id."""


class TelegramChats:
    """Telegram itself, through the paced sender under the bot."""

    def __init__(
        self, bot: ExtBot[Priority], texts_of: Callable[[str], Texts], keyboard_of: KeyboardOf
    ) -> None:
        self._bot = bot
        self._texts_of = texts_of
        self._keyboard_of = keyboard_of

    async def show(self, notice: NoticeView, room_seconds: float) -> int:
        """The id of the message it stands in. Raises ``NoRoom``, and what Telegram refuses."""
        said = message(notice.kind, notice.facts, self._texts_of(notice.language), zone=notice.time_zone)
        keyboard = self._keyboard_of(notice.telegram_id, said.buttons)
        priority = _PRIORITIES[notice.notice_class]
        with room_within(room_seconds):
            if notice.telegram_message_id is not None:
                try:
                    await self._edit(notice.telegram_id, notice.telegram_message_id, said, keyboard, priority)
                except BadRequest as refused:
                    if not any(words in refused.message.lower() for words in _GONE):
                        raise
                else:
                    return notice.telegram_message_id
            return await self._send(notice, said, keyboard, priority)

    async def _send(
        self,
        notice: NoticeView,
        said: NoticeMessage,
        keyboard: InlineKeyboardMarkup | None,
        priority: Priority,
    ) -> int:
        """A message of its own; without markup where a server does not know a tag of ours: words before looks."""
        for text, mode in ((said.text, ParseMode.HTML), (without_markup(said.text), None)):
            try:
                sent = await self._bot.send_message(
                    notice.telegram_id,
                    text,
                    mode,
                    reply_markup=keyboard,
                    disable_notification=notice.silent,
                    link_preview_options=_NO_PREVIEW,
                    rate_limit_args=priority,
                )
            except BadRequest as refused:
                if mode is None or "parse" not in refused.message.lower():
                    raise
            else:
                return sent.message_id
        raise AssertionError("the second try ends it")

    async def _edit(
        self,
        chat_id: int,
        message_id: int,
        said: NoticeMessage,
        keyboard: InlineKeyboardMarkup | None,
        priority: Priority,
    ) -> None:
        await self._bot.edit_message_text(
            said.text,
            chat_id,
            message_id,
            parse_mode=ParseMode.HTML,
            reply_markup=keyboard,
            link_preview_options=_NO_PREVIEW,
            rate_limit_args=priority,
        )
