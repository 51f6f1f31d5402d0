"""S8's pages as they are drawn: a page of settings, one setting, old → new, and what others changed meanwhile. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from bot import verbs
from bot.callbacks import Tap, base36
from bot.screens import catalog
from bot.screens.catalog import PAGES, SETTINGS, Kind, Setting
from bot.screens.screen import Button, Row, Screen, Style, rows_of
from bot.words import LABEL_MAX, Html, Words, cut, foreign, lines
from schemas.allocations import AllocationSettings
from schemas.enums import Venue
from schemas.rule_sentence import rule_sentence, warnings
from schemas.views import AllocationView

NEW: Final = "new"


@dataclass(frozen=True, slots=True)
class Editing:
    """What is edited: the settings as they are in force, and the changes not yet saved, as the API takes them."""

    ref: str
    name: str
    venue: Venue
    version: int
    base: dict[str, Any]
    changes: dict[str, Any] = field(default_factory=dict)
    draft: str = ""

    def value(self, name: str) -> Any:
        """The setting as it would be."""
        return self.changes[name] if name in self.changes else self.base.get(name)

    def settings(self) -> AllocationSettings:
        """All of them as they would be; ValidationError where they do not fit together."""
        whole = {k: v for k, v in (self.base | self.changes).items() if v is not None}
        return AllocationSettings.model_validate(whole)


def page(words: Words, editing: Editing, which: str) -> Screen:
    """S8, one page."""
    listed, chosen = [], []
    for number, setting in catalog.of_page(which):
        now = catalog.shown(words, setting, editing.value(setting.name))
        changed = "• " if setting.name in editing.changes else ""
        listed.append(
            words.say("set.line", name=Html(changed + words.text(f"set.{setting.name}")), value=now)
        )
        label = cut(words.text(f"set.{setting.name}"), LABEL_MAX)
        chosen.append(Button(label, Tap(verbs.SETTING, editing.ref, f"{number:02}")))
    tabs = [
        Button(
            words.label(f"s8.{each}"),
            Tap(verbs.SETTINGS_OF, editing.ref, each),
            style=Style.PRIMARY if each == which else None,
        )
        for each in PAGES
    ]
    rows: tuple[Row, ...] = (*rows_of(chosen, 2), *rows_of(tabs, 3))
    if editing.ref == NEW:
        rows = (*rows, (Button(words.label("s6c.next"), Tap(verbs.CONFIRM), style=Style.PRIMARY),))
    elif editing.changes:
        label = cut(words.count("s8.save", len(editing.changes)), LABEL_MAX)
        rows = (*rows, (Button(label, Tap(verbs.SAVE, editing.ref), style=Style.PRIMARY),))
    back = Tap(verbs.CUSTOM_LIMITS) if editing.ref == NEW else Tap(verbs.LEADER, editing.ref)
    return Screen(lines(words.say("s8.head", name=editing.name), *listed), rows, back=back)


def one(
    words: Words, editing: Editing, number: int, refusal: Html | None = None, *, asks: bool = False
) -> Screen:
    """One setting: what it means, what is allowed, chips."""
    setting = SETTINGS[number]
    code, ref = f"{number:02}", editing.ref
    chips = [
        Button(
            cut(catalog.shown(words, setting, each), LABEL_MAX),
            Tap(verbs.SET, ref, f"{code}v{_coded(setting, each)}"),
        )
        for each in setting.chips
    ]
    last = []
    if setting.kind not in (Kind.CHOICE, Kind.FLAG):
        last.append(Button(words.label("bot.type"), Tap(verbs.SET, ref, f"{code}t")))
    if setting.name != "mode":
        last.append(Button(words.label("s8.default"), Tap(verbs.SET, ref, f"{code}d")))
    if setting.clears:
        last.append(Button(words.label("set.none"), Tap(verbs.SET, ref, f"{code}n")))
    default = catalog.shown(words, setting, catalog.default_of(setting))
    text = lines(
        refusal,
        words.say("set.line", name=words.text(f"set.{setting.name}"), value=_now(words, editing, setting)),
        words.say(f"set.{setting.name}.meaning"),
        words.say("s8.allowed", allowed=catalog.allowed(words, setting), default=default),
        words.say("s8.type") if asks else None,
    )
    return Screen(
        text,
        (
            *rows_of(chips, 4 if setting.kind not in (Kind.CHOICE, Kind.NAMES) else 2),
            *([tuple(last)] if last else []),
        ),
        back=Tap(verbs.SETTINGS_OF, ref, setting.page),
        asks=Tap(verbs.SET, ref, f"{code}t") if asks else None,
    )


def _coded(setting: Setting, value: str) -> str:
    """A chip's value in a button; words by their place among the chips."""
    if setting.kind in (Kind.CHOICE, Kind.NAMES):
        return str(setting.chips.index(value))
    return str(value).replace(".", "p")


def decoded(setting: Setting, code: str) -> Any:
    """A chip's value out of a button, as the API takes it."""
    if setting.kind in (Kind.CHOICE, Kind.NAMES):
        return catalog.chip(setting, setting.chips[int(code)])
    return catalog.chip(setting, code.replace("p", "."))


def _now(words: Words, editing: Editing, setting: Setting) -> Html:
    value = catalog.shown(words, setting, editing.value(setting.name))
    if setting.name not in editing.changes:
        return value
    return words.say(
        "s8.change", old=catalog.shown(words, setting, editing.base.get(setting.name)), new=value
    )


def save(words: Words, editing: Editing, settings: AllocationSettings) -> Screen:
    """[Save 2 changes]: old → new, and the new sentence."""
    said = rule_sentence(words.merged(), settings, editing.name, editing.venue)
    warned = [foreign(each.message, 200) for each in warnings(words.merged(), settings)][:2]
    text = lines(
        *[
            words.say(
                "set.line",
                name=words.text(f"set.{name}"),
                value=_now(words, editing, SETTINGS[catalog.BY_NAME[name]]),
            )
            for name in list(editing.changes)[:8]
        ],
        "",
        foreign(said, 900),
        *warned,
        words.say("s8.counts_from"),
    )
    do = Tap(verbs.SAVE_NOW, editing.ref, base36(editing.version))
    return Screen(
        text,
        (
            (Button(words.label("s8.save_now"), do, style=Style.PRIMARY),),
            (Button(words.label("s8.give_up"), Tap(verbs.SEE_BOTH, editing.ref, "drop")),),
        ),
        back=Tap(verbs.SETTINGS_OF, editing.ref),
    )


def changed_elsewhere(words: Words, ref: str, theirs: AllocationView, at: Html) -> Screen:
    """Somebody else saved first."""
    mine = Tap(verbs.SAVE_NOW, ref, base36(theirs.version))
    return Screen(
        words.say("s8.elsewhere", t=at),
        (
            (
                Button(words.label("s8.see_both"), Tap(verbs.SEE_BOTH, ref)),
                Button(words.label("s8.apply"), mine),
            ),
        ),
        back=Tap(verbs.LEADER, ref),
    )


def both(words: Words, editing: Editing, theirs: AllocationView, moved: list[str]) -> Screen:
    """[See both]."""
    now = theirs.settings.model_dump(mode="json")
    rows = [
        words.say(
            "s8.theirs_and_mine",
            name=words.text(f"set.{name}"),
            theirs=catalog.shown(words, SETTINGS[catalog.BY_NAME[name]], now.get(name)),
            mine=catalog.shown(words, SETTINGS[catalog.BY_NAME[name]], editing.value(name)),
        )
        for name in list(dict.fromkeys([*moved, *editing.changes]))[:10]
    ]
    mine = Tap(verbs.SAVE_NOW, editing.ref, base36(theirs.version))
    drop = Tap(verbs.SEE_BOTH, editing.ref, "drop")
    return Screen(
        lines(*rows),
        ((Button(words.label("s8.apply"), mine), Button(words.label("s8.give_up"), drop)),),
        back=Tap(verbs.LEADER, editing.ref),
    )
