"""The server: calls of bots at ``/bot<token>/<method>``, a person's side beside them."""

from __future__ import annotations

import asyncio
import re
from types import TracebackType
from typing import Any, Final, Self

import orjson
from aiohttp import web

from ops.telegram import parameters
from ops.telegram.bots import Bot
from ops.telegram.faults import Fault, FaultKind, Faults
from ops.telegram.limits import Pace
from ops.telegram.methods import COUNTED, METHODS
from ops.telegram.parameters import Parameters
from ops.telegram.refusals import NO_METHOD, UNAUTHORIZED, Refusal, flood

TOKEN: Final = re.compile(r"\d{3,12}:[A-Za-z0-9_-]{20,}")
BODY_MAX: Final = 10_000_000


class CutError(Exception):
    """The connection is cut without an answer."""


class TelegramServer:
    """A Bot API on this machine. ``async with TelegramServer() as telegram:`` serves on a free loopback port.

    ``pace`` None: no flood limits, so that tests may hurry; ``Pace()``: Telegram's.
    """

    def __init__(self, *, host: str = "127.0.0.1", port: int = 0, pace: Pace | None = None) -> None:
        self._host, self._port, self._pace = host, port, pace
        self.faults = Faults()
        self.bots: dict[str, Bot] = {}
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Where it listens, without a slash at the end; a bot's base address is ``url + "/bot"``."""
        return f"http://{self._host}:{self._port}"

    def bot(self, token: str) -> Bot:
        """What is kept of a bot, made when it was not known."""
        if not TOKEN.fullmatch(token):
            raise Refusal(*UNAUTHORIZED)
        if token not in self.bots:
            self.bots[token] = Bot(token, self._pace)
        return self.bots[token]

    def only_bot(self) -> Bot:
        """The one bot there is."""
        if len(self.bots) != 1:
            raise LookupError(f"{len(self.bots)} bots have called")
        return next(iter(self.bots.values()))

    async def start(self) -> None:
        """Listen."""
        # Imported here: the routes of a person need this module's server.
        from ops.telegram.person_routes import register

        app = web.Application(client_max_size=BODY_MAX)
        app.router.add_route("*", "/bot{token}/{method}", self._called)
        app.router.add_get("/file/bot{token}/{path:.+}", self._file)
        register(app, self)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5, handler_cancellation=True)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Serve no more."""
        for bot in self.bots.values():
            bot.delivery.stop()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _called(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        try:
            bot = self.bot(request.match_info["token"])
            given = await parameters.read(request)
        except Refusal as refusal:
            return _answer(refusal.body(), refusal.code)
        code, words = 0, ""
        try:
            result = await self._one(bot, method, given)
            code = 200
            return _answer({"ok": True, "result": result}, 200)
        except Refusal as refusal:
            code, words = refusal.code, refusal.description
            return _answer(refusal.body(), refusal.code)
        except CutError:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        finally:
            bot.record(method, given, code, words)

    async def _one(self, bot: Bot, method: str, given: Parameters) -> Any:
        name = method.lower()
        if name not in METHODS:
            raise Refusal(*NO_METHOD)
        fault = self.faults.take(method, given.chat_id)
        if fault is not None:
            await _before(bot, fault)
        if name in COUNTED and given.chat_id is not None:
            wait = bot.limits.wait_for(given.chat_id)
            if wait is not None:
                raise flood(wait)
        result = await METHODS[name](bot, given)
        if fault is not None and fault.kind is FaultKind.LOSE_ANSWER:
            raise CutError
        return result

    async def _file(self, _: web.Request) -> web.StreamResponse:
        return _answer(Refusal(*NO_METHOD).body(), 404)


async def _before(bot: Bot, fault: Fault) -> None:
    match fault.kind:
        case FaultKind.FLOOD:
            bot.limits.close(fault.retry_after)
            raise flood(fault.retry_after)
        case FaultKind.ERROR:
            raise Refusal(fault.status, fault.description)
        case FaultKind.SLOW:
            await asyncio.sleep(fault.seconds)
        case FaultKind.LOSE_CALL:
            raise CutError
        case FaultKind.LOSE_ANSWER:
            pass


def _answer(body: dict[str, Any], status: int) -> web.Response:
    return web.Response(body=orjson.dumps(body), status=status, content_type="application/json")
