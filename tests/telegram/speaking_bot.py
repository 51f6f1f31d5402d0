"""A small bot with python-telegram-bot, with which both counterparts are looked at."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.constants import ParseMode
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    MessageHandler,
    filters,
)

TOKEN = "4711:AAF-a_token_of_nobody_at_all_for_tests"
Context = ContextTypes.DEFAULT_TYPE
SpeakingBot = Application[Any, Any, Any, Any, Any, Any]


def application(base: str) -> SpeakingBot:
    """The bot, its API at ``base`` (without ``/bot``)."""
    app = Application.builder().token(TOKEN).base_url(f"{base}/bot").base_file_url(f"{base}/file/bot").build()
    app.add_handler(CommandHandler("start", _begin))
    app.add_handler(CallbackQueryHandler(_tapped))
    app.add_handler(MessageHandler(filters.TEXT, _echoed))
    return app


@asynccontextmanager
async def polling(base: str) -> AsyncIterator[SpeakingBot]:
    """The bot while it polls."""
    app = application(base)
    async with app:
        assert app.updater is not None
        await app.start()
        await app.updater.start_polling(poll_interval=0.1, timeout=5, allowed_updates=Update.ALL_TYPES)
        try:
            yield app
        finally:
            await app.updater.stop()
            await app.stop()


async def _begin(update: Update, _: Context) -> None:
    assert update.effective_chat is not None
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data="yes", style="primary")]])
    await update.effective_chat.send_message("<b>Sure?</b>", parse_mode=ParseMode.HTML, reply_markup=keyboard)


async def _tapped(update: Update, _: Context) -> None:
    query = update.callback_query
    assert query is not None
    await query.answer("Noted.")
    await query.edit_message_text(f"You said {query.data}.")


async def _echoed(update: Update, _: Context) -> None:
    assert update.message is not None
    await update.message.reply_text(f"Heard: {update.message.text}")
