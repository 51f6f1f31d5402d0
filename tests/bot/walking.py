"""A person who presses every button there is, each kind once; the limits of a screen are looked at after each press."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from bot import verbs
from bot.bots import Bot
from bot.callbacks import BYTES_MAX
from bot.screens.screen import ROWS_MAX, TEXT_MAX
from bot.words import LABEL_MAX
from ops.telegram.chats import Message
from ops.telegram.keyboards import buttons
from ops.telegram.person import Person

OLD: Final = "That page was old; here it is as of now."
FAULTS: Final = ("Something went wrong on our side", "I did not understand")
SECONDS: Final = 40.0
# What ends the person: pressed last of all.
LAST: Final = ("deln",)
# Deeds that leave little to look at come after everything else that is known.
LATE: Final = ("stpa", "end", "clos", "seln", "selx", "disa", "armd")


@dataclass(frozen=True, order=True)
class Pressed:
    """A button by what it asks for."""

    verb: str
    ref: str
    arg: str

    @property
    def late(self) -> int:
        """0 for most, 1 for deeds that leave little, 2 for the end."""
        return 2 if self.verb in LAST else 1 if self.verb in LATE else 0


@dataclass
class Walk:
    """One person's walk. ``answers``: what they type where a verb asks for something; else a word nobody expects.
    ``each_verb``: so many different buttons of one verb (chips of a setting, filters, pages); every verb is pressed."""

    bot: Bot
    person: Person
    answers: dict[str, str] = field(default_factory=dict)
    most: int = 400
    each_verb: int = 8
    presses: int = 0
    typed: int = 0
    done: Counter[str] = field(default_factory=Counter)
    screens: set[str] = field(default_factory=set)
    dead: list[str] = field(default_factory=list)
    _known: dict[Pressed, str] = field(default_factory=dict)
    _done: set[Pressed] = field(default_factory=set)
    _asked: set[str] = field(default_factory=set)

    async def command(self, text: str) -> Message:
        """Write a command and look at what comes."""
        self.person.send(text)
        await self._settled()
        shown = self.person.newest()
        self._see(shown)
        return shown

    async def walk(self, *commands: str) -> None:
        """From these commands, everything that can be reached."""
        for text in commands:
            await self.command(text)
        while self.presses < self.most and (waiting := self._waiting()):
            await self.press(waiting[0])

    def _waiting(self) -> list[Pressed]:
        left = [
            each for each in self._known if each not in self._done and self.done[each.verb] < self.each_verb
        ]
        return sorted(left, key=lambda each: (each.late, self.done[each.verb] > 0, self.done[each.verb]))

    async def press(self, which: Pressed) -> None:
        """Press a button that was seen, on the newest message, as a client that remembers it may."""
        self._done.add(which)
        self.done[which.verb] += 1
        self.presses += 1
        tap = self.person.press_data(self._shows(which), self._known[which])
        await self.person.until_answered(tap, SECONDS)
        await self._settled()
        shown = self.person.newest() if self.person.from_bot() else None
        if tap.toast and tap.toast != OLD:
            self.dead.append(f"{which}: toast {tap.toast!r}")
        if shown is None:
            return
        self._see(shown)
        found = [fault for fault in FAULTS if fault in shown.text]
        self.dead += [f"{which}: {fault}" for fault in found]
        await self._answer()

    def _shows(self, which: Pressed) -> Message:
        """The newest message such a button can stand under: pictures have one button only."""
        said = [
            each
            for each in self.person.from_bot()
            if (each.photo is not None) == (which.verb == verbs.CLOSE_PICTURE)
        ]
        return said[-1] if said else self.person.newest()

    async def _answer(self) -> None:
        """Type what the screen asks for: first what fits nothing, then what is meant."""
        asks = self.bot.panels.of(self.person.account.account_id).asks
        if asks is None or asks.verb in self._asked:
            return
        self._asked.add(asks.verb)
        for text in ("¿?", self.answers.get(asks.verb)):
            still = self.bot.panels.of(self.person.account.account_id).asks
            if text is None or still is None or still.verb != asks.verb:
                return
            self.done[asks.verb] += 1
            self.typed += 1
            shown = await self.command(text)
            self.dead += [f"{asks} typed {text!r}: {fault}" for fault in FAULTS if fault in shown.text]

    def _see(self, shown: Message) -> None:
        self.screens.add(re.sub(r"[0-9]", "0", shown.text[:60]))
        assert len(shown.text) <= TEXT_MAX, shown.text
        assert len(shown.rows()) <= ROWS_MAX, shown.rows()
        for each in buttons(shown.markup):
            assert 1 <= len(each["text"]) <= LABEL_MAX, each
            data = each.get("callback_data")
            if data is None:
                continue
            assert len(str(data).encode()) <= BYTES_MAX, each
            _, verb, ref, arg, _, _ = str(data).split(".")
            # The newest copy of a button counts: an older one may have expired.
            self._known[Pressed(verb, _kind(ref), _of(verb, arg))] = str(data)

    async def _settled(self) -> None:
        """Wait until the bot has taken all this person did and shown what came of it."""
        chat_id = self.person.account.account_id
        until = time.monotonic() + SECONDS
        quiet = 0
        while quiet < 3:
            assert time.monotonic() < until, f"the bot is not done:\n{self.person.transcript()[-2_000:]}"
            await asyncio.sleep(0.02)
            waits = self.person.bot.line.waiting and self.person.bot.line.waiting > 1
            busy = self.bot.panels.of(chat_id).lock.locked() or self._working()
            quiet = 0 if waits or busy else quiet + 1
        await self.bot.desk.settled()

    def _working(self) -> bool:
        said = self.person.messages()
        # Nothing has been said to what was written last.
        return bool(said) and (not said[-1].from_bot or ["Working…"] in said[-1].rows())


def _kind(ref: str) -> str:
    """Of the things of one kind one is pressed: ``A-``, ``C-``, ``S-``; a number."""
    return ref[:2] if ref[1:2] == "-" else "n" if ref.isalnum() and ref != "new" and ref else ref


def _of(verb: str, arg: str) -> str:
    """Moments and quotes in a button make no other button."""
    return re.sub(r"^[0-9a-z]{6}(?=[0-9a-z]*$)", "t", arg) if verb not in ("smrt", "smpk", "alrt") else arg
