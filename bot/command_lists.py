"""Telegram's list of commands behind [/], in each reader's language; operators' chats also have /admin."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from telegram import BotCommand, BotCommandScopeChat
from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.reading import LISTED
from bot.sending import Priority
from bot.words import ENGLISH, texts
from schemas.me_views import LANGUAGES


async def tell_everybody(bot: ExtBot[Priority]) -> None:
    """The list in each language we have; without it the bot works as well."""
    for language in LANGUAGES:
        if texts(language):
            with contextlib.suppress(TelegramError):
                code = None if language == ENGLISH else language
                await bot.set_my_commands(_commands(LISTED, language), language_code=code)


async def tell_operator(bot: ExtBot[Priority], chat_id: int, language: str) -> None:
    """The list of one operator's chat."""
    with contextlib.suppress(TelegramError):
        await bot.set_my_commands(_commands((*LISTED, "admin"), language), scope=BotCommandScopeChat(chat_id))


def _commands(names: Sequence[str], language: str) -> list[BotCommand]:
    said = {**texts(ENGLISH), **texts(language)}
    return [BotCommand(name, said[f"command.{name}"]) for name in names]
