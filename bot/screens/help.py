"""S17 help: a line per command, and what people ask most."""

from __future__ import annotations

from typing import Final

from bot import verbs
from bot.callbacks import Tap
from bot.reading import LISTED
from bot.registry import Actions
from bot.screens.screen import Button, Screen, rows_of
from bot.visit import Visit
from bot.words import Html, Words, foreign, lines

actions = Actions()
PAGES: Final = ("copied", "skips", "fees", "paper", "differ", "ask")
# The reasons people meet most, in the order of RULES §3, over two pages.
REASONS: Final = (
    ("same", "price", "small", "first", "adds", "old", "end"),
    ("budget", "loss", "market", "day", "balance", "minimum", "thin", "out"),
)


def commands(words: Words) -> Screen:
    """The list of commands."""
    said = [Html(f"/{name} {foreign(words.text(f'command.{name}'))}") for name in LISTED]
    rows = rows_of([Button(words.label(f"s17.{page}"), Tap(verbs.HELP, "", page)) for page in PAGES], 2)
    return Screen(lines(*said), rows)


def page(words: Words, name: str) -> Screen:
    """One page."""
    back = Tap(verbs.HELP)
    if name in ("skips", "skips2"):
        second = name == "skips2"
        said = [words.say(f"s17.skip.{each}") for each in REASONS[1 if second else 0]]
        other = Button(
            words.label("bot.page_before" if second else "bot.page_after"),
            Tap(verbs.HELP, "", "skips" if second else "skips2"),
        )
        return Screen(lines(words.say("s17.skips.head"), *said), ((other,),), back=back)
    return Screen(words.say(f"s17.{name}.text"), back=back)


@actions.look(verbs.HELP)
async def show_help(visit: Visit) -> Screen:
    """The commands, or one page."""
    name = visit.tap.arg
    return page(visit.words, name) if name in (*PAGES, "skips2") else commands(visit.words)
