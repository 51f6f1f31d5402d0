"""Chats of one bot as Telegram keeps them: messages in order, edited in place, deleted for both sides."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ops.telegram.keyboards import buttons
from ops.telegram.markup import Marked


class ChatKind(StrEnum):
    """Where people speak with a bot."""

    PRIVATE = "private"
    GROUP = "group"


@dataclass(frozen=True)
class Account:
    """A person on Telegram."""

    account_id: int
    first_name: str = "Ann"
    username: str | None = None
    language_code: str | None = "en"

    def as_user(self) -> dict[str, Any]:
        """The Bot API's User."""
        user: dict[str, Any] = {"id": self.account_id, "is_bot": False, "first_name": self.first_name}
        if self.username:
            user["username"] = self.username
        if self.language_code:
            user["language_code"] = self.language_code
        return user


@dataclass
class Message:
    """One message; ``photo`` holds the picture's bytes and ``marked`` then its caption."""

    message_id: int
    date: int
    sender: dict[str, Any]
    marked: Marked
    markup: dict[str, Any] | None = None
    photo: bytes | None = None
    silent: bool = False
    edits: int = 0
    edited_at: int | None = None
    command: bool = False

    @property
    def from_bot(self) -> bool:
        """Whether the bot sent it."""
        return bool(self.sender["is_bot"])

    @property
    def text(self) -> str:
        """Text or caption as a person reads it."""
        return self.marked.text

    def rows(self) -> list[list[str]]:
        """The buttons' texts, row by row."""
        keyboard = (self.markup or {}).get("inline_keyboard", [])
        return [[str(button["text"]) for button in row] for row in keyboard]

    def button(self, text: str) -> dict[str, Any] | None:
        """The first button with this text."""
        return next((button for button in buttons(self.markup) if button["text"] == text), None)


@dataclass
class Chat:
    """A private chat with a person or a group; ``blocked``: the person blocked the bot; ``left``: the bot went."""

    chat_id: int
    kind: ChatKind
    title: str
    messages: dict[int, Message] = field(default_factory=dict)
    blocked: bool = False
    left: bool = False
    typing: int = 0

    def as_chat(self) -> dict[str, Any]:
        """The Bot API's Chat."""
        name = "first_name" if self.kind is ChatKind.PRIVATE else "title"
        return {"id": self.chat_id, "type": self.kind.value, name: self.title}

    def as_message(self, message: Message) -> dict[str, Any]:
        """The Bot API's Message; a keyboard only where it is an inline one."""
        body: dict[str, Any] = {
            "message_id": message.message_id,
            "from": message.sender,
            "chat": self.as_chat(),
            "date": message.date,
        }
        entities = list(message.marked.entities)
        if message.command:
            word = message.text.split(maxsplit=1)[0]
            entities.append({"type": "bot_command", "offset": 0, "length": len(word)})
        text, listed = ("text", "entities") if message.photo is None else ("caption", "caption_entities")
        if message.text:
            body[text] = message.text
        if entities:
            body[listed] = entities
        if message.photo is not None:
            body["photo"] = [
                {
                    "file_id": f"photo-{self.chat_id}-{message.message_id}",
                    "file_unique_id": f"p{self.chat_id}x{message.message_id}",
                    "width": 1280,
                    "height": 720,
                    "file_size": len(message.photo),
                }
            ]
        if message.markup is not None:
            body["reply_markup"] = message.markup
        if message.edited_at is not None:
            body["edit_date"] = message.edited_at
        return body
