"""A person's side and the server's misbehaviour over HTTP, for bots in other processes and for the page at ``/``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from aiohttp import web
from pydantic import ValidationError

from ops.telegram.bots import Bot
from ops.telegram.chats import Account, Message
from ops.telegram.faults import Fault
from ops.telegram.person import Person
from ops.telegram.refusals import Refusal
from ops.telegram.server import TelegramServer

PAGE: Final = Path(__file__).with_name("page.html")


def register(app: web.Application, server: TelegramServer) -> None:
    """Add the routes ``/people/<id>/{chat,send,press,block,unblock}``, ``/faults``, ``/counts``.

    ``?token=`` says which bot when there are several; ``name``, ``username``, ``language`` who the person is.
    """
    routes = PersonRoutes(server)
    app.router.add_get("/", routes.page)
    app.router.add_get("/people/{account}/chat", routes.chat)
    app.router.add_get("/people/{account}/photos/{message}", routes.photo)
    for deed in ("send", "press", "block", "unblock"):
        app.router.add_post(f"/people/{{account}}/{deed}", getattr(routes, deed))
    app.router.add_post("/faults", routes.misbehave)
    app.router.add_delete("/faults", routes.behave)
    app.router.add_get("/counts", routes.counts)


class PersonRoutes:
    """The routes; a body is JSON."""

    def __init__(self, server: TelegramServer) -> None:
        self._server = server

    async def page(self, _: web.Request) -> web.Response:
        """A chat in a browser, for who tries the bot without Telegram (`?person=ID`)."""
        return web.Response(text=PAGE.read_text(), content_type="text/html")

    async def chat(self, request: web.Request) -> web.Response:
        """What the person sees, oldest first, and the toasts their taps were answered with."""
        person = self._person(request)
        return web.json_response(
            {
                "messages": [_shown(message) for message in person.messages()],
                "toasts": [
                    {"text": tap.toast, "alert": tap.alert}
                    for tap in person.bot.taps.values()
                    if tap.person.account_id == person.account.account_id and tap.toast
                ],
                "blocked": person.chat.blocked,
            }
        )

    async def photo(self, request: web.Request) -> web.Response:
        """The picture of a message."""
        message = self._person(request).chat.messages.get(int(request.match_info["message"]))
        if message is None or message.photo is None:
            raise web.HTTPNotFound
        return web.Response(body=message.photo, content_type="image/png")

    async def send(self, request: web.Request) -> web.Response:
        """``{"text": …}``."""
        message = self._person(request).send(str((await _body(request))["text"]))
        return web.json_response({"message_id": message.message_id})

    async def press(self, request: web.Request) -> web.Response:
        """``{"text": …, "message_id"?: …}``; 404 tells what is shown when there is no such button."""
        person, body = self._person(request), await _body(request)
        message = person.chat.messages.get(int(body["message_id"])) if "message_id" in body else None
        try:
            tap = person.press(str(body["text"]), message)
        except LookupError as error:
            raise web.HTTPNotFound(text=str(error)) from error
        return web.json_response({"query_id": tap.query_id})

    async def block(self, request: web.Request) -> web.Response:
        """Block the bot."""
        self._person(request).block()
        return web.json_response({})

    async def unblock(self, request: web.Request) -> web.Response:
        """Take it back."""
        self._person(request).unblock()
        return web.json_response({})

    async def misbehave(self, request: web.Request) -> web.Response:
        """A `Fault`."""
        try:
            self._server.faults.add(Fault.model_validate(await _body(request)))
        except ValidationError as error:
            raise web.HTTPUnprocessableEntity(text=str(error)) from error
        return web.json_response({"waiting": self._server.faults.waiting})

    async def behave(self, _: web.Request) -> web.Response:
        """No faults any more."""
        self._server.faults.clear()
        return web.json_response({})

    async def counts(self, request: web.Request) -> web.Response:
        """Calls by method and code, and how the limits were kept."""
        bot = self._bot(request)
        return web.json_response(
            {
                "calls": dict(bot.counts),
                "refused": bot.limits.refused,
                "early": bot.limits.early,
                "updates_waiting": bot.line.waiting,
            }
        )

    def _bot(self, request: web.Request) -> Bot:
        token = request.query.get("token")
        try:
            return self._server.bot(token) if token else self._server.only_bot()
        except (LookupError, Refusal) as error:
            raise web.HTTPConflict(text=f"which bot? ?token=…: {error}") from error

    def _person(self, request: web.Request) -> Person:
        asked = request.query
        try:
            account_id = int(request.match_info["account"])
        except ValueError as error:
            raise web.HTTPNotFound from error
        account = Account(
            account_id, asked.get("name", "Ann"), asked.get("username"), asked.get("language", "en")
        )
        return Person(self._bot(request), account)


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.read() or b"{}")
    except ValueError as error:
        raise web.HTTPBadRequest(text="no JSON") from error
    if not isinstance(body, dict):
        raise web.HTTPBadRequest(text="a JSON object, please")
    return body


def _shown(message: Message) -> dict[str, Any]:
    return {
        "message_id": message.message_id,
        "from_bot": message.from_bot,
        "text": message.text,
        "entities": message.marked.entities,
        "buttons": (message.markup or {}).get("inline_keyboard", []),
        "photo": message.photo is not None,
        "silent": message.silent,
        "edits": message.edits,
        "date": message.date,
    }
