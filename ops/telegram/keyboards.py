"""What Telegram takes as an inline keyboard: sizes, one deed per button, what a person then sees."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

from ops.telegram.refusals import bad

CALLBACK_BYTES_MAX: Final = 64
COPY_CHARACTERS_MAX: Final = 256
BUTTONS_MAX: Final = 100
STYLES: Final = ("danger", "success", "primary")
DEEDS: Final = (
    "url", "callback_data", "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat", "copy_text", "callback_game", "pay",
)  # fmt: skip

Keyboard = list[list[dict[str, Any]]]


def checked(markup: object) -> dict[str, Any] | None:
    """The markup as kept with a message (None: no inline keyboard); raises `Refusal` (400)."""
    if not isinstance(markup, dict):
        if markup in (None, ""):
            return None
        raise bad("can't parse reply keyboard markup JSON object")
    if "inline_keyboard" not in markup:
        return None
    rows = markup["inline_keyboard"]
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad('field "inline_keyboard" must be an Array of Arrays')
    rows = [row for row in rows if row]
    for row in rows:
        for button in row:
            _check(button)
    if sum(len(row) for row in rows) > BUTTONS_MAX:
        raise bad("REPLY_MARKUP_TOO_LONG")
    return {"inline_keyboard": rows} if rows else None


def buttons(markup: dict[str, Any] | None) -> list[dict[str, Any]]:
    """All buttons of a message in reading order."""
    return [button for row in (markup or {}).get("inline_keyboard", []) for button in row]


def _check(button: object) -> None:
    if not isinstance(button, dict) or not str(button.get("text", "")).strip():
        raise bad('can\'t parse inline keyboard button: Field "text" must be a non-empty String')
    if sum(deed in button for deed in DEEDS) != 1:
        raise bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if "callback_data" in button:
        size = len(str(button["callback_data"]).encode())
        if not 1 <= size <= CALLBACK_BYTES_MAX:
            raise bad("BUTTON_DATA_INVALID")
    if "copy_text" in button:
        copied = button["copy_text"]
        words = copied.get("text") if isinstance(copied, dict) else None
        if not isinstance(words, str) or not 1 <= len(words) <= COPY_CHARACTERS_MAX:
            raise bad("BUTTON_COPY_TEXT_INVALID")
    if "url" in button:
        url = urlsplit(str(button["url"]))
        if url.scheme not in ("http", "https", "tg") or not url.netloc:
            raise bad(f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL")
    if button.get("style") not in (None, *STYLES):
        raise bad("BUTTON_STYLE_INVALID")
