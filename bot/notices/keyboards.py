"""The buttons of a notice as the chat has them: sealed for their person, leading to screens there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot import verbs
from bot.callbacks import REF_MAX, Seal, Tap, base36
from bot.registry import Actions
from bot.screens.history import SKIPPED
from schemas.notice_buttons import NoticeButton, NoticeVerb


def _named(verb: str) -> Callable[[str], Tap]:
    """Leads to what the button names by its short name."""
    return lambda ref: Tap(verb, ref[:10])


def _numbered(verb: str) -> Callable[[str], Tap]:
    """Leads to a position, named by its number in base 36."""
    return lambda ref: Tap(verb, base36(int(ref)) if ref.isdigit() else "")


def _bare(verb: str) -> Callable[[str], Tap]:
    """Leads to a screen that needs no object."""
    return lambda _ref: Tap(verb)


def _fits(ref: str) -> bool:
    """Whether a name can stand in a button: sessions of former versions have longer ones."""
    return 0 < len(ref) <= REF_MAX


TAPS: Final[Mapping[NoticeVerb, Callable[[str], Tap]]] = {
    NoticeVerb.WHY: _named(verbs.WHY),
    NoticeVerb.POSITION: _numbered(verbs.POSITION),
    NoticeVerb.POSITIONS: _bare(verbs.POSITIONS),
    NoticeVerb.PAUSE: _named(verbs.PAUSE),
    NoticeVerb.SELL: _numbered(verbs.SELL),
    # What is kept is looked at.
    NoticeVerb.KEEP: _numbered(verbs.POSITION),
    NoticeVerb.LEADER: _named(verbs.LEADER),
    NoticeVerb.LEADERS: _bare(verbs.COPY),
    NoticeVerb.HISTORY: _bare(verbs.HISTORY),
    NoticeVerb.SKIPPED: lambda ref: Tap(verbs.HISTORY, ref[:10], SKIPPED),
    NoticeVerb.LIMITS: _named(verbs.SETTINGS_OF),
    NoticeVerb.WALLET: _bare(verbs.WALLET),
    # The wallet's page has what stands against it: [Disarm], the cap, the addresses.
    NoticeVerb.DISARM: _bare(verbs.WALLET),
    NoticeVerb.KEEP_CAP: _bare(verbs.WALLET),
    NoticeVerb.END_SESSION: lambda ref: Tap(verbs.END_SESSION, ref) if _fits(ref) else Tap(verbs.SETTINGS),
    NoticeVerb.NOT_ME: _named(verbs.NOT_ME),
    NoticeVerb.SIGNAL: _named(verbs.SIGNAL),
}


class Keyboards:
    """Makes the markup; a button whose screen there is not is left out: no dead buttons (UX §1.4)."""

    def __init__(self, seal: Seal, actions: Actions) -> None:
        self._seal = seal
        self._actions = actions

    def of(self, telegram_id: int, rows: tuple[tuple[NoticeButton, ...], ...]) -> InlineKeyboardMarkup | None:
        """The rows for one person. They never expire: stopping is one tap from any notice, however old."""
        made = [[self._button(telegram_id, each) for each in row if self._leads(each)] for row in rows]
        shown = [row for row in made if row]
        return InlineKeyboardMarkup(shown) if shown else None

    def _leads(self, button: NoticeButton) -> bool:
        return self._actions.of(TAPS[button.verb](button.ref).verb) is not None

    def _button(self, telegram_id: int, button: NoticeButton) -> InlineKeyboardButton:
        tap = TAPS[button.verb](button.ref)
        return InlineKeyboardButton(button.label, callback_data=self._seal.write(telegram_id, tap))
