"""S14 the wallet: paper and live money apart, and what may be done with each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot import verbs
from bot.callbacks import Tap
from bot.registry import Actions, Go
from bot.screens.figures import had, paid, venue
from bot.screens.screen import Button, Row, Screen, Style
from bot.visit import Visit
from bot.words import Html, Words, foreign, lines
from schemas.enums import Venue
from schemas.me_views import PAPER_CREDIT_USDC
from schemas.money import ZERO
from schemas.stop_causes import StopCause, stop_said
from schemas.views import AccountView, CreditView

actions = Actions()
ACCOUNTS_PATH = "/v1/me/accounts"
LIVE_PATH = "/v1/me/accounts/polymarket"


def live_of(accounts: Sequence[AccountView]) -> AccountView | None:
    """The person's live account, if one was opened."""
    return next((each for each in accounts if each.venue is Venue.POLYMARKET), None)


def wallet(words: Words, accounts: Sequence[AccountView], now: datetime) -> Screen:
    """S14."""
    paper = next((each for each in accounts if each.venue is Venue.PAPER), None)
    live = live_of(accounts)
    armed = live is not None and live.armed_at is not None
    text = lines(
        None if paper is None else _money(words, "s14.paper", paper),
        None if paper is None else _credit_line(words, paper, now),
        words.say("s14.live_off", free=had(ZERO if live is None else live.free_usdc))
        if live is None or not armed
        else _money(words, "s14.live", live, cap=paid(live.day_cap_usdc)),
        None if live is None else _live_lines(words, live, now),
    )
    rows: tuple[Row, ...] = ()
    if paper is not None and _may_ask(paper, now):
        ask = Tap(verbs.CREDIT, "", f"{now:%y%m%d}")
        rows += ((Button(words.label("s14.credit"), ask),),)
    first = (
        Button(words.label("s14.cap"), Tap(verbs.DAY_CAP))
        if armed
        else Button(words.label("s14.set_up"), Tap(verbs.LIVE_CHECKS))
    )
    rows += (
        (first, Button(words.label("s14.add"), Tap(verbs.DEPOSIT))),
        (Button(words.label("s14.withdraw"), Tap(verbs.WITHDRAW)),),
    )
    if live is not None and live.stopped_by in (StopCause.REFUSALS, StopCause.CLOSED_ONLY):
        rows += ((Button(words.label("s14a.again"), Tap(verbs.LIVE_CHECKS)),),)
    if armed:
        rows += ((Button(words.label("s14.disarm"), Tap(verbs.DISARM), style=Style.DANGER),),)
    return Screen(text, rows)


def _money(words: Words, key: str, account: AccountView, **more: Html) -> Html:
    return words.say(
        key,
        venue=venue(account.venue),
        free=had(account.free_usdc),
        reserved=paid(account.reserved_usdc),
        at_work=paid(account.at_work_usdc),
        **more,
    )


def _may_ask(paper: AccountView, now: datetime) -> bool:
    return paper.credit_from is None or now >= paper.credit_from


def _credit_line(words: Words, paper: AccountView, now: datetime) -> Html | None:
    if _may_ask(paper, now) or paper.credit_from is None:
        return None
    return words.say("s14.credit_from", t=words.when(paper.credit_from, now))


def _live_lines(words: Words, live: AccountView, now: datetime) -> Html | None:
    said = []
    if live.armed_at is not None and live.day_bought_usdc is not None:
        said.append(words.say("s14.bought", bought=paid(live.day_bought_usdc)))
    if live.next_day_cap_usdc is not None and live.next_day_cap_from is not None:
        said.append(
            words.say(
                "s14.next_cap",
                cap=paid(live.next_day_cap_usdc),
                t=words.when(live.next_day_cap_from, now),
            )
        )
    if live.stopped_by:
        said.append(words.say("s14.stopped", cause=foreign(stop_said(words.merged(), live.stopped_by), 300)))
    return lines(*said) if said else None


@actions.look(verbs.WALLET)
async def show_wallet(visit: Visit) -> Screen:
    """S14."""
    accounts = await visit.api.look(tuple[AccountView, ...], ACCOUNTS_PATH)
    return wallet(visit.words, accounts, visit.now)


@actions.deed(verbs.CREDIT, fresh=verbs.WALLET)
async def credit(visit: Visit) -> Go:
    """[+1,000 paper], once a day."""
    await visit.api.post(
        CreditView,
        f"{ACCOUNTS_PATH}/paper/credit",
        {"usdc": str(PAPER_CREDIT_USDC)},
        key=f"credit/{visit.tap.arg}",
    )
    return Go(Tap(verbs.WALLET), visit.words.say("s14.credited", usdc=had(PAPER_CREDIT_USDC)))


@actions.deed(verbs.DISARM, fresh=verbs.WALLET)
async def disarm(visit: Visit) -> Go:
    """One tap: no live buys any more."""
    await visit.api.post(AccountView, f"{LIVE_PATH}/disarm", key=f"disarm/{visit.nonce}")
    return Go(Tap(verbs.WALLET), visit.words.say("s14.disarmed"))
