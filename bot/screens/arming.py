"""S14a what must hold before live money trades, arming with a cap; S14c a leader goes live. Phrases are typed."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final

from bot import verbs
from bot.callbacks import Tap, base36
from bot.registry import ARMING_SECONDS, Actions, Go
from bot.screens.figures import had, paid, venue
from bot.screens.screen import Button, Row, Screen
from bot.screens.wallet import ACCOUNTS_PATH, LIVE_PATH, live_of
from bot.typed import cents_sum, is_phrase
from bot.visit import Visit
from bot.words import Html, Words, foreign, lines
from schemas.account_views import ARM_PHRASE, LIVE_PHRASE, LiveChecks
from schemas.enums import Venue
from schemas.views import AccountView, AllocationView

actions = Actions()
CAPS_USDC: Final = (20, 50, 100)
CAP_MIN: Final = Decimal(1)
CAP_MAX: Final = Decimal(1_000_000)
MARKS: Final = {True: "✓", False: "✗", None: "?"}
# A moment in a button: seconds since 1970 in base 36 are six signs until the year 2038.
MOMENT_SIGNS: Final = 6


def checks(words: Words, found: LiveChecks, *, armed: bool = False) -> Screen:
    """S14a: ✓/✗ with mend, and the question of the cap once all hold; who is armed has one."""
    said = [
        lines(
            Html(f"{MARKS[each.passed]} {words.say(f's14a.{each.name.value}')}: {foreign(each.found, 200)}"),
            None
            if each.passed or not each.mend
            else Html(f"   {words.say('s14a.mend', mend=foreign(each.mend, 200))}"),
        )
        for each in found.checks
    ]
    again = Button(words.label("s14a.again"), Tap(verbs.LIVE_CHECKS))
    if armed or not found.ready:
        text = lines(words.say("s14a.head"), *said)
        return Screen(text, ((again,),), back=Tap(verbs.WALLET))
    text = lines(words.say("s14a.head"), *said, Html(""), words.say("s14a.cap"))
    return Screen(text, (_caps(words, verbs.ARM_CAP), (again,)), back=Tap(verbs.WALLET))


def _caps(words: Words, verb: str) -> Row:
    chips = tuple(Button(f"{cap}", Tap(verb, "", base36(cap * 100))) for cap in CAPS_USDC)
    return (*chips, Button(words.label("bot.type"), Tap(verb)))


def ask_cap(words: Words, verb: str, note: Html | None = None) -> Screen:
    """Another cap, typed."""
    back = Tap(verbs.WALLET)
    chips = tuple(Button(f"{cap}", Tap(verb, "", base36(cap * 100))) for cap in CAPS_USDC)
    return Screen(lines(note, words.say("s14a.cap")), (chips,), back=back, asks=Tap(verb))


def _cap(visit: Visit) -> Decimal | Screen:
    """The cap that was tapped or typed; else the question."""
    if visit.typed is None:
        return (
            Decimal(int(visit.tap.arg, 36)) / 100 if visit.tap.arg else ask_cap(visit.words, visit.tap.verb)
        )
    cap = cents_sum(visit.typed)
    if cap is None or not CAP_MIN <= cap <= CAP_MAX:
        between = visit.words.say("bot.between", min=had(CAP_MIN), max=had(CAP_MAX))
        return ask_cap(visit.words, visit.tap.verb, between)
    return cap


@actions.look(verbs.LIVE_CHECKS)
async def show_checks(visit: Visit) -> Screen:
    """S14a."""
    found = await visit.api.post(LiveChecks, f"{LIVE_PATH}/check", key=f"check/{visit.nonce}")
    live = live_of(await visit.api.look(tuple[AccountView, ...], ACCOUNTS_PATH))
    return checks(visit.words, found, armed=live is not None and live.armed_at is not None)


@actions.look(verbs.ARM_CAP, step=True)
async def ask_phrase(visit: Visit) -> Screen:
    """The cap is chosen: the phrase is to be typed."""
    cap = _cap(visit)
    if isinstance(cap, Screen):
        return cap
    said = visit.words.say("s14a.phrase", phrase=ARM_PHRASE, cap=paid(cap), seconds=ARMING_SECONDS)
    leave = Button(visit.words.label("bot.cancel"), Tap(verbs.WALLET))
    asks = Tap(verbs.ARM, "", visit.moment + base36(int(cap * 100)))
    return Screen(said, ((leave,),), back=Tap(verbs.LIVE_CHECKS), asks=asks)


@actions.look(verbs.ARM, step=True)
async def arm(visit: Visit) -> Go:
    """The phrase was typed."""
    words, asked, cap = visit.words, visit.tap.arg[:MOMENT_SIGNS], visit.tap.arg[MOMENT_SIGNS:]
    if visit.typed is None or _too_late(asked, visit.now):
        return Go(Tap(verbs.LIVE_CHECKS), words.say("s14a.too_late"))
    if not is_phrase(visit.typed, ARM_PHRASE):
        return Go(Tap(verbs.LIVE_CHECKS), words.say("s14a.other_phrase", phrase=ARM_PHRASE))
    body = {"phrase": ARM_PHRASE, "day_cap_usdc": str(Decimal(int(cap, 36)) / 100)}
    armed = await visit.api.post(AccountView, f"{LIVE_PATH}/arm", body, key=f"arm/{visit.tap.arg}")
    return Go(Tap(verbs.WALLET), words.say("s14a.armed", cap=paid(armed.day_cap_usdc)))


def _too_late(asked: str, now: datetime) -> bool:
    return not asked or now.timestamp() - int(asked, 36) > ARMING_SECONDS


@actions.look(verbs.DAY_CAP, step=True)
async def change_cap(visit: Visit) -> Screen | Go:
    """Another cap: lower at once, higher in an hour."""
    cap = _cap(visit)
    if isinstance(cap, Screen):
        return cap
    key = f"day-cap/{visit.nonce}"
    changed = await visit.api.post(AccountView, f"{LIVE_PATH}/day-cap", {"day_cap_usdc": str(cap)}, key=key)
    if changed.next_day_cap_usdc is not None and changed.next_day_cap_from is not None:
        note = visit.words.say(
            "s14.next_cap",
            cap=paid(changed.next_day_cap_usdc),
            t=visit.words.when(changed.next_day_cap_from, visit.now),
        )
    else:
        note = visit.words.say("s14.cap_now", cap=paid(changed.day_cap_usdc))
    return Go(Tap(verbs.WALLET), note)


@actions.look(verbs.GO_LIVE)
async def ask_to_go_live(visit: Visit) -> Screen:
    """S14c."""
    following = await visit.api.look(AllocationView, f"/v1/allocations/{visit.tap.ref}", fresh=True)
    accounts = await visit.api.look(tuple[AccountView, ...], ACCOUNTS_PATH, fresh=True)
    live, words, back = live_of(accounts), visit.words, Tap(verbs.LEADER, visit.tap.ref)
    if live is None or live.armed_at is None:
        first = Button(words.label("s14.set_up"), Tap(verbs.LIVE_CHECKS))
        return Screen(words.say("s14c.not_armed"), ((first,),), back=back)
    name = following.label or following.leader_label or following.leader
    # The sentence begins with the venue of the copy it is about, which is not yet this one.
    sentence = following.sentence.removeprefix("📄 ").removeprefix("PAPER. ")
    said = words.say("s14c.ask", venue=venue(Venue.POLYMARKET), sentence=foreign(sentence, 900), leader=name)
    leave = Button(words.label("bot.cancel"), back)
    asks = Tap(verbs.GO_LIVE_NOW, visit.tap.ref, visit.moment)
    return Screen(
        lines(said, words.say("s14c.phrase", phrase=LIVE_PHRASE, seconds=ARMING_SECONDS)),
        ((leave,),),
        back=back,
        asks=asks,
    )


@actions.look(verbs.GO_LIVE_NOW, step=True)
async def go_live(visit: Visit) -> Go:
    """The phrase was typed."""
    words, ref = visit.words, visit.tap.ref
    if visit.typed is None or _too_late(visit.tap.arg, visit.now):
        return Go(Tap(verbs.LEADER, ref), words.say("s14a.too_late"))
    if not is_phrase(visit.typed, LIVE_PHRASE):
        return Go(Tap(verbs.LEADER, ref), words.say("s14a.other_phrase", phrase=LIVE_PHRASE))
    made = await visit.api.post(
        AllocationView,
        f"/v1/allocations/{ref}/go-live",
        {"phrase": LIVE_PHRASE},
        key=f"go-live/{ref}/{visit.tap.arg}",
    )
    return Go(Tap(verbs.LEADER, made.allocation_id), words.say("s14c.done"))
