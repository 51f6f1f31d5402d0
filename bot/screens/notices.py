"""S15a which notices come, how, and when it is quiet. Safety notices stay on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time
from typing import Any, Final

from bot import verbs
from bot.callbacks import Tap, base36
from bot.registry import Actions, Go
from bot.screens.screen import Button, Screen, rows_of
from bot.typed import clock, hours
from bot.visit import Visit
from bot.words import Html, Words, lines
from schemas.me_views import Delivery, NoticeKind, NoticeSettings, NoticeSettingsView

actions = Actions()
PATH: Final = "/v1/me/notification-settings"
KINDS: Final = tuple(NoticeKind)
# Six rows of a list fit a screen, and each kind has its button.
PER_PAGE: Final = 6
Change = Callable[[NoticeSettings], dict[str, Any]]
CHOICES: Final = {"o": Delivery.ON, "d": Delivery.DIGEST, "f": Delivery.OFF}
SILENT: Final = "s"


def notices(words: Words, settings: NoticeSettings, page: int) -> Screen:
    """S15a."""
    shown = KINDS[page * PER_PAGE : (page + 1) * PER_PAGE]
    said = [
        words.say("s15a.line", kind=_name(words, kind), how=_how(words, settings, kind)) for kind in shown
    ]
    text = lines(
        *said,
        words.say(
            "s15a.times",
            summary=_clock(settings.summary_at),
            begin=_clock(settings.quiet_from),
            end=_clock(settings.quiet_to),
        )
        if settings.quiet_from != settings.quiet_to
        else words.say("s15a.never_quiet", summary=_clock(settings.summary_at)),
        words.say("s15a.safety"),
    )
    kinds = rows_of(
        [
            Button(words.label(f"notice_kind.{kind.value}"), Tap(verbs.NOTICE, "", base36(KINDS.index(kind))))
            for kind in shown
        ],
        2,
    )
    turning = (
        Button(words.label("bot.page_after"), Tap(verbs.NOTICES, "", "1"))
        if page == 0
        else Button(words.label("bot.page_before"), Tap(verbs.NOTICES))
    )
    times = (
        Button(words.label("s15a.quiet"), Tap(verbs.QUIET)),
        Button(words.label("s15a.summary"), Tap(verbs.SUMMARY_AT)),
    )
    return Screen(text, (*kinds, times, (turning,)), back=Tap(verbs.SETTINGS))


def one(words: Words, settings: NoticeSettings, kind: NoticeKind) -> Screen:
    """One kind: how it comes."""
    number = base36(KINDS.index(kind))
    text = words.say("s15a.line", kind=_name(words, kind), how=_how(words, settings, kind))
    chips = tuple(
        Button(words.label(f"delivery.{way.value}"), Tap(verbs.NOTICE_SET, "", number + sign))
        for sign, way in CHOICES.items()
    )
    sound = "s15a.sound" if kind in settings.silent else "s15a.no_sound"
    silent = Button(words.label(sound), Tap(verbs.NOTICE_SET, "", number + SILENT))
    page = str(KINDS.index(kind) // PER_PAGE)
    return Screen(text, (chips, (silent,)), back=Tap(verbs.NOTICES, "", page.strip("0")))


def _name(words: Words, kind: NoticeKind) -> str:
    return words.text(f"notice_kind.{kind.value}")


def _how(words: Words, settings: NoticeSettings, kind: NoticeKind) -> Html:
    said = words.say(f"delivery.{settings.deliveries[kind].value}")
    return Html(f"{said} 🔕") if kind in settings.silent else said


def _clock(at: time) -> str:
    return f"{at:%H:%M}"


@actions.look(verbs.NOTICES)
async def show_notices(visit: Visit) -> Screen:
    """S15a."""
    kept = await visit.api.look(NoticeSettingsView, PATH)
    return notices(visit.words, kept.settings, 1 if visit.tap.arg == "1" else 0)


@actions.look(verbs.NOTICE, step=True)
async def show_one(visit: Visit) -> Screen:
    """One kind."""
    kept = await visit.api.look(NoticeSettingsView, PATH)
    return one(visit.words, kept.settings, _kind(visit.tap.arg))


@actions.deed(verbs.NOTICE_SET, fresh=verbs.NOTICES)
async def set_one(visit: Visit) -> Go:
    """How one kind comes, from now on."""
    kind, choice = _kind(visit.tap.arg[:1]), visit.tap.arg[1:]

    def change(settings: NoticeSettings) -> dict[str, Any]:
        if choice == SILENT:
            silent = [each for each in settings.silent if each is not kind]
            return {"silent": tuple(silent if kind in settings.silent else [*silent, kind])}
        return {"deliveries": settings.deliveries | {kind: CHOICES[choice]}}

    await change_notices(visit, change)
    return Go(Tap(verbs.NOTICE, "", visit.tap.arg[:1]), visit.words.say("bot.saved"))


@actions.look(verbs.QUIET, step=True)
async def quiet_hours(visit: Visit) -> Screen | Go:
    """Two hours, typed."""
    words = visit.words
    note: Html | None = None
    if visit.typed is not None:
        quiet = hours(visit.typed)
        if quiet is not None:
            await change_notices(visit, lambda _settings: {"quiet_from": quiet[0], "quiet_to": quiet[1]})
            return Go(Tap(verbs.NOTICES), words.say("bot.saved"))
        note = words.say("s15a.no_hours")
    leave = Button(words.label("bot.cancel"), Tap(verbs.NOTICES))
    return Screen(
        lines(note, words.say("s15a.which_hours")), ((leave,),), back=Tap(verbs.NOTICES), asks=visit.tap
    )


@actions.look(verbs.SUMMARY_AT, step=True)
async def summary_time(visit: Visit) -> Screen | Go:
    """A time of day, typed."""
    words = visit.words
    note: Html | None = None
    if visit.typed is not None:
        at = clock(visit.typed)
        if at is not None:
            await change_notices(visit, lambda _settings: {"summary_at": at})
            return Go(Tap(verbs.NOTICES), words.say("bot.saved"))
        note = words.say("s15a.no_time")
    leave = Button(words.label("bot.cancel"), Tap(verbs.NOTICES))
    return Screen(
        lines(note, words.say("s15a.which_time")), ((leave,),), back=Tap(verbs.NOTICES), asks=visit.tap
    )


def _kind(arg: str) -> NoticeKind:
    return KINDS[min(int(arg or "0", 36), len(KINDS) - 1)]


async def change_notices(visit: Visit, change: Change) -> None:
    """Read, change, write with the version that was read: what was changed elsewhere meanwhile is not overwritten."""
    kept = await visit.api.look(NoticeSettingsView, PATH, fresh=True)
    changed = kept.settings.model_copy(update=change(kept.settings))
    await visit.api.put(NoticeSettingsView, PATH, changed.model_dump(mode="json"), version=kept.version)
