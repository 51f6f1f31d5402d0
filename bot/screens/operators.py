"""A1 how the way is, A2 stopping all buys with a reason. The API checks the role; nothing here allows again."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from bot import verbs
from bot.callbacks import Tap
from bot.registry import Actions, Go
from bot.screens.figures import GLYPHS
from bot.screens.screen import Button, Screen, Style
from bot.visit import Visit
from bot.words import Html, Words, foreign, lines
from schemas import figures
from schemas.enums import CopyState
from schemas.ops_views import DeadLetterView, Pipeline, SwitchView, UnknownOrder
from schemas.views import CopyOrderView

actions = Actions()
PIPELINE_PATH: Final = "/v1/ops/pipeline"
BUYS_PATH: Final = "/v1/ops/switches/buys"
ROWS: Final = 6
REASON_MIN, REASON_MAX = 3, 300
SKIPS_LOOKED_AT: Final = 100
# In the order of UX A1.
SHOWN: Final = (
    CopyState.FILLED, CopyState.PARTIAL, CopyState.UNFILLED, CopyState.SKIPPED, CopyState.EXPIRED,
    CopyState.REJECTED, CopyState.UNKNOWN,
)  # fmt: skip


def overview(words: Words, found: Pipeline) -> Screen:
    """A1."""
    states = " ".join(f"{GLYPHS[state]} {found.hour.get(state, 0):,}" for state in SHOWN)
    oldest = found.oldest_unknown_seconds
    if oldest is not None:
        states += words.say("a1.unknown_age", age=_seconds(oldest))
    text = words.say(
        "a1.head",
        lag=_seconds(found.behind_seconds),
        states=Html(states),
        dead=found.dead_letters,
        waiting=found.notices_waiting,
        oldest=_seconds(found.oldest_notice_seconds or Decimal(0)),
        exchange=found.exchange,
        buys=words.say("a1.stopped" if found.buys_stopped else "a1.allowed"),
    )
    if found.buys_stopped and found.buys_note:
        text = lines(text, words.say("a1.note", note=found.buys_note))
    rows = (
        (
            Button(words.label("a1.stages"), Tap(verbs.ADMIN, "", "s")),
            Button(words.label("a1.unknown"), Tap(verbs.ADMIN, "", "u")),
        ),
        (
            Button(words.label("a1.dead"), Tap(verbs.ADMIN, "", "d")),
            Button(words.label("a1.skips"), Tap(verbs.ADMIN, "", "k")),
        ),
        (Button(words.label("a1.stop"), Tap(verbs.ADMIN_STOP), style=Style.DANGER),),
    )
    return Screen(text, rows)


def _seconds(value: Decimal) -> str:
    return figures.seconds(value)


def _listed(words: Words, title: str, said: list[Html], arg: str) -> Screen:
    again = Button(words.label("s12.refresh"), Tap(verbs.ADMIN, "", arg))
    text = lines(words.say(title), *(said or [words.say("a1.none")]))
    return Screen(text, ((again,),), back=Tap(verbs.ADMIN))


def _stages(found: Pipeline) -> list[Html]:
    """Each part with what is known of it; the parts are free of a fixed shape."""
    said = []
    for name, value in found.parts.items():
        shown = _flat(value)
        if shown:
            said.append(Html(f"<b>{foreign(name)}</b> {foreign(shown, 160)}"))
    return said[: 2 * ROWS]


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        return " · ".join(f"{name} {_flat(part)}" for name, part in value.items() if part is not None)
    if isinstance(value, list):
        return " · ".join(_flat(part) for part in value)
    return "" if value is None else str(value)


async def _unknown(visit: Visit) -> list[Html]:
    page = await visit.api.page(UnknownOrder, "/v1/ops/unknown", limit=ROWS, fresh=True)
    return [
        visit.words.say(
            "a1.unknown_line",
            age=_seconds(each.age_seconds),
            name=each.copy_order_id or each.manual_order_id or "?",
            hash=figures.short_wallet(each.order_hash),
            posts=each.posts,
            looks=each.looks,
        )
        for each in page.items
    ]


async def _dead(visit: Visit) -> list[Html]:
    page = await visit.api.page(DeadLetterView, "/v1/ops/dead-letters", limit=ROWS, fresh=True)
    return [
        visit.words.say(
            "a1.dead_line",
            t=visit.words.when(each.last_seen_at, visit.now),
            reason=each.reason.value,
            place=f"{each.topic}/{each.partition}/{each.offset}",
        )
        for each in page.items
    ]


async def _skips(visit: Visit) -> list[Html]:
    """Of the newest skips, which reasons came most."""
    found = await visit.api.listed(
        CopyOrderView, "/v1/ops/copy-orders", SKIPS_LOOKED_AT, state=CopyState.SKIPPED.value, fresh=True
    )
    counts: dict[str, int] = {}
    for each in found:
        if each.reason is not None:
            counts[each.reason.value] = counts.get(each.reason.value, 0) + 1
    most = sorted(counts.items(), key=lambda item: -item[1])[:ROWS]
    return [visit.words.say("a1.skip", reason=reason, count=count) for reason, count in most]


@actions.look(verbs.ADMIN)
async def show_way(visit: Visit) -> Screen:
    """A1, or one of its lists."""
    words, which = visit.words, visit.tap.arg
    if which == "u":
        return _listed(words, "a1.unknown", await _unknown(visit), which)
    if which == "d":
        return _listed(words, "a1.dead", await _dead(visit), which)
    if which == "k":
        return _listed(words, "a1.skips", await _skips(visit), which)
    found = await visit.api.look(Pipeline, PIPELINE_PATH, fresh=True)
    if which == "s":
        return _listed(words, "a1.stages", _stages(found), which)
    return overview(words, found)


@actions.look(verbs.ADMIN_STOP, step=True)
async def stop_buys(visit: Visit) -> Screen | Go:
    """A2: the reason is typed, then it stops at once."""
    words, back = visit.words, Tap(verbs.ADMIN)
    # Whoever may not look may not be asked for a reason either.
    await visit.api.look(Pipeline, PIPELINE_PATH)
    leave = Button(words.label("bot.cancel"), back)
    if visit.typed is None:
        return Screen(words.say("a2.reason"), ((leave,),), back=back, asks=visit.tap)
    reason = " ".join(visit.typed.split())[:REASON_MAX]
    if len(reason) < REASON_MIN or not reason.isprintable():
        return Screen(words.say("a2.too_short"), ((leave,),), back=back, asks=visit.tap)
    await visit.api.put(SwitchView, BUYS_PATH, {"stopped": True, "reason": reason})
    return Go(back, words.say("a2.stopped", reason=reason))
