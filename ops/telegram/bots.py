"""What the server keeps of one bot: its chats, its line of updates, its open taps, and a record of its calls."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any, Final

from ops.telegram.chats import Account, Chat, ChatKind, Message
from ops.telegram.limits import Limits, Pace
from ops.telegram.markup import Marked
from ops.telegram.parameters import Parameters
from ops.telegram.refusals import BLOCKED, LEFT, NOT_BEGUN, Refusal, bad
from ops.telegram.updates import UpdateLine
from ops.telegram.webhook import Delivery

CALLS_KEPT: Final = 200_000


@dataclass(frozen=True)
class Call:
    """One call of the bot: when (monotonic seconds), what, to whom, the answer's code (0: no answer was given) and the
    words of a refusal."""

    at: float
    method: str
    chat_id: int | None
    code: int
    words: str
    parameters: dict[str, Any]


@dataclass
class Tap:
    """A pressed button: answered once, with a toast or an alert or nothing."""

    query_id: str
    person: Account
    at: float
    message_id: int
    answered_at: float | None = None
    toast: str | None = None
    alert: bool = False


@dataclass
class Bot:
    """One bot, known by its token."""

    token: str
    pace: Pace | None
    line: UpdateLine = field(default_factory=UpdateLine)
    chats: dict[int, Chat] = field(default_factory=dict)
    taps: dict[str, Tap] = field(default_factory=dict)
    commands: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    calls: deque[Call] = field(default_factory=lambda: deque(maxlen=CALLS_KEPT))
    counts: Counter[str] = field(default_factory=Counter)
    """Calls by ``method code``."""
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    """Set at every change of a chat."""
    _next_message_id: int = 1

    def __post_init__(self) -> None:
        self.delivery = Delivery(self.line)
        self.limits = Limits(self.pace, time.monotonic)

    @property
    def bot_id(self) -> int:
        """The number in front of the token."""
        return int(self.token.partition(":")[0])

    def as_user(self) -> dict[str, Any]:
        """The Bot API's User."""
        return {
            "id": self.bot_id,
            "is_bot": True,
            "first_name": "Polycool",
            "username": f"polycool_{self.bot_id}_bot",
        }

    def chat_of(self, person: Account) -> Chat:
        """The private chat with a person, begun when it was not there."""
        chat = self.chats.get(person.account_id)
        if chat is None:
            chat = Chat(person.account_id, ChatKind.PRIVATE, person.first_name)
            self.chats[person.account_id] = chat
        return chat

    def open_chat(self, chat_id: int) -> Chat:
        """The chat to write to; refuses one that is unknown, blocked or left."""
        chat = self.chats.get(chat_id)
        if chat is None:
            raise bad(NOT_BEGUN)
        if chat.blocked:
            raise Refusal(*BLOCKED)
        if chat.left:
            raise Refusal(*LEFT)
        return chat

    def write(
        self,
        chat: Chat,
        sender: dict[str, Any],
        marked: Marked,
        *,
        markup: dict[str, Any] | None = None,
        photo: bytes | None = None,
        silent: bool = False,
    ) -> Message:
        """Put a message into the chat."""
        message = Message(
            self._next_message_id, int(time.time()), sender, marked, markup=markup, photo=photo, silent=silent
        )
        message.command = not message.from_bot and message.text.startswith("/")
        self._next_message_id += 1
        chat.messages[message.message_id] = message
        self.news()
        return message

    def news(self) -> None:
        """Something changed that a person would see."""
        self.changed.set()

    def record(self, method: str, given: Parameters, code: int, words: str) -> None:
        """Keep that the bot called."""
        self.counts[f"{method} {code}"] += 1
        if method != "getUpdates":
            self.calls.append(Call(time.monotonic(), method, given.chat_id, code, words, given.fields))

    def refusals(self) -> list[Call]:
        """Calls that were refused, "message is not modified" apart, which is no fault of anybody."""
        return [
            call for call in self.calls if call.code >= 400 and "message is not modified" not in call.words
        ]
