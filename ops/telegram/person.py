"""A person's side of a chat: writes, presses buttons by their text, reads the chat as it is shown."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from ops.telegram.bots import Bot, Tap
from ops.telegram.chats import Account, Chat, ChatKind, Message
from ops.telegram.keyboards import buttons
from ops.telegram.markup import Marked

WAIT_SECONDS: Final = 15.0


@dataclass
class Person:
    """Somebody with a private chat with the bot."""

    bot: Bot
    account: Account

    @property
    def chat(self) -> Chat:
        """The private chat."""
        return self.bot.chat_of(self.account)

    def send(self, text: str) -> Message:
        """Write a text or a command."""
        return self._say(self.chat, text)

    def send_in_group(self, text: str, chat_id: int = -1001) -> Chat:
        """Write in a group the bot is in."""
        group = self.bot.chats.setdefault(chat_id, Chat(chat_id, ChatKind.GROUP, "A group"))
        self._say(group, text)
        return group

    def press(self, text: str, message: Message | None = None) -> Tap:
        """Press the button with this text: of ``message``, or of the newest message that has it.

        Raises LookupError, naming what is shown, when there is none, or it is no button that asks the bot.
        """
        shown = [message] if message is not None else list(reversed(self.messages()))
        for candidate in shown:
            button = candidate.button(text)
            if button is not None:
                return self.press_data(candidate, _asked(button))
        seen = [row for candidate in shown[:2] for row in candidate.rows()]
        raise LookupError(f"no button {text!r}; shown: {seen}")

    def press_data(self, message: Message, data: str, *, by: Account | None = None) -> Tap:
        """Press a button by what it carries, as a modified client could; ``by``: somebody else's doing."""
        person = by or self.account
        tap = Tap(uuid.uuid4().hex, person, time.monotonic(), message.message_id)
        self.bot.taps[tap.query_id] = tap
        self.bot.line.put(
            "callback_query",
            {
                "id": tap.query_id,
                "from": person.as_user(),
                "message": self.chat.as_message(message),
                "chat_instance": str(self.chat.chat_id),
                "data": data,
            },
        )
        return tap

    def block(self) -> None:
        """Block the bot."""
        self.chat.blocked = True
        self._member("member", "kicked")

    def unblock(self) -> None:
        """Take the bot back."""
        self.chat.blocked = False
        self._member("kicked", "member")

    def delete(self, message: Message) -> None:
        """Delete a message for both; the bot is not told."""
        self.chat.messages.pop(message.message_id, None)
        self.bot.news()

    def messages(self) -> list[Message]:
        """What is shown, oldest first."""
        return [self.chat.messages[key] for key in sorted(self.chat.messages)]

    def from_bot(self) -> list[Message]:
        """What the bot has said and what is still shown."""
        return [message for message in self.messages() if message.from_bot]

    def newest(self) -> Message:
        """The bot's last message; LookupError before it has said anything."""
        said = self.from_bot()
        if not said:
            raise LookupError("the bot has said nothing")
        return said[-1]

    def labels(self) -> list[str]:
        """The buttons of everything shown, in reading order."""
        return [str(button["text"]) for message in self.from_bot() for button in buttons(message.markup)]

    async def until(self, seen: Callable[[Person], object], seconds: float = WAIT_SECONDS) -> Any:
        """Wait until ``seen(self)`` is true and return what it answered; TimeoutError tells what is shown instead."""
        deadline = time.monotonic() + seconds
        while True:
            self.bot.changed.clear()
            found = _without_lookup_error(seen, self)
            if found:
                return found
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"not seen within {seconds} s; shown:\n{self.transcript()}")
            try:
                # Bounded: what is waited for may also come about without a change in the chat.
                await asyncio.wait_for(self.bot.changed.wait(), min(left, 0.1))
            except TimeoutError:
                continue

    async def until_said(self, words: str, seconds: float = WAIT_SECONDS) -> Message:
        """Wait until a message of the bot that is shown holds these words; returns the newest such."""

        def says(person: Person) -> Message | None:
            return next((one for one in reversed(person.from_bot()) if words in one.text), None)

        message = await self.until(says, seconds)
        assert isinstance(message, Message)
        return message

    async def until_answered(self, tap: Tap, seconds: float = WAIT_SECONDS) -> Tap:
        """Wait for the answer to a tap."""
        await self.until(lambda _: tap.answered_at is not None, seconds)
        return tap

    def transcript(self) -> str:
        """The chat as text, for errors and for files."""
        return "\n\n".join(drawn(message) for message in self.messages())

    def _say(self, chat: Chat, text: str) -> Message:
        message = self.bot.write(chat, self.account.as_user(), Marked(text))
        self.bot.line.put("message", chat.as_message(message))
        return message

    def _member(self, before: str, after: str) -> None:
        user = self.bot.as_user()
        self.bot.line.put(
            "my_chat_member",
            {
                "chat": self.chat.as_chat(),
                "from": self.account.as_user(),
                "date": int(time.time()),
                "old_chat_member": _membership(user, before),
                "new_chat_member": _membership(user, after),
            },
        )


def drawn(message: Message) -> str:
    """A message with its buttons as text."""
    who = "bot" if message.from_bot else "person"
    picture = "[picture] " if message.photo is not None else ""
    lines = [f"{who}: {picture}{message.text}"]
    lines += [" ".join(f"[{text}]" for text in row) for row in message.rows()]
    return "\n".join(lines)


def _asked(button: dict[str, Any]) -> str:
    if "callback_data" not in button:
        raise LookupError(f"{button['text']!r} does not ask the bot: {sorted(button)}")
    return str(button["callback_data"])


def _membership(user: dict[str, Any], status: str) -> dict[str, Any]:
    return {"user": user, "status": status} | ({"until_date": 0} if status == "kicked" else {})


def _without_lookup_error(seen: Callable[[Person], object], person: Person) -> object:
    try:
        return seen(person)
    except LookupError:
        return None
