"""A screen as a value: text, buttons, what it waits for; and the limits it keeps (UX §1.10). Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from bot.callbacks import Tap
from bot.words import LABEL_MAX, Html

TEXT_MAX: Final = 1_500
ROWS_MAX: Final = 8
# Telegram shows no more in a row than a phone is wide.
ROW_BUTTONS_MAX: Final = 8
# Of Telegram's copy button.
COPIED_MAX: Final = 256
MENU: Final = Tap("menu")
_TAG: Final = re.compile(r"<[^>]*>")


class Style(StrEnum):
    """`danger` for stop and sell, `primary` for the safe choice."""

    DANGER = "danger"
    PRIMARY = "primary"


@dataclass(frozen=True, slots=True)
class Button:
    """A label, and one of: what it asks the bot for, a link, a text to copy."""

    label: str
    tap: Tap | None = None
    url: str | None = None
    copies: str | None = None
    style: Style | None = None


Row = tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class Screen:
    """What the panel shows.

    `back`: where [‹ Back] leads when nothing was looked at before. `asks`: the next text somebody writes is the answer
    to this tap (`Visit.typed`). `again_seconds`: the same tap is asked again by itself after so long, while it is on
    view. `bare`: without the last row [‹ Back] [⌂ Menu]. `picture`: a PNG in a message of its own, below the panel.
    """

    text: Html
    rows: tuple[Row, ...] = ()
    back: Tap = MENU
    asks: Tap | None = None
    again_seconds: float | None = None
    bare: bool = False
    picture: bytes | None = None

    def noted(self, note: str) -> Screen:
        """The same with a line above."""
        return replace(self, text=Html(f"{note}\n\n{self.text}")) if note else self

    def buttons(self) -> Iterable[Button]:
        """All of them."""
        return (button for row in self.rows for button in row)


def visible(text: str) -> str:
    """What a reader sees of the HTML."""
    return html.unescape(_TAG.sub("", text))


def faults(screen: Screen) -> list[str]:
    """Which limits the screen breaks, its last row counted."""
    found = []
    if len(visible(screen.text)) > TEXT_MAX:
        found.append(f"text of {len(visible(screen.text))} characters")
    if len(screen.rows) + (not screen.bare) > ROWS_MAX:
        found.append(f"{len(screen.rows)} rows")
    found += [f"a row of {len(row)} buttons" for row in screen.rows if not 1 <= len(row) <= ROW_BUTTONS_MAX]
    for button in screen.buttons():
        if not 1 <= len(button.label) <= LABEL_MAX:
            found.append(f"label {button.label!r}")
        if sum(each is not None for each in (button.tap, button.url, button.copies)) != 1:
            found.append(f"button {button.label!r} does not do one thing")
        if button.copies is not None and not 1 <= len(button.copies) <= COPIED_MAX:
            found.append(f"{button.label!r} copies {len(button.copies)} characters")
    return found


def rows_of(buttons: Iterable[Button], width: int) -> tuple[Row, ...]:
    """Buttons in rows of so many."""
    listed = list(buttons)
    return tuple(tuple(listed[start : start + width]) for start in range(0, len(listed), width))
