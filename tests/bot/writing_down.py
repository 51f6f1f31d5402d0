"""A conversation written down: what the person did and what the bot then showed, with what changes from run to run
(names, times, hashes, days) left out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from tests.telegram.other import OtherPerson

_CHANGING: Final = (
    (re.compile(r"\bC-[0-9A-Z]{7}\b"), "C-…"),
    (re.compile(r"0x[0-9a-f]{4}…[0-9a-f]{4}(?<!0x6031…a9c2)"), "0x…"),
    (re.compile(r"\d{2}:\d{2}:\d{2}(\.\d{1,6})?( UTC)?"), "<time>"),
    (
        re.compile(r"\b\d{1,2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b( \d{2}:\d{2}(:\d{2})?)?"),
        "<day>",
    ),
    (re.compile(r"(?<=[ +(])\d+(\.\d+)? s\b"), "<span>"),
    (re.compile(r"(?<= )\.\d{3}\b"), "<ms>"),
    (re.compile(r"\b\d+ (min|h) ago\b"), "<ago>"),
)


def steady(text: str) -> str:
    """The text without what changes from run to run."""
    for pattern, instead in _CHANGING:
        text = pattern.sub(instead, text)
    return text


@dataclass
class Transcript:
    """Does what a person does, and writes it down."""

    person: OtherPerson
    lines: list[str] = field(default_factory=list)
    taps: int = 0

    async def write(self, text: str, said: str) -> None:
        """The person writes; what is shown once the bot has said these words is written down."""
        await self.person.send(text)
        await self._see(f"— {self.person.first_name} writes: {text}", said)

    async def tap(self, label: str, said: str) -> None:
        """The person taps a button."""
        await self.person.press(label)
        self.taps += 1
        await self._see(f"— {self.person.first_name} taps [{label}]", said)

    async def see(self, what: str, said: str) -> None:
        """Something happens, and the bot says so by itself."""
        await self._see(f"— {what}", said)

    def text(self) -> str:
        """All of it."""
        return steady("\n\n".join(self.lines)) + "\n"

    async def _see(self, what: str, said: str) -> None:
        await self.person.until_said(said)
        shown = next(each for each in reversed(await self.person.shown()) if said in each["text"])
        rows = [" ".join(f"[{button['text']}]" for button in row) for row in shown["rows"]]
        self.lines += [what, "\n".join([shown["text"], *rows])]
