"""S11 positions by outcome, S11a one outcome with a line per owner, the picture of 30 days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from bot import verbs
from bot.callbacks import Tap, base36
from bot.client.errors import Refused
from bot.picture import Chart, drawn, whole_days
from bot.registry import Actions, Go
from bot.screens.figures import cents, had, market, outcome, paid, signed, venue
from bot.screens.history import Place, leaders
from bot.screens.holdings import VENUES, Held, Shelf, by_outcome, owner_of, shelf_of
from bot.screens.screen import Button, Row, Screen, Style
from bot.visit import Visit
from bot.words import Html, Words, foreign, lines
from schemas.enums import Venue
from schemas.market_views import PnlView
from schemas.money import ZERO
from schemas.views import AllocationView, PositionView

actions = Actions()
PER_PAGE: Final = 5
POSITIONS_MOST: Final = 300
OWNERS_SHOWN: Final = 5
_STATES: Final = {"o": "open", "c": "closed"}


def positions(
    words: Words,
    held: Sequence[Held],
    shelf: Shelf,
    pnl: PnlView | None,
    now: datetime,
    *,
    ref: str = "",
    has_live: bool = False,
) -> Screen:
    """S11."""
    start = shelf.page * PER_PAGE
    shown = held[start : start + PER_PAGE]
    head = [] if pnl is None else [_worth(words, pnl, shelf.venue, now)]
    if pnl is None:
        head = [venue(shelf.venue)]
    listed = [
        _line(words, start + number, each, now, closed=shelf.closed) for number, each in enumerate(shown, 1)
    ]
    empty = words.say("s11.none_closed" if shelf.closed else "s11.none")
    numbers = tuple(
        Button(str(start + number), Tap(verbs.POSITION, base36(int(each.first.position_id))))
        for number, each in enumerate(shown, 1)
    )
    venues: Row = ()
    if has_live:
        venues = tuple(
            Button(
                words.label(f"s11.{which}"),
                Tap(verbs.POSITIONS, ref, Shelf(VENUES[letter], shelf.closed).arg()),
                style=Style.PRIMARY if VENUES[letter] is shelf.venue else None,
            )
            for letter, which in (("p", "paper"), ("l", "live"))
        )
    states = tuple(
        Button(
            words.label(f"s11.{state}"),
            Tap(verbs.POSITIONS, ref, replace(shelf, closed=letter == "c", page=0).arg()),
            style=Style.PRIMARY if (letter == "c") is shelf.closed else None,
        )
        for letter, state in _STATES.items()
    )
    more = (
        Button(words.label("s9.leader"), Tap(verbs.PICK_OWNER, ref, shelf.arg())),
        Button(words.label("s11.chart"), Tap(verbs.CHART, "", shelf.arg()[:1])),
    )
    turns: Row = ()
    if shelf.page:
        before = Tap(verbs.POSITIONS, ref, replace(shelf, page=shelf.page - 1).arg())
        turns = (Button(words.label("bot.page_before"), before),)
    if len(held) > start + PER_PAGE:
        after = Tap(verbs.POSITIONS, ref, replace(shelf, page=shelf.page + 1).arg())
        turns = (*turns, Button(words.label("bot.page_after"), after))
    rows = tuple(row for row in (venues, numbers, states, more, turns) if row)
    return Screen(lines(*head, *(listed or [empty])), rows)


def _worth(words: Words, pnl: PnlView, which: Venue, now: datetime) -> Html:
    parts = [words.say("s11.worth", venue=venue(which), worth=had(pnl.worth_usdc))]
    if pnl.prices_at is not None:
        age = max(0, int((now - pnl.prices_at).total_seconds()))
        parts = [Html(f"{parts[0]} {words.say('s11.prices', age=f'{age} s')}")]
    if pnl.unpriced:
        parts.append(words.count("s11.unpriced", pnl.unpriced))
    parts += [
        words.say("s11.open_result", open=signed(pnl.open_usdc)),
        words.say(
            "s11.realised",
            today=signed(pnl.realised_today_usdc),
            days=pnl.days,
            realised=signed(pnl.realised_usdc),
        ),
        words.say("s11.fees", days=pnl.days, fees=paid(pnl.fees_usdc)),
    ]
    return Html(" · ".join(parts))


def _line(words: Words, number: int, held: Held, now: datetime, *, closed: bool) -> Html:
    first = held.first
    said = words.say(
        "s11.line", number=number, outcome=outcome(first.outcome), market=market(first.question, words)
    )
    if closed:
        realised = sum((each.realised_usdc for each in held.lots), ZERO)
        return Html(f"{said} {words.say('s11.closed_result', result=signed(realised))}")
    price = held.cost / held.shares if held.shares else None
    parts = [words.say("s11.shares", shares=had(held.shares), price=cents(price))]
    opened = held.open(now)
    if opened is None:
        parts.append(words.say("s11.price_unknown"))
    else:
        parts.append(words.say("s11.bid", bid=cents(first.bid), open=signed(opened)))
    whose = ", ".join(
        f"{foreign(owner_of(words, each), 24)} {had(each.shares)}" for each in held.lots[:OWNERS_SHOWN]
    )
    return Html(f"{said} {', '.join(parts)} · {whose}")


async def _held(visit: Visit, shelf: Shelf, ref: str) -> list[Held]:
    state = "closed" if shelf.closed else "open"
    found = await visit.api.listed(
        PositionView, "/v1/positions", POSITIONS_MOST, state=state, venue=shelf.venue.value
    )
    return by_outcome([each for each in found if not ref or each.allocation_id == ref])


@actions.look(verbs.POSITIONS)
async def show_positions(visit: Visit) -> Screen:
    """S11, of all leaders or of one (`ref`)."""
    shelf, ref = shelf_of(visit.tap.arg), visit.tap.ref
    if ref and not visit.tap.arg:
        whose = await visit.api.look(AllocationView, f"/v1/allocations/{ref}")
        shelf = Shelf(whose.venue)
    held = await _held(visit, shelf, ref)
    pnl = await _pnl(visit, shelf.venue)
    has_live = any(account.venue is Venue.POLYMARKET for account in visit.user.accounts)
    return positions(visit.words, held, shelf, pnl, visit.now, ref=ref, has_live=has_live)


async def _pnl(visit: Visit, which: Venue) -> PnlView | None:
    try:
        return await visit.api.look(PnlView, "/v1/pnl", window="30d", venue=which.value)
    except Refused:
        return None


@actions.look(verbs.PICK_OWNER, step=True)
async def pick_owner(visit: Visit) -> Screen:
    """[Leader ▾] of S11."""
    followings = await visit.api.listed(AllocationView, "/v1/allocations")
    return leaders(visit.words, followings, Place(), verbs.POSITIONS)


@actions.look(verbs.CHART, step=True)
async def show_chart(visit: Visit) -> Screen | Go:
    """[Chart]: a picture below the panel, drawn off the loop."""
    which = VENUES.get(visit.tap.arg[:1], Venue.PAPER)
    pnl = await _pnl(visit, which)
    if pnl is None or not pnl.by_day:
        return Go(Tap(verbs.POSITIONS, "", Shelf(which).arg()), visit.words.say("s11.no_chart"))
    words = visit.words
    title = f"{words.text(f's11.{_word(which)}')} · {words.text('s11.chart_title').format(days=pnl.days)}"
    days = whole_days([(each.day, each.net_usdc) for each in pnl.by_day], pnl.as_of.date(), pnl.days)
    picture = await drawn(Chart(title, days, words.text("chart.bars"), words.text("chart.line")))
    screen = await show_positions(replace(visit, tap=Tap(verbs.POSITIONS, "", Shelf(which).arg())))
    return replace(screen, picture=picture)


def _word(which: Venue) -> str:
    return "live" if which is Venue.POLYMARKET else "paper"
