"""The bot's process: asks Telegram for updates or lets it post them, and serves everybody until told to end."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import Any, Final

import httpx
import structlog
import uvicorn
import uvloop
from starlette.applications import Starlette
from telegram import Update
from telegram.error import InvalidToken
from telegram.ext import Application, TypeHandler

from bot.bots import Bot, build_application, wire
from bot.client.asking import Api
from bot.client.transport import Transport
from bot.command_lists import tell_everybody
from bot.doors import health, webhook
from bot.logs import set_up_logs
from bot.metrics import Metrics
from bot.minting import Mint
from bot.settings import BotSettings

log = structlog.get_logger()
# What the desk takes; Telegram keeps the rest to itself.
UPDATES: Final = ("message", "edited_message", "callback_query", "my_chat_member")
END_SECONDS: Final = 10
CONNECTIONS: Final = 200


class _Server(uvicorn.Server):
    """A door that leaves signals to the process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """No signals here."""
        yield

    @property
    def port(self) -> int:
        """Where it listens."""
        port: int = self.servers[0].sockets[0].getsockname()[1]
        return port


def run(settings: BotSettings) -> int:
    """Serve until SIGINT or SIGTERM; 0 when it ended in order, 1 when Telegram does not take the token."""
    set_up_logs(settings.log_level)
    try:
        uvloop.run(_serve(settings))
    except InvalidToken:
        log.error("telegram_token_refused")  # its trace names the token
        return 1
    return 0


async def _serve(settings: BotSettings) -> None:
    ending = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, ending.set)
    async with running(settings) as bot:
        log.info("ready", host="127.0.0.1", port=bot.http_port, mode=bot.mode, username=bot.username)
        sys.stdout.flush()
        await ending.wait()


@contextlib.asynccontextmanager
async def running(settings: BotSettings) -> Any:
    """The bot while it serves; it ends what is under way before the block is left."""
    metrics = Metrics()
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(
            httpx.AsyncClient(
                base_url=settings.api_url,
                limits=httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS),
            )
        )
        transport = Transport(
            http,
            look_seconds=settings.bot_look_seconds,
            change_seconds=settings.bot_change_seconds,
            counted=metrics.asked,
        )
        api = Api(transport, Mint(settings.bot_signing_key))
        application = build_application(settings, metrics)
        bot = wire(settings, application.bot, api, metrics)
        application.add_handler(TypeHandler(Update, _taking(bot)))
        await stack.enter_async_context(application)
        stack.push_async_callback(bot.close)
        await application.start()
        stack.push_async_callback(application.stop)
        await tell_everybody(application.bot)
        bot.username = application.bot.username
        health_door = await _open_door(
            stack, health(metrics, lambda: bot.ready), "127.0.0.1", settings.bot_http_port
        )
        bot.http_port = health_door.port
        await _take_updates(stack, settings, application, bot, metrics)
        sweeping = asyncio.create_task(bot.actor.sweep())
        stack.callback(sweeping.cancel)
        if bot.carrier is not None:
            stack.push_async_callback(_ended, asyncio.create_task(bot.carrier.run()))
        bot.ready = True
        yield bot
        bot.ready = False


async def _ended(task: asyncio.Task[None]) -> None:
    """What is in hand is let go: its leases run out, and the next bot shows it."""
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def _taking(bot: Bot) -> Any:
    async def take(update: Update, _context: Any) -> None:
        await bot.desk.take(update)

    return take


async def _take_updates(
    stack: AsyncExitStack,
    settings: BotSettings,
    application: Application[Any, Any, Any, Any, Any, Any],
    bot: Bot,
    metrics: Metrics,
) -> None:
    updater = application.updater
    if not settings.telegram_webhook_url:
        assert updater is not None, "an application that polls has an updater"
        await updater.start_polling(
            timeout=settings.telegram_poll_seconds, allowed_updates=UPDATES, bootstrap_retries=-1
        )
        stack.push_async_callback(updater.stop)
        return
    secret = settings.telegram_webhook_secret
    assert secret is not None, "the settings see to it"

    async def take(update: dict[str, object]) -> None:
        await application.process_update(Update.de_json(update, application.bot))

    door = await _open_door(
        stack,
        webhook(secret.get_secret_value(), take, metrics),
        settings.bot_webhook_host,
        settings.bot_webhook_port,
    )
    bot.webhook_port, bot.mode = door.port, "webhook"
    await application.bot.set_webhook(
        settings.telegram_webhook_url, allowed_updates=UPDATES, secret_token=secret.get_secret_value()
    )


async def _open_door(stack: AsyncExitStack, app: Starlette, host: str, port: int) -> _Server:
    server = _Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            access_log=False,
            log_config=None,
            server_header=False,
            lifespan="off",
            timeout_graceful_shutdown=END_SECONDS,
        )
    )
    serving = asyncio.create_task(server.serve())

    async def end() -> None:
        server.should_exit = True
        await serving

    stack.push_async_callback(end)
    while not server.started:
        if serving.done():
            serving.result()
            raise OSError(f"cannot listen on {host}:{port}")
        await asyncio.sleep(0.01)
    return server
