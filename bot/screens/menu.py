"""S1 the first word, S2 the menu."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from bot import verbs
from bot.callbacks import Tap
from bot.client.errors import Refused
from bot.registry import Actions, Go
from bot.screens.figures import had, signed, venue
from bot.screens.screen import Button, Screen
from bot.visit import Visit
from bot.words import Html, Words, lines
from schemas.enums import AllocationState, Venue
from schemas.market_views import PnlView
from schemas.me_views import Standing
from schemas.views import AccountView, AllocationView

actions = Actions()
FOLLOWINGS_MOST: Final = 50
# The shortest age that the presets allow a trade: behind by less, nothing is skipped for it.
LAG_TOLD: Final = 30


@dataclass(frozen=True, slots=True)
class MenuFacts:
    """What the menu tells. `today` is None where it is not known."""

    accounts: Sequence[AccountView]
    followings: Sequence[AllocationView]
    today: Decimal | None = None
    buys_stopped: tuple[datetime, str] | None = None
    lag_seconds: int | None = None
    checking: int = 0


def hello(words: Words) -> Screen:
    """S1."""
    return Screen(
        words.say("s1.welcome"),
        (
            (
                Button(words.label("s1.leaders"), Tap(verbs.LEADERS)),
                Button(words.label("s1.address"), Tap(verbs.ADD)),
            ),
            (Button(words.label("s1.how"), Tap(verbs.HELP)),),
        ),
        bare=True,
    )


def menu(words: Words, facts: MenuFacts) -> Screen:
    """S2."""
    by_venue = {account.venue: account for account in facts.accounts}
    paper, live = by_venue.get(Venue.PAPER), by_venue.get(Venue.POLYMARKET)
    text = lines(
        None if paper is None else _money(words, paper, facts.today),
        _live(words, live, facts.followings),
        *_warnings(words, facts),
    )
    rows = (
        (Button(words.label("s2.copy"), Tap(verbs.COPY)), Button(words.label("s2.smart"), Tap(verbs.SMART))),
        (
            Button(words.label("s2.positions"), Tap(verbs.POSITIONS)),
            Button(words.label("s2.history"), Tap(verbs.HISTORY)),
        ),
        (
            Button(words.label("s2.wallet"), Tap(verbs.WALLET)),
            Button(words.label("s2.settings"), Tap(verbs.SETTINGS)),
        ),
        (Button(words.label("bot.help"), Tap(verbs.HELP)),),
    )
    return Screen(text, rows, bare=True)


def _money(words: Words, account: AccountView, today: Decimal | None) -> Html:
    said = words.say(
        "s2.money", venue=venue(account.venue), free=had(account.free_usdc), at_work=had(account.at_work_usdc)
    )
    return said if today is None else Html(said + words.say("s2.today", today=signed(today)))


def _live(words: Words, account: AccountView | None, followings: Sequence[AllocationView]) -> Html:
    active = sum(each.state is AllocationState.ACTIVE for each in followings)
    paused = sum(each.state is AllocationState.PAUSED for each in followings)
    armed = account is not None and account.armed_at is not None
    first = (
        words.say("s2.live_armed", free=had(account.free_usdc), at_work=had(account.at_work_usdc))
        if armed and account is not None
        else words.say("s2.live_not_armed")
    )
    return Html(first + words.say("s2.following", active=active, paused=paused))


def _warnings(words: Words, facts: MenuFacts) -> list[Html]:
    said = []
    if facts.buys_stopped is not None:
        since, note = facts.buys_stopped
        said.append(words.say("s2.buys_stopped", t=words.when(since), note=note))
    if facts.lag_seconds is not None:
        said.append(words.say("s2.behind", lag=f"{facts.lag_seconds} s"))
    if facts.checking:
        said.append(words.count("s2.checking", facts.checking))
    return [Html(""), *said] if said else []


@actions.look(verbs.HELLO)
async def show_hello(visit: Visit) -> Screen | Go:
    """S1 for who is new, S2 for who is known."""
    if visit.tap.arg == "new":
        return hello(visit.words)
    return Go(Tap(verbs.HELLO, "", "new")) if visit.new else Go(Tap(verbs.MENU))


@actions.look(verbs.MENU)
async def show_menu(visit: Visit) -> Screen:
    """S2."""
    accounts = await visit.api.look(tuple[AccountView, ...], "/v1/me/accounts")
    followings = await visit.api.listed(AllocationView, "/v1/allocations", FOLLOWINGS_MOST)
    standing = await visit.api.look(Standing, "/v1/me/standing")
    stopped, lag = standing.buys_stopped, standing.lag_seconds
    facts = MenuFacts(
        accounts,
        followings,
        await _today(visit),
        None if stopped is None else (stopped.since, stopped.note),
        lag if lag is not None and lag >= LAG_TOLD else None,
        standing.checking,
    )
    return menu(visit.words, facts)


async def _today(visit: Visit) -> Decimal | None:
    try:
        return (await visit.api.look(PnlView, "/v1/pnl")).realised_today_usdc
    except Refused:
        return None
