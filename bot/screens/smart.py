"""S12 smart trading: larger buys of watched wallets, newest first. Nothing is bought by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from bot import verbs
from bot.callbacks import Tap
from bot.registry import Actions, Go
from bot.screens.figures import cents, had, leader, market, numbered, outcome
from bot.screens.notices import PATH as NOTICES_PATH
from bot.screens.notices import change_notices
from bot.screens.screen import Button, Row, Screen
from bot.screens.smart_filters import AGES_SECONDS, KINDS, LEAST_USDC, PAGES_MAX, Filters
from bot.visit import Visit
from bot.words import Html, Words, foreign, lines
from schemas import figures
from schemas.me_views import Delivery, NoticeKind, NoticeSettings, NoticeSettingsView
from schemas.signal_views import SignalView

actions = Actions()
PER_PAGE: Final = 5
# One letter each, in front of the filters in a button of the choice.
LEAST, AGE, KIND = "m", "a", "k"


@dataclass(frozen=True, slots=True)
class Feed:
    """A page of signals; ``alerts``: whether they also come as notices (None: not known)."""

    signals: Sequence[SignalView]
    filters: Filters
    more: bool
    alerts: bool | None


def feed(words: Words, facts: Feed, now: datetime) -> Screen:
    """S12."""
    chosen = facts.filters
    start = chosen.page * PER_PAGE
    said = [line(words, each, now, start + number) for number, each in enumerate(facts.signals, 1)]
    head = words.say("s12.head", least=had(LEAST_USDC[chosen.least]))
    text = lines(head, *(said or [words.say("s12.none")]))
    picked = tuple(
        Button(numbered(start + number, each.outcome or "?"), Tap(verbs.SIGNAL, each.signal_id))
        for number, each in enumerate(facts.signals, 1)
    )
    rows: tuple[Row, ...] = (
        *((picked[at : at + 3]) for at in range(0, len(picked), 3)),
        _narrowing(words, chosen),
        _more_narrowing(words, chosen, facts.alerts),
        _turning(words, chosen, more=facts.more),
    )
    return Screen(text, rows)


def line(words: Words, each: SignalView, now: datetime, number: int | None = None) -> Html:
    """One signal as the feed and its own page begin."""
    first = "" if number is None else f"{number} "
    parts = [
        f"{first}{outcome(each.outcome)}",
        market(each.question, words),
        Html(
            foreign(leader(each.wallet, each.wallet_label), 24)
            + (words.say("s12.first_entry") if each.first_entry else "")
        ),
        _prices(words, each),
        words.when(each.last_at, now),
    ]
    return Html(" · ".join(parts))


def _prices(words: Words, each: SignalView) -> Html:
    offer = None if each.price is None else each.price.offer
    then = {"usdc": had(each.usdc), "price": cents(each.average_price)}
    if offer is None or each.moved is None:
        return words.say("s12.no_price", **then)
    return words.say("s12.prices", **then, now=cents(offer), moved=moved_cents(each.moved))


def moved_cents(move: Decimal) -> Html:
    """A difference of prices: ``+3¢``, ``−2¢``, ``±0¢``."""
    shown = figures.cents(abs(move))
    return Html(f"±{shown}" if shown == "0¢" else f"{'+' if move > 0 else '−'}{shown}")


def _narrowing(words: Words, chosen: Filters) -> Row:
    return (
        Button(
            _ticked(words.label("s12.first_entries"), on=chosen.first),
            Tap(verbs.SMART, "", replace(chosen, first=not chosen.first, page=0).arg),
        ),
        Button(
            words.label("s12.at_least", least=_whole(LEAST_USDC[chosen.least])),
            Tap(verbs.SMART_PICK, "", LEAST + chosen.at(0).arg),
        ),
        Button(
            words.label("s12.age_now", age=_age(words, chosen.age)) if chosen.age else words.label("s12.age"),
            Tap(verbs.SMART_PICK, "", AGE + chosen.at(0).arg),
        ),
    )


def _more_narrowing(words: Words, chosen: Filters, alerts: bool | None) -> Row:
    kind = words.label("s12.kind_now", kind=_kind(words, chosen.kind)) if chosen.kind else None
    return (
        Button(kind or words.label("s12.kind"), Tap(verbs.SMART_PICK, "", KIND + chosen.at(0).arg)),
        Button(
            _ticked(words.label("s12.near"), on=chosen.near),
            Tap(verbs.SMART, "", replace(chosen, near=not chosen.near, page=0).arg),
        ),
        Button(_ticked(words.label("s12.alerts"), on=bool(alerts)), Tap(verbs.ALERTS, "", chosen.arg)),
    )


def _turning(words: Words, chosen: Filters, *, more: bool) -> Row:
    row = [Button(words.label("s12.refresh"), Tap(verbs.SMART, "", chosen.arg))]
    if chosen.page > 0:
        row.append(
            Button(words.label("bot.page_before"), Tap(verbs.SMART, "", chosen.at(chosen.page - 1).arg))
        )
    if more and chosen.page < PAGES_MAX:
        row.append(
            Button(words.label("bot.page_after"), Tap(verbs.SMART, "", chosen.at(chosen.page + 1).arg))
        )
    return tuple(row)


def _ticked(label: str, *, on: bool) -> str:
    return f"✓ {label}" if on else label


def _whole(sum_usdc: Decimal) -> str:
    return f"{sum_usdc:,.0f}"


def _age(words: Words, place: int) -> str:
    seconds = AGES_SECONDS[place]
    return words.label("s12.any_age") if seconds is None else figures.span(seconds)


def _kind(words: Words, place: int) -> str:
    kind = KINDS[place]
    return words.label("s12.any_kind") if kind is None else words.label(f"kind.{kind}")


@actions.look(verbs.SMART)
async def show_feed(visit: Visit) -> Screen:
    """S12; asks again each time."""
    chosen = Filters.read(visit.tap.arg)
    start = chosen.page * PER_PAGE
    found = await visit.api.listed(
        SignalView, "/v1/signals", start + PER_PAGE + 1, fresh=True, **chosen.asked()
    )
    settings = await visit.api.look(NoticeSettingsView, NOTICES_PATH)
    alerts = settings.settings.deliveries[NoticeKind.SIGNALS] is not Delivery.OFF
    shown = found[start : start + PER_PAGE]
    return feed(visit.words, Feed(shown, chosen, len(found) > start + PER_PAGE, alerts), visit.now)


@actions.look(verbs.SMART_PICK, step=True)
async def pick(visit: Visit) -> Screen:
    """The choices of one filter."""
    words, which, chosen = visit.words, visit.tap.arg[:1], Filters.read(visit.tap.arg[1:])
    if which == AGE:
        offered = [(_age(words, at), replace(chosen, age=at)) for at in range(len(AGES_SECONDS))]
    elif which == KIND:
        offered = [(_kind(words, at), replace(chosen, kind=at)) for at in range(len(KINDS))]
    else:
        which = LEAST
        offered = [(f"≥ {_whole(sum_)}", replace(chosen, least=at)) for at, sum_ in enumerate(LEAST_USDC)]
    now_at = chosen.at(0)
    chips = tuple(
        Button(_ticked(label, on=filters == now_at), Tap(verbs.SMART, "", filters.arg))
        for label, filters in offered
    )
    return Screen(words.say(f"s12.pick.{which}"), (chips,), back=Tap(verbs.SMART, "", chosen.arg))


@actions.deed(verbs.ALERTS, fresh=verbs.SMART)
async def switch_alerts(visit: Visit) -> Go:
    """Signals come as notices too, or no more."""
    now_on = False

    def change(settings: NoticeSettings) -> dict[str, Any]:
        nonlocal now_on
        now_on = settings.deliveries[NoticeKind.SIGNALS] is Delivery.OFF
        way = Delivery.ON if now_on else Delivery.OFF
        return {"deliveries": settings.deliveries | {NoticeKind.SIGNALS: way}}

    await change_notices(visit, change)
    note = visit.words.say("s12.alerts_on" if now_on else "s12.alerts_off")
    return Go(Tap(verbs.SMART, "", visit.tap.arg), note)
