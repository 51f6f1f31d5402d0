"""S4 suggested leaders, S4a an address or a link, typed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bot import verbs
from bot.callbacks import Tap
from bot.client.errors import Refused
from bot.registry import Actions, Go
from bot.screens.figures import had, leader, page_arg, page_of, signed
from bot.screens.screen import Button, Row, Screen, rows_of
from bot.visit import Visit
from bot.wallet_names import wallet_name
from bot.words import LABEL_MAX, Html, Words, cut, foreign, lines
from schemas.money import plain
from schemas.wallet_views import LeaderView, Resolved, ResolvedWallet

actions = Actions()
PER_PAGE: Final = 5
SUGGESTED_MOST: Final = 100
SHOWN_MOST: Final = 6
# A letter in the button → the API's filter, in the order of the buttons.
FILTERS: Final = {"b": "busy", "l": "large_stakes", "p": "politics", "s": "sports", "c": "crypto"}
ANYWAY: Final = {"checksum=ignore": "any", "unknown=allow": "new"}


def leaders(words: Words, found: Sequence[LeaderView], page: int, only: str, now: datetime) -> Screen:
    """S4. `only`: a letter of FILTERS, or "a" for all."""
    count = max(1, -(-len(found) // PER_PAGE))
    page = min(page, count - 1)
    shown = found[page * PER_PAGE : (page + 1) * PER_PAGE]
    text = lines(
        words.say("s4.head"),
        *[_line(words, number, each, now) for number, each in enumerate(shown, 1)],
        None if shown else words.say("s4.none"),
    )
    chosen = [Button(str(number), _to(each)) for number, each in enumerate(shown, 1)]
    chips = [
        Button(
            cut(("• " if letter == only else "") + words.text(f"s4.filter.{letter}"), LABEL_MAX),
            _filter(letter, only),
        )
        for letter in FILTERS
    ]
    rows: tuple[Row, ...] = (
        *((tuple(chosen),) if chosen else ()),
        *rows_of(chips, 3),
        (Button(words.label("s1.address"), Tap(verbs.ADD)),),
        *_pages(words, page, count, only),
    )
    return Screen(text, rows)


def _to(each: LeaderView) -> Tap:
    if each.allocation_id is not None:
        return Tap(verbs.LEADER, each.allocation_id)
    return Tap(verbs.PREVIEW, wallet_name(each.wallet))


def _filter(letter: str, only: str) -> Tap:
    """A chip chosen again gives it up."""
    return Tap(verbs.LEADERS, "", "a" if letter == only else letter)


def _line(words: Words, number: int, each: LeaderView, now: datetime) -> Html:
    return words.say(
        "s4.line",
        number=number,
        name=leader(each.wallet, each.label),
        per_day=plain(round(each.trades_per_day, 1)),
        stake=had(each.stake_median_usdc),
        ago=words.when(each.last_trade_at, now),
        result=words.say("s4.unknown") if each.result_usdc is None else signed(each.result_usdc),
    )


def _pages(words: Words, page: int, count: int, only: str) -> tuple[Row, ...]:
    if count < 2:
        return ()
    before, after = (page - 1) % count, (page + 1) % count
    here = Tap(verbs.LEADERS, "", only + page_arg(page))
    return (
        (
            Button(words.label("bot.page_before"), Tap(verbs.LEADERS, "", only + page_arg(before))),
            Button(f"{page + 1}/{count}", here),
            Button(words.label("bot.page_after"), Tap(verbs.LEADERS, "", only + page_arg(after))),
        ),
    )


def address_asked(words: Words, refusal: Html | None = None, anyway: Tap | None = None) -> Screen:
    """S4a, with why the last answer was none."""
    rows: tuple[Row, ...] = ((Button(words.label("bot.cancel"), Tap(verbs.COPY)),),)
    if anyway is not None:
        rows = ((Button(words.label("s4a.anyway"), anyway),), *rows)
    text = words.say("s4a.ask") if refusal is None else lines(refusal, "", words.say("s4a.ask"))
    return Screen(text, rows, asks=Tap(verbs.ADDRESS))


def followed_already(words: Words, allocation_id: str) -> Screen:
    """S4a: the wallet is one's leader already."""
    return Screen(
        words.say("s4a.followed"), ((Button(words.label("s4a.open"), Tap(verbs.LEADER, allocation_id)),),)
    )


def several(words: Words, found: Sequence[ResolvedWallet]) -> Screen:
    """S4a: more than one wallet was sent."""
    shown = found[:SHOWN_MOST]
    named = [leader(each.wallet, each.label) for each in shown]
    text = lines(
        words.say("s4a.several"), *[Html(f"{number} {foreign(name)}") for number, name in enumerate(named, 1)]
    )
    buttons = [
        Button(
            cut(f"{number} {name}", LABEL_MAX),
            Tap(verbs.PREVIEW, wallet_name(each.wallet))
            if each.allocation_id is None
            else Tap(verbs.LEADER, each.allocation_id),
        )
        for number, (each, name) in enumerate(zip(shown, named, strict=True), 1)
    ]
    return Screen(text, rows_of(buttons, 2))


@actions.look(verbs.LEADERS)
async def show_leaders(visit: Visit) -> Screen:
    """S4."""
    only = visit.tap.arg[:1] or "a"
    found = await visit.api.listed(LeaderView, "/v1/leaders", SUGGESTED_MOST, filter=FILTERS.get(only))
    for each in found:
        visit.wallets.of(each.wallet)
    return leaders(visit.words, found, page_of(visit.tap.arg[1:]), only, visit.now)


@actions.look(verbs.ADD)
async def ask_address(visit: Visit) -> Screen:
    """S4a."""
    return address_asked(visit.words)


@actions.look(verbs.ADDRESS, step=True)
async def take_address(visit: Visit) -> Screen | Go:
    """What was sent as an address; or, all the same, one whose capital letters do not fit or of which no trade is
    known yet."""
    anyway = visit.tap.arg in ANYWAY.values()
    unknown = "allow" if visit.tap.arg == ANYWAY["unknown=allow"] else "refuse"
    sent = visit.typed if not anyway else visit.wallets.wallet(visit.tap.ref)
    if not sent:
        return Go(Tap(verbs.ADD))
    try:
        found = await visit.api.look(Resolved, "/v1/wallets/resolve", q=sent[:2_000], unknown=unknown)
    except Refused as refused:
        if refused.status != 422:
            raise
        return address_asked(visit.words, foreign(refused.detail, 300), _anyway(visit, refused))
    for each in found.items:
        visit.wallets.of(each.wallet)
    if len(found.items) > 1:
        return several(visit.words, found.items)
    only = found.items[0]
    if only.allocation_id is not None:
        return followed_already(visit.words, only.allocation_id)
    return Go(Tap(verbs.PREVIEW, wallet_name(only.wallet)))


def _anyway(visit: Visit, refused: Refused) -> Tap | None:
    """[Use it anyway], where the API would take the wallet all the same and says which it is."""
    for error in refused.errors:
        if error.allowed in ANYWAY and error.value is not None:
            return Tap(verbs.ADDRESS, visit.wallets.of(error.value), ANYWAY[error.allowed])
    return None
