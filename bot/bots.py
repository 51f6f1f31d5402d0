"""Puts the bot together: its way to Telegram, its screens, the desk that takes updates."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from telegram.ext import Application, ExtBot

from bot.acting import Actor
from bot.callbacks import Seal
from bot.client.asking import Api
from bot.command_lists import tell_operator
from bot.desk import Desk
from bot.metrics import Metrics
from bot.notices.carrying import Carrier
from bot.notices.chats import TelegramChats
from bot.notices.keyboards import Keyboards
from bot.notices.posting import ApiPost
from bot.outlet import Outlet, TelegramOutlet
from bot.panel import Panels
from bot.screens.everything import every_action
from bot.sending import Limiter, Priority, Sender
from bot.settings import BotSettings
from bot.words import every_text


@dataclass
class Bot:
    """The parts of a running bot."""

    desk: Desk
    actor: Actor
    panels: Panels
    api: Api
    metrics: Metrics
    carrier: Carrier | None = None
    ready: bool = False
    mode: str = "polling"
    username: str = ""
    http_port: int = 0
    webhook_port: int = 0

    async def close(self) -> None:
        """End what was begun."""
        await self.actor.close()
        await self.desk.settled()


class _Watching(Limiter):
    """The paced sender, which also tells the panels of every message that went into a chat: notices too."""

    def __init__(self, sender: Sender) -> None:
        super().__init__(sender)
        self.panels: Panels | None = None

    async def process_request(  # noqa: PLR0917  # the library's own shape
        self,
        callback: Any,
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: Priority | None,
    ) -> bool | dict[str, Any] | list[dict[str, Any]]:
        """Make one call; a new message's id is told to the panels."""
        answer = await super().process_request(callback, args, kwargs, endpoint, data, rate_limit_args)
        if self.panels is not None and endpoint.startswith("send") and isinstance(answer, dict):
            chat_id, message_id = data.get("chat_id"), answer.get("message_id")
            if isinstance(chat_id, int) and isinstance(message_id, int):
                self.panels.came(chat_id, message_id)
        return answer


def build_application(
    settings: BotSettings, metrics: Metrics
) -> Application[ExtBot[Priority], Any, Any, Any, Any, Any]:
    """python-telegram-bot's application, paced, on the Bot API's server of the settings."""
    sender = Sender()
    metrics.waiting.set_function(sender.waiting)
    server = settings.telegram_url.rstrip("/")
    builder = (
        Application.builder()
        .token(settings.telegram_token.get_secret_value())
        .base_url(f"{server}/bot")
        .base_file_url(f"{server}/file/bot")
        .rate_limiter(_Watching(sender))
        .concurrent_updates(settings.bot_concurrency)
        .connection_pool_size(settings.bot_concurrency)
    )
    if settings.telegram_webhook_url:
        builder = builder.updater(None)
    return builder.build()


def wire(settings: BotSettings, bot: ExtBot[Priority], api: Api, metrics: Metrics) -> Bot:
    """The parts, each knowing those it needs."""
    return assemble(TelegramOutlet(bot), Seal(settings.bot_secret), api, metrics, bot)


def assemble(
    outlet: Outlet, seal: Seal, api: Api, metrics: Metrics, bot: ExtBot[Priority] | None = None, **clock: Any
) -> Bot:
    """The same on any outlet; `now` may be given."""
    actions = every_action()
    panels = Panels(outlet, seal, actions)
    limiter = None if bot is None else bot.rate_limiter
    if isinstance(limiter, _Watching):
        limiter.panels = panels
    listing = None if bot is None else partial(tell_operator, bot)
    actor = Actor(api=api, panels=panels, actions=actions, metrics=metrics, tell_operator=listing, **clock)
    desk = Desk(
        outlet=outlet, panels=panels, actor=actor, actions=actions, seal=seal, metrics=metrics, **clock
    )
    carrier = None
    if bot is not None:
        chats = TelegramChats(bot, every_text, Keyboards(seal, actions).of)
        carrier = Carrier(ApiPost(api), chats, blocked=actor.forget)
    return Bot(desk=desk, actor=actor, panels=panels, api=api, metrics=metrics, carrier=carrier)
