"""The Bot API's methods that a bot in private chats uses; each takes the bot and the call's parameters."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

from ops.telegram import markup
from ops.telegram.bots import Bot
from ops.telegram.chats import Chat, Message
from ops.telegram.keyboards import checked
from ops.telegram.parameters import Parameters
from ops.telegram.refusals import NOT_MODIFIED, WEBHOOK_IS_SET, Refusal, bad
from ops.telegram.webhook import Hook

TEXT_MAX: Final = 4096
CAPTION_MAX: Final = 1024
TOAST_MAX: Final = 200
POLL_SECONDS_MAX: Final = 50
# A tap that nobody answered for so long cannot be answered any more.
TAP_SECONDS: Final = 15.0 * 60

Method = Callable[[Bot, Parameters], Awaitable[Any]]


async def get_me(bot: Bot, _: Parameters) -> Any:
    """Who the bot is."""
    return bot.as_user() | {
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
    }


async def get_updates(bot: Bot, given: Parameters) -> Any:
    """The next updates (long poll)."""
    if bot.delivery.hook is not None:
        raise Refusal(*WEBHOOK_IS_SET)
    bot.line.want(given.decoded("allowed_updates"))
    seconds = min(given.number("timeout"), POLL_SECONDS_MAX)
    return await bot.line.poll(given.number("offset"), given.number("limit", 100), seconds)


async def set_webhook(bot: Bot, given: Parameters) -> Any:
    """Updates are posted to ``url`` from now on; an empty one ends it."""
    url = given.text("url", "") or ""
    bot.line.want(given.decoded("allowed_updates"))
    if given.yes("drop_pending_updates"):
        bot.line.drop()
    if url and not url.startswith(("http://", "https://")):
        raise bad("bad webhook: Failed to resolve host")
    hook = Hook(url, given.text("secret_token"), given.number("max_connections", 40))
    bot.delivery.set(hook if url else None)
    return True


async def delete_webhook(bot: Bot, given: Parameters) -> Any:
    """Updates wait for polls again."""
    bot.delivery.set(None)
    if given.yes("drop_pending_updates"):
        bot.line.drop()
    return True


async def get_webhook_info(bot: Bot, _: Parameters) -> Any:
    """Where updates go and how it fares."""
    return bot.delivery.described()


async def send_message(bot: Bot, given: Parameters) -> Any:
    """A text in a chat."""
    chat = bot.open_chat(given.number("chat_id"))
    text = _text(given)
    message = bot.write(
        chat,
        bot.as_user(),
        text,
        markup=checked(given.decoded("reply_markup")),
        silent=given.yes("disable_notification"),
    )
    return chat.as_message(message)


async def send_photo(bot: Bot, given: Parameters) -> Any:
    """A picture in a chat."""
    chat = bot.open_chat(given.number("chat_id"))
    message = bot.write(
        chat,
        bot.as_user(),
        _caption(given.text("caption", "") or "", given.text("parse_mode")),
        markup=checked(given.decoded("reply_markup")),
        photo=_picture(given, given.text("photo", "photo") or "photo"),
        silent=given.yes("disable_notification"),
    )
    return chat.as_message(message)


async def edit_message_text(bot: Bot, given: Parameters) -> Any:
    """Another text and keyboard."""
    chat, message = _own_message(bot, given, "edit")
    if message.photo is not None:
        raise bad("there is no text in the message to edit")
    return _edited(bot, chat, message, _text(given), checked(given.decoded("reply_markup")))


async def edit_message_caption(bot: Bot, given: Parameters) -> Any:
    """Another caption and keyboard."""
    chat, message = _own_message(bot, given, "edit")
    if message.photo is None:
        raise bad("there is no caption in the message to edit")
    caption = _caption(given.text("caption", "") or "", given.text("parse_mode"))
    return _edited(bot, chat, message, caption, checked(given.decoded("reply_markup")))


async def edit_message_reply_markup(bot: Bot, given: Parameters) -> Any:
    """Another keyboard, or none."""
    chat, message = _own_message(bot, given, "edit")
    return _edited(bot, chat, message, message.marked, checked(given.decoded("reply_markup")))


async def edit_message_media(bot: Bot, given: Parameters) -> Any:
    """Another picture in place of what is there."""
    chat, message = _own_message(bot, given, "edit")
    media = given.decoded("media")
    if not isinstance(media, dict) or media.get("type") != "photo":
        raise bad("can't parse InputMedia: only photos are known here")
    picture = _picture(given, str(media.get("media", "")).removeprefix("attach://"))
    caption = _caption(str(media.get("caption", "")), media.get("parse_mode"))
    keyboard = checked(given.decoded("reply_markup"))
    return _edited(bot, chat, message, caption, keyboard, picture=picture)


async def delete_message(bot: Bot, given: Parameters) -> Any:
    """In a private chat a bot may delete its own messages and those of the person."""
    chat = bot.open_chat(given.number("chat_id"))
    if chat.messages.pop(given.number("message_id"), None) is None:
        raise bad("message to delete not found")
    bot.news()
    return True


async def answer_callback_query(bot: Bot, given: Parameters) -> Any:
    """The end of a tap's little clock, with a toast or an alert."""
    tap = bot.taps.get(given.text("callback_query_id", "") or "")
    if tap is None or tap.answered_at is not None or time.monotonic() - tap.at > TAP_SECONDS:
        raise bad("query is too old and response timeout expired or query ID is invalid")
    toast = given.text("text")
    if toast is not None and len(toast) > TOAST_MAX:
        raise bad("MESSAGE_TOO_LONG")
    tap.answered_at, tap.toast, tap.alert = time.monotonic(), toast or None, given.yes("show_alert")
    bot.news()
    return True


async def set_my_commands(bot: Bot, given: Parameters) -> Any:
    """The list a person sees at [/]; kept by scope and language."""
    commands = given.decoded("commands")
    if not isinstance(commands, list):
        raise bad("can't parse BotCommand: expected an Array")
    bot.commands[f"{given.text('scope', '')}|{given.text('language_code', '')}"] = commands
    return True


async def send_chat_action(bot: Bot, given: Parameters) -> Any:
    """“typing…”."""
    bot.open_chat(given.number("chat_id")).typing += 1
    return True


async def leave_chat(bot: Bot, given: Parameters) -> Any:
    """Go out of a group."""
    bot.open_chat(given.number("chat_id")).left = True
    return True


async def get_chat(bot: Bot, given: Parameters) -> Any:
    """What is known of a chat."""
    return bot.open_chat(given.number("chat_id")).as_chat() | {"accent_color_id": 0, "max_reaction_count": 0}


def _own_message(bot: Bot, given: Parameters, deed: str) -> tuple[Chat, Message]:
    chat = bot.open_chat(given.number("chat_id"))
    message = chat.messages.get(given.number("message_id"))
    if message is None:
        raise bad(f"message to {deed} not found")
    if not message.from_bot:
        raise bad(f"message can't be {deed}ed")
    return chat, message


def _text(given: Parameters) -> markup.Marked:
    text = markup.read(given.text("text", "") or "", given.text("parse_mode"))
    if not text.text:
        raise bad("message text is empty")
    if markup.units(text.text) > TEXT_MAX:
        raise bad("message is too long")
    return text


def _caption(source: str, parse_mode: str | None) -> markup.Marked:
    caption = markup.read(source, parse_mode)
    if markup.units(caption.text) > CAPTION_MAX:
        raise bad("message caption is too long")
    return caption


def _picture(given: Parameters, name: str) -> bytes:
    picture = given.files.get(name.removeprefix("attach://")) or given.files.get("photo")
    if not picture:
        raise bad("there is no photo in the request")
    if not picture.startswith((b"\x89PNG", b"\xff\xd8")):
        raise bad("IMAGE_PROCESS_FAILED")
    return picture


def _edited(
    bot: Bot,
    chat: Chat,
    message: Message,
    text: markup.Marked,
    keyboard: dict[str, Any] | None,
    *,
    picture: bytes | None = None,
) -> dict[str, Any]:
    if text == message.marked and keyboard == message.markup and picture in (None, message.photo):
        raise bad(NOT_MODIFIED)
    message.marked, message.markup = text, keyboard
    message.photo = picture or message.photo
    message.edits += 1
    message.edited_at = int(time.time())
    bot.news()
    return chat.as_message(message)


METHODS: Final[dict[str, Method]] = {
    "getme": get_me,
    "getupdates": get_updates,
    "setwebhook": set_webhook,
    "deletewebhook": delete_webhook,
    "getwebhookinfo": get_webhook_info,
    "sendmessage": send_message,
    "sendphoto": send_photo,
    "editmessagetext": edit_message_text,
    "editmessagecaption": edit_message_caption,
    "editmessagereplymarkup": edit_message_reply_markup,
    "editmessagemedia": edit_message_media,
    "deletemessage": delete_message,
    "answercallbackquery": answer_callback_query,
    "setmycommands": set_my_commands,
    "sendchataction": send_chat_action,
    "leavechat": leave_chat,
    "getchat": get_chat,
}
# Counted by Telegram's limits: what a person sees or hears in a chat.
COUNTED: Final = frozenset(
    {
        "sendmessage", "sendphoto", "editmessagetext", "editmessagecaption", "editmessagereplymarkup",
        "editmessagemedia",
    }
)  # fmt: skip
