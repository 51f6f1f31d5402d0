"""S15 what a person sets for themselves: quick amounts, language, time zone, the way to the web page."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from pydantic import TypeAdapter, ValidationError

from bot import verbs
from bot.callbacks import Tap
from bot.registry import Actions, Go
from bot.screens.figures import had
from bot.screens.screen import Button, Screen, Style, rows_of
from bot.typed import cents_sums
from bot.visit import Visit
from bot.words import Html, Words, lines, texts
from schemas import figures
from schemas.me_views import LANGUAGES, QUICK_AMOUNTS_MAX, LinkView, TimeZone
from schemas.views import UserView

actions = Actions()
ME_PATH: Final = "/v1/me"
AMOUNT_MIN: Final = Decimal(1)
AMOUNT_MAX: Final = Decimal(1_000)
# One for each hour that many people live in; others are typed.
ZONES: Final = (
    "UTC", "Europe/London", "Europe/Paris", "Europe/Istanbul", "Asia/Dubai", "Asia/Kolkata", "Asia/Singapore",
    "Asia/Tokyo", "Australia/Sydney", "America/Sao_Paulo", "America/New_York", "America/Los_Angeles",
)  # fmt: skip
_A_ZONE: Final[TypeAdapter[str]] = TypeAdapter(TimeZone)


def settings(words: Words, user: UserView, amounts: tuple[Decimal, ...]) -> Screen:
    """S15."""
    text = words.say(
        "s15.head",
        amounts=_amounts(amounts),
        language=words.text(f"language.{user.language}"),
        zone=user.time_zone,
    )
    rows = (
        (
            Button(words.label("s15.notices"), Tap(verbs.NOTICES)),
            Button(words.label("s15.amounts"), Tap(verbs.QUICK_AMOUNTS)),
        ),
        (
            Button(words.label("s15.language"), Tap(verbs.LANGUAGE)),
            Button(words.label("s15.zone"), Tap(verbs.ZONE)),
        ),
        (Button(words.label("s15.web"), Tap(verbs.WEB)),),
        (
            Button(words.label("s15.data"), Tap(verbs.MY_DATA)),
            Button(words.label("s15.delete"), Tap(verbs.DELETE_ME), style=Style.DANGER),
        ),
    )
    return Screen(text, rows)


def _amounts(amounts: tuple[Decimal, ...]) -> str:
    return " · ".join(figures.had(each) for each in amounts)


@actions.look(verbs.SETTINGS)
async def show_settings(visit: Visit) -> Screen:
    """S15."""
    return settings(visit.words, visit.user, visit.amounts)


@actions.deed(verbs.END_SESSION, fresh=verbs.SETTINGS, lives_seconds=None)
async def end_session(visit: Visit) -> Go:
    """[End it] under the notice of a sign-in: at once, and however old the notice is."""
    await visit.api.delete(f"/v1/me/sessions/{visit.tap.ref}")
    return Go(Tap(verbs.SETTINGS), visit.words.say("s15.session_ended"))


@actions.look(verbs.QUICK_AMOUNTS, step=True)
async def quick_amounts(visit: Visit) -> Screen | Go:
    """Up to four sums, typed."""
    words, back = visit.words, Tap(verbs.SETTINGS)
    leave = Button(words.label("bot.cancel"), back)
    note: Html | None = None
    if visit.typed is not None:
        sums = cents_sums(visit.typed, QUICK_AMOUNTS_MAX)
        if sums is not None and all(AMOUNT_MIN <= each <= AMOUNT_MAX for each in sums):
            await _change(visit, {"quick_amounts": [str(each) for each in sums]})
            return Go(back, words.say("s15.amounts_saved", amounts=_amounts(sums)))
        note = words.say("bot.between", min=had(AMOUNT_MIN), max=had(AMOUNT_MAX))
    asked = words.say("s15.which_amounts", most=QUICK_AMOUNTS_MAX, amounts=_amounts(visit.amounts))
    return Screen(lines(note, asked), ((leave,),), back=back, asks=visit.tap)


@actions.look(verbs.LANGUAGE, step=True)
async def languages(visit: Visit) -> Screen:
    """Those we have texts in."""
    words = visit.words
    chips = tuple(
        Button(words.label(f"language.{each}"), Tap(verbs.LANGUAGE_SET, "", each))
        for each in LANGUAGES
        if texts(each)
    )
    return Screen(words.say("s15.which_language"), (chips,), back=Tap(verbs.SETTINGS))


@actions.deed(verbs.LANGUAGE_SET, fresh=verbs.LANGUAGE)
async def set_language(visit: Visit) -> Screen:
    """From this answer on."""
    await _change(visit, {"language": visit.tap.arg})
    said = Words(visit.tap.arg, visit.user.time_zone)
    user = visit.user.model_copy(update={"language": visit.tap.arg})
    return settings(said, user, visit.amounts).noted(said.say("s15.language_saved"))


@actions.look(verbs.ZONE, step=True)
async def zone(visit: Visit) -> Screen | Go:
    """Some zones to tap, any other to type."""
    words, back = visit.words, Tap(verbs.SETTINGS)
    note: Html | None = None
    if visit.typed is not None:
        try:
            named = _A_ZONE.validate_python(visit.typed.strip().replace(" ", "_"))
        except ValidationError:
            note = words.say("s15.no_such_zone")
        else:
            await _change(visit, {"time_zone": named})
            return Go(back, words.say("s15.zone_saved", zone=named))
    chips = rows_of(
        [
            Button(name.rpartition("/")[2].replace("_", " "), Tap(verbs.ZONE_SET, "", str(number)))
            for number, name in enumerate(ZONES)
        ],
        3,
    )
    asked = words.say("s15.which_zone", zone=visit.user.time_zone)
    return Screen(lines(note, asked), chips, back=back, asks=visit.tap)


@actions.deed(verbs.ZONE_SET, fresh=verbs.ZONE)
async def set_zone(visit: Visit) -> Go:
    """One of those offered."""
    named = ZONES[min(int(visit.tap.arg or 0), len(ZONES) - 1)]
    await _change(visit, {"time_zone": named})
    return Go(Tap(verbs.SETTINGS), visit.words.say("s15.zone_saved", zone=named))


@actions.look(verbs.WEB, step=True)
async def web_link(visit: Visit) -> Screen:
    """A link good once, for 60 s."""
    words = visit.words
    made = await visit.api.post(LinkView, "/v1/auth/link", key=f"link/{visit.nonce}")
    opening = Button(words.label("s15.open_web"), url=made.link)
    anew = Button(words.label("s15.new_link"), Tap(verbs.WEB))
    return Screen(words.say("s15.link"), ((opening,), (anew,)), back=Tap(verbs.SETTINGS))


async def _change(visit: Visit, what: dict[str, object]) -> None:
    await visit.api.patch(UserView, ME_PATH, what)
    visit.forget_me()
