"""S9 the history: what became of each trade, by page, kind, leader and day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from bot import verbs
from bot.callbacks import Tap, base36
from bot.registry import Actions
from bot.screens.copying import name_of
from bot.screens.figures import GLYPHS, PER_PAGE, TAKEN_BACK, cents, had, market, outcome
from bot.screens.screen import Button, Row, Screen, Style, rows_of
from bot.visit import Visit
from bot.words import LABEL_MAX, Html, Words, cut, foreign, lines
from schemas.base import rfc3339
from schemas.enums import CopyState, Side
from schemas.views import AllocationView, CopyOrderView

actions = Actions()
# A letter in the button → the states, in the order of the buttons.
KINDS: Final[dict[str, tuple[CopyState, ...]]] = {
    "a": (),
    "c": (CopyState.FILLED, CopyState.PARTIAL),
    "s": (CopyState.SKIPPED, CopyState.EXPIRED),
    "p": (CopyState.UNFILLED, CopyState.REJECTED, CopyState.UNKNOWN),
}
ALL: Final = "a"
SKIPPED: Final = "s"
DAYS_OFFERED: Final = 7
PAGES_MOST: Final = 1_000
_ANY_DAY: Final = "zz"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the history: kind, page, days before the anchor's (None: all), and the anchor, the time before which
    rows were there when the first page was shown: new ones do not shift the pages."""

    kind: str = ALL
    page: int = 0
    day: int | None = None
    anchor: int = 0

    def arg(self) -> str:
        """As it stands in a button."""
        day = _ANY_DAY if self.day is None else base36(self.day).rjust(2, "0")
        return f"{self.kind}{base36(self.page).rjust(2, '0')}{day}{base36(self.anchor)}"


def place_of(arg: str, now: datetime) -> Place:
    """From a button; the kind alone, or nothing, is the newest page."""
    anchor = int(now.timestamp()) + 1
    if len(arg) < 6 or arg[0] not in KINDS:
        return Place(arg if arg in KINDS else ALL, anchor=anchor)
    day = None if arg[3:5] == _ANY_DAY else int(arg[3:5], 36)
    return Place(arg[0], min(int(arg[1:3], 36), PAGES_MOST), day, int(arg[5:], 36))


def history(
    words: Words, rows: Sequence[CopyOrderView], place: Place, ref: str, now: datetime, *, more: bool
) -> Screen:
    """S9; `rows` are those of the page."""
    listed = [line(words, number, each, now) for number, each in enumerate(rows, 1)]
    name = rows[0].leader_label if ref and rows else None
    head = [words.say("s9.of", name=foreign(name))] if name else []
    numbers = tuple(
        Button(str(number), Tap(verbs.WHY, each.copy_order_id)) for number, each in enumerate(rows, 1)
    )
    kinds = tuple(
        Button(
            words.label(f"s9.kind.{kind}"),
            Tap(verbs.HISTORY, ref, replace(place, kind=kind, page=0).arg()),
            style=Style.PRIMARY if kind == place.kind else None,
        )
        for kind in KINDS
    )
    picks = (
        Button(words.label("s9.leader"), Tap(verbs.PICK_LEADER, ref, place.arg())),
        Button(words.label("s9.day"), Tap(verbs.PICK_DAY, ref, place.arg())),
    )
    turns: Row = ()
    if place.page:
        newer = Tap(verbs.HISTORY, ref, replace(place, page=place.page - 1).arg())
        turns = (Button(words.label("s9.newer"), newer),)
    if more:
        older = Tap(verbs.HISTORY, ref, replace(place, page=place.page + 1).arg())
        turns = (*turns, Button(words.label("s9.older"), older))
    buttons = tuple(row for row in (numbers, kinds, picks, turns) if row)
    return Screen(lines(*head, *listed) if listed else lines(*head, words.say("s9.nothing")), buttons)


def line(words: Words, number: int, each: CopyOrderView, now: datetime) -> Html:
    """One copy: `1 ✅ 4 min BUY Yes Will X win? 2.00 → 3.84 at 52.1¢ C-7F3K9QX`."""
    return words.say(
        "s9.line",
        number=number,
        glyph=TAKEN_BACK if each.reversed else GLYPHS[each.state],
        ago=words.when(each.seen_at, now),
        side=each.side.value,
        outcome=outcome(each.outcome),
        market=foreign(market(each.question, words), 60)
        if each.question is None
        else foreign(each.question, 60),
        what=_what(words, each),
        name=each.copy_order_id,
    )


def _what(words: Words, each: CopyOrderView) -> Html:
    if each.reversed:
        return words.say("s9.reversed")
    match each.state:
        case CopyState.FILLED:
            price = each.usdc / each.filled_shares if each.filled_shares else None
            key = "s9.bought" if each.side is Side.BUY else "s9.sold"
            return words.say(key, usdc=had(each.usdc), shares=had(each.filled_shares), price=cents(price))
        case CopyState.PARTIAL if each.side is Side.BUY:
            return words.say("s9.partly", done=had(each.usdc), whole=had(each.amount_usdc))
        case CopyState.PARTIAL:
            return words.say("s9.partly", done=had(each.filled_shares), whole=had(each.shares))
        case CopyState.UNKNOWN:
            return words.say("s9.checking")
        case CopyState.REJECTED | CopyState.UNFILLED:
            return words.say(f"s9.{each.state.value}")
        case _ if each.reason is not None:
            return Html(words.text(f"short.{each.reason.value}"))
        case _:
            return words.say("s9.under_way")


def leaders(words: Words, followings: Sequence[AllocationView], place: Place, verb: str) -> Screen:
    """[Leader ▾]: whose; `verb`: the list it leads back to."""
    arg = replace(place, page=0).arg() if verb == verbs.HISTORY else ""
    every = Button(words.label("s9.all_leaders"), Tap(verb, "", arg))
    named = [
        Button(cut(name_of(each), LABEL_MAX), Tap(verb, each.allocation_id, arg)) for each in followings[:12]
    ]
    return Screen(words.say("s9.which_leader"), ((every,), *rows_of(named, 2)), back=Tap(verb))


def days(words: Words, place: Place, ref: str) -> Screen:
    """[Day ▾]: which."""
    anchored = datetime.fromtimestamp(place.anchor, UTC)
    every = Button(
        words.label("s9.all_days"), Tap(verbs.HISTORY, ref, replace(place, page=0, day=None).arg())
    )
    named = [
        Button(
            words.label(f"s9.day.{ago}") if ago < 2 else str(words.day(anchored - timedelta(days=ago))),
            Tap(verbs.HISTORY, ref, replace(place, page=0, day=ago).arg()),
        )
        for ago in range(DAYS_OFFERED)
    ]
    return Screen(words.say("s9.which_day"), ((every,), *rows_of(named, 3)), back=Tap(verbs.HISTORY, ref))


def asked(place: Place, ref: str, words: Words) -> dict[str, Any]:
    """The API's filters for a place; a day is one of the reader's zone."""
    begin, end = None, datetime.fromtimestamp(place.anchor, UTC)
    if place.day is not None:
        day = end.astimezone(words.zone).replace(hour=0, minute=0, second=0, microsecond=0)
        begin = day - timedelta(days=place.day)
        end = min(end, begin + timedelta(days=1))
    return {
        "state": [each.value for each in KINDS[place.kind]] or None,
        "allocation": ref or None,
        "from": None if begin is None else rfc3339(begin),
        "to": rfc3339(end),
    }


@actions.look(verbs.HISTORY)
async def show_history(visit: Visit) -> Screen:
    """S9."""
    place = place_of(visit.tap.arg, visit.now)
    start = place.page * PER_PAGE
    found = await visit.api.listed(
        CopyOrderView,
        "/v1/copy-orders",
        start + PER_PAGE + 1,
        **asked(place, visit.tap.ref, visit.words),
    )
    shown = found[start : start + PER_PAGE]
    more = len(found) > start + PER_PAGE
    return history(visit.words, shown, place, visit.tap.ref, visit.now, more=more)


@actions.look(verbs.PICK_LEADER, step=True)
async def pick_leader(visit: Visit) -> Screen:
    """[Leader ▾]."""
    followings = await visit.api.listed(AllocationView, "/v1/allocations")
    return leaders(visit.words, followings, place_of(visit.tap.arg, visit.now), verbs.HISTORY)


@actions.look(verbs.PICK_DAY, step=True)
async def pick_day(visit: Visit) -> Screen:
    """[Day ▾]."""
    return days(visit.words, place_of(visit.tap.arg, visit.now), visit.tap.ref)
