"""S3 the copy dashboard: whom one follows, and how it goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot import verbs
from bot.callbacks import Tap
from bot.registry import Actions
from bot.screens.figures import FOLLOWING, had, leader, numbered, page_arg, page_of, paid, signed, venue
from bot.screens.screen import Button, Row, Screen, Style, rows_of
from bot.visit import Visit
from bot.words import Html, Words, lines
from schemas.allocations import AllocationSettings
from schemas.enums import AllocationState, Venue
from schemas.money import ZERO
from schemas.views import AccountView, AllocationView

actions = Actions()
PER_PAGE = 5
# SAFETY R27: 20 followings not ended, per user.
FOLLOWINGS_MOST = 50


@dataclass(frozen=True, slots=True)
class CopyFacts:
    """The followings that have not ended, and the accounts."""

    followings: Sequence[AllocationView]
    accounts: Sequence[AccountView]
    page: int = 0


def in_order(followings: Sequence[AllocationView]) -> list[AllocationView]:
    """Live first, then newest first; what has ended is in the history alone."""
    living = [each for each in followings if each.state is not AllocationState.ENDED]
    return sorted(living, key=lambda each: each.venue is not Venue.POLYMARKET)


def budget_of(settings: AllocationSettings, words: Words) -> Html:
    """A budget in USDC, or as a share of one's money."""
    if settings.budget_usdc is not None:
        return had(settings.budget_usdc)
    return words.say("s3.percent", percent=settings.budget_percent)


def dashboard(words: Words, facts: CopyFacts, now: datetime) -> Screen:
    """S3."""
    living = in_order(facts.followings)
    if not living:
        find = Button(words.label("s1.leaders"), Tap(verbs.LEADERS))
        return Screen(words.say("s3.nobody"), ((find, Button(words.label("s1.address"), Tap(verbs.ADD))),))
    start = facts.page * PER_PAGE
    shown = living[start : start + PER_PAGE]
    text = lines(
        *[_sums(words, which, living) for which in (Venue.POLYMARKET, Venue.PAPER)],
        *[line(words, each, now, start + number) for number, each in enumerate(shown, 1)],
    )
    leaders = [
        Button(numbered(start + number, name_of(each)), Tap(verbs.LEADER, each.allocation_id))
        for number, each in enumerate(shown, 1)
    ]
    rows: tuple[Row, ...] = (
        *rows_of(leaders, 2),
        *pages(words, verbs.COPY, "", facts.page, more=len(living) > start + PER_PAGE),
        (
            Button(words.label("s3.add"), Tap(verbs.LEADERS)),
            Button(words.label("s2.history"), Tap(verbs.HISTORY)),
        ),
        (Button(words.label("s3.stop_all"), Tap(verbs.STOP_ALL), style=Style.DANGER),),
    )
    return Screen(text, rows)


def name_of(following: AllocationView) -> str:
    """The leader as this follower calls them."""
    return leader(following.leader, following.label or following.leader_label)


def line(words: Words, each: AllocationView, now: datetime, number: int | None = None) -> Html:
    """One following: S3's line."""
    standing = each.standing
    first = "" if number is None else f"{number} "
    live = "🔴 " if each.venue is Venue.POLYMARKET else ""
    name = words.say("s3.name", name=name_of(each))
    head = f"{first}{live}{name} {FOLLOWING[each.state]}"
    if each.state is not AllocationState.ACTIVE:
        head += f" {words.text(f's3.state.{each.state}')} ·"
    if each.starting:
        return Html(f"{head} {words.say('s3.starting')}")
    if standing is None:
        return Html(f"{head} {words.say('s3.budget', budget=budget_of(each.settings, words))}")
    parts = [
        words.say("s3.at_work", at_work=paid(standing.at_work_usdc), budget=budget_of(each.settings, words))
    ]
    if each.state is AllocationState.ACTIVE:
        parts.append(words.say("s3.today", copied=standing.copied_today, skipped=standing.skipped_today))
    parts.append(words.say("s3.result", result=signed(standing.result_usdc)))
    if standing.last_trade_at is not None and each.state is AllocationState.ACTIVE:
        parts.append(words.say("s3.traded", ago=words.when(standing.last_trade_at, now)))
    return Html(f"{head} {' · '.join(parts)}")


def pages(words: Words, verb: str, ref: str, page: int, *, more: bool, prefix: str = "") -> tuple[Row, ...]:
    """[◂] [▸] where there is another page; `prefix` stands before the page number in the button."""
    row = []
    if page > 0:
        row.append(Button(words.label("bot.page_before"), Tap(verb, ref, prefix + page_arg(page - 1))))
    if more:
        row.append(Button(words.label("bot.page_after"), Tap(verb, ref, prefix + page_arg(page + 1))))
    return (tuple(row),) if row else ()


def _sums(words: Words, which: Venue, living: Sequence[AllocationView]) -> Html | None:
    here = [each for each in living if each.venue is which]
    standings = [each.standing for each in here if each.standing is not None]
    if not here:
        return None
    if not standings:
        return venue(which)
    opened = [each.open_usdc for each in standings if each.open_usdc is not None]
    budgets = [each.settings.budget_usdc for each in here]
    whole = None if None in budgets else sum((each or ZERO for each in budgets), ZERO)
    at_work = sum((each.at_work_usdc for each in standings), Decimal(0))
    result = sum((each.result_usdc for each in standings), Decimal(0))
    said = words.say(
        "s3.sums",
        venue=venue(which),
        at_work=paid(at_work),
        of="" if whole is None else words.say("s3.of", budget=had(whole)),
        result=signed(result),
    )
    return Html(said + words.say("s3.open", open=signed(sum(opened, Decimal(0))))) if opened else said


@actions.look(verbs.COPY)
async def show_dashboard(visit: Visit) -> Screen:
    """S3."""
    followings = await visit.api.listed(AllocationView, "/v1/allocations", FOLLOWINGS_MOST)
    accounts = await visit.api.look(tuple[AccountView, ...], "/v1/me/accounts")
    facts = CopyFacts(followings, accounts, page_of(visit.tap.arg))
    return dashboard(visit.words, facts, visit.now)
