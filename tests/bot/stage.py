"""A chat without Telegram and an API without a server: what the bot shows is read, what it asks is answered."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import httpx
from pydantic import SecretStr
from telegram import CallbackQuery, Chat, InlineKeyboardButton, InlineKeyboardMarkup, Message, Update, User

from bot.bots import Bot, assemble
from bot.callbacks import Seal
from bot.client.asking import Api
from bot.client.breaker import Breaker
from bot.client.memory import Memory
from bot.client.rates import Rates
from bot.client.transport import Transport
from bot.metrics import Metrics
from bot.minting import Mint
from bot.outlet import Keyboard
from bot.screens.screen import visible

SECRET = SecretStr("buttons-of-these-tests-0123456789")
SIGNING_KEY = SecretStr(base64.b64encode(b"k" * 32).decode())
START = datetime(2026, 11, 22, 12, 3, 4, tzinfo=UTC)
ALICE = User(7_001, "Alice", is_bot=False, language_code="en")
BOB = User(7_002, "Bob", is_bot=False, language_code="en")
Answering = Callable[[httpx.Request], httpx.Response]


@dataclass
class Shown:
    """A message of the bot in a chat."""

    message_id: int
    text: str
    keyboard: Keyboard
    picture: bool = False

    def labels(self) -> list[list[str]]:
        return [[each.text for each in row] for row in self.keyboard]

    def button(self, label: str) -> InlineKeyboardButton:
        found = [each for row in self.keyboard for each in row if each.text == label]
        assert found, f"no button {label!r} among {self.labels()}"
        return found[0]

    def drawn(self) -> str:
        """Text and buttons as a person reads them."""
        rows = [" ".join(f"[{label}]" for label in row) for row in self.labels()]
        return "\n".join([visible(self.text), *rows])


@dataclass
class FakeChat:
    """Every chat of the bot; message ids grow, as Telegram's do."""

    messages: dict[int, dict[int, Shown]] = field(default_factory=dict)
    answers: list[str] = field(default_factory=list)
    deleted: list[int] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    ids: Any = field(default_factory=lambda: count(100))

    def of(self, chat_id: int) -> dict[int, Shown]:
        return self.messages.setdefault(chat_id, {})

    async def send(self, chat_id: int, text: str, keyboard: Keyboard) -> int:
        self.calls.append("send")
        message_id = next(self.ids)
        self.of(chat_id)[message_id] = Shown(message_id, text, keyboard)
        return int(message_id)

    async def edit(self, chat_id: int, message_id: int, text: str, keyboard: Keyboard) -> bool:
        self.calls.append("edit")
        if message_id not in self.of(chat_id):
            return False
        self.of(chat_id)[message_id] = Shown(message_id, text, keyboard)
        return True

    async def buttons(self, chat_id: int, message_id: int, keyboard: Keyboard) -> None:
        self.calls.append("buttons")
        if message_id in self.of(chat_id):
            self.of(chat_id)[message_id].keyboard = keyboard

    async def delete(self, chat_id: int, message_id: int) -> None:
        self.calls.append("delete")
        self.deleted.append(message_id)
        self.of(chat_id).pop(message_id, None)

    async def answer(self, callback_id: str, text: str = "") -> None:
        self.calls.append("answer")
        self.answers.append(text)

    async def picture(self, chat_id: int, png: bytes, keyboard: Keyboard) -> int:
        self.calls.append("picture")
        message_id = next(self.ids)
        self.of(chat_id)[message_id] = Shown(message_id, "", keyboard, picture=True)
        return int(message_id)

    async def leave(self, chat_id: int, text: str) -> None:
        self.calls.append(f"leave: {text}")
        self.left.append(chat_id)


@dataclass
class StubApi:
    """Answers by method and path; what was asked is kept. `down` fails every request,
    `every` answers them all."""

    routes: dict[tuple[str, str], Any] = field(default_factory=dict)
    asked: list[httpx.Request] = field(default_factory=list)
    down: Exception | None = None
    every: Answering | None = None
    slow: asyncio.Event | None = None

    def set(self, method: str, path: str, answer: Any) -> None:
        """`answer`: a view, JSON, or a function from the request to an httpx.Response."""
        self.routes[method, path] = answer

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        if self.slow is not None:
            await self.slow.wait()
        if self.down is not None:
            raise self.down
        if self.every is not None:
            return self.every(request)
        answer = self.routes.get((request.method, request.url.path))
        if answer is None:
            return problem(404, "not-found", "There is no such thing.")
        if callable(answer):
            made: httpx.Response = answer(request)
            return made
        return as_json(answer)

    def deeds(self, path: str) -> list[httpx.Request]:
        return [each for each in self.asked if each.method != "GET" and each.url.path == path]


def as_json(answer: Any, status: int = 200) -> httpx.Response:
    """A view, a tuple of views, or JSON."""
    if hasattr(answer, "model_dump"):
        answer = answer.model_dump(mode="json")
    elif isinstance(answer, (list, tuple)):
        answer = [each.model_dump(mode="json") if hasattr(each, "model_dump") else each for each in answer]
    return httpx.Response(status, json=answer)


def problem(status: int, code: str, detail: str, **more: Any) -> httpx.Response:
    """A refusal as the API words it."""
    body = {
        "type": f"urn:polycool:problem:{code}", "title": code, "status": status, "detail": detail,
        "instance": "r-1", "code": code, **more,
    }  # fmt: skip
    return httpx.Response(status, json=body)


def page(items: Sequence[Any], cursor: str | None = None) -> dict[str, Any]:
    """A list as the API answers it."""
    return {
        "items": [each.model_dump(mode="json") for each in items],
        "next_cursor": cursor,
        "as_of": "2026-11-22T12:03:04Z",
    }


class Scene:
    """One bot, its chats, and people who write and tap."""

    def __init__(self) -> None:
        self.now = START
        self.chat = FakeChat()
        self.stub = StubApi()
        self.metrics = Metrics()
        self.seal = Seal(SECRET)
        self._http = httpx.AsyncClient(transport=httpx.MockTransport(self.stub), base_url="http://api")
        self._transport = Transport(
            self._http,
            breaker=Breaker(clock=lambda: self.now.timestamp()),
            rates=Rates(clock=lambda: self.now.timestamp()),
            counted=self.metrics.asked,
            look_seconds=1.0,
            change_seconds=2.0,
        )
        self._updates = count(1)
        self.bot = self.start()

    def start(self) -> Bot:
        """Begin anew, as after a restart: nothing is remembered."""
        memory = Memory(clock=lambda: self.now.timestamp())
        api = Api(self._transport, Mint(SIGNING_KEY), memory=memory)
        self.bot = assemble(self.chat, self.seal, api, self.metrics, now=lambda: self.now)
        return self.bot

    async def close(self) -> None:
        await self.bot.close()
        await self._http.aclose()

    def later(self, seconds: float) -> None:
        """Time goes by."""
        self.now += timedelta(seconds=seconds)

    async def write(self, text: str, person: User = ALICE, *, chat: Chat | None = None) -> int:
        """Somebody writes; the message's id."""
        message_id = int(next(self.chat.ids))
        message = Message(
            message_id, self.now, chat or Chat(person.id, Chat.PRIVATE), from_user=person, text=text
        )
        await self._take(Update(next(self._updates), message=message))
        return message_id

    async def tap(self, label: str, person: User = ALICE) -> None:
        """Somebody taps a button of the newest message that has it."""
        await self.press(self.button(label, person), person)

    async def tap_no_wait(self, at: tuple[Shown, InlineKeyboardButton]) -> None:
        """Press, and wait for the act alone."""
        await self.bot.desk.take(self.pressing(at))

    def button(self, label: str, person: User = ALICE) -> tuple[Shown, InlineKeyboardButton]:
        """The newest message with a button so labelled."""
        for shown in sorted(self.chat.of(person.id).values(), key=lambda each: -each.message_id):
            if any(each.text == label for row in shown.keyboard for each in row):
                return shown, shown.button(label)
        raise AssertionError(
            f"no button {label!r} in {[each.drawn() for each in self.chat.of(person.id).values()]}"
        )

    async def press(
        self, at: tuple[Shown, InlineKeyboardButton], person: User = ALICE, *, update_id: int | None = None
    ) -> None:
        """Press this very button, whatever the message shows by now."""
        await self._take(self.pressing(at, person, update_id=update_id))

    def pressing(
        self, at: tuple[Shown, InlineKeyboardButton], person: User = ALICE, *, update_id: int | None = None
    ) -> Update:
        """The update of a press."""
        shown, pressed = at
        assert pressed.callback_data is not None, f"{pressed.text} is no button for us"
        message = Message(
            shown.message_id,
            self.now,
            Chat(person.id, Chat.PRIVATE),
            text="…",
            reply_markup=InlineKeyboardMarkup(shown.keyboard),
        )
        query = CallbackQuery("q", person, "c", message=message, data=str(pressed.callback_data))
        return Update(next(self._updates) if update_id is None else update_id, callback_query=query)

    async def _take(self, update: Update) -> None:
        await self.bot.desk.take(update)
        await self.bot.desk.settled()

    def panel(self, person: User = ALICE) -> Shown:
        """The newest message of the bot."""
        return max(self.chat.of(person.id).values(), key=lambda each: each.message_id)
