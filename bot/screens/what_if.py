"""S6 what copying would have done: a computed past with its assumptions, never a promise."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from bot import verbs
from bot.callbacks import Tap
from bot.registry import Actions, Go
from bot.screens.figures import had, leader, paid, signed
from bot.screens.finding import wallet_of
from bot.screens.screen import Button, Screen, Style
from bot.visit import Visit
from bot.wallet_names import wallet_name
from bot.words import Html, Words, cut, foreign, lines
from schemas.presets import Preset
from schemas.views import AllocationView
from schemas.what_if_views import WhatIfResult, WhatIfState, WhatIfView

actions = Actions()
DEFAULT_BUDGET: Final = Decimal(100)
DAYS: Final = (7, 30)
PRESETS: Final = {"c": Preset.CAREFUL, "b": Preset.BALANCED}
# With the settings of a following instead of a preset.
OWN: Final = "o"
# Skips named on the page; the rest is on one of its own.
SKIPS_SHOWN: Final = 3
LOOK_AGAIN_SECONDS: Final = 1.5


def what_if(words: Words, run: WhatIfView, arg: str) -> Screen:
    """S6, while it is worked out and when it is done."""
    name, days = _source(run, arg), arg[1:] or str(run.days)
    chips = [
        Button(words.label(f"s6.{preset.value}"), Tap(verbs.WHAT_IF, wallet_name(run.leader), letter + days))
        for letter, preset in PRESETS.items()
    ]
    chips.append(Button(words.label("s6.custom"), Tap(verbs.WIZARD, wallet_name(run.leader), "x")))
    spans = [
        Button(words.label("s6.days", days=each), Tap(verbs.WHAT_IF, name, f"{arg[:1]}{each}"))
        for each in DAYS
    ]
    rows = [tuple(chips), tuple(spans)]
    if run.state is WhatIfState.DONE and run.result is not None:
        rows.append((Button(words.label("s6.skips"), Tap(verbs.WHAT_IF_SKIPS, run.what_if_id, arg)),))
        if run.preset is not None:
            go_on = Tap(verbs.WIZARD, wallet_name(run.leader), f"f{run.preset.value[0]}")
            rows.append((Button(words.label("s6.follow"), go_on, style=Style.PRIMARY),))
    waiting = run.state in (WhatIfState.QUEUED, WhatIfState.RUNNING)
    return Screen(
        lines(words.say("s6.head", days=run.days), *_body(words, run)),
        tuple(rows),
        back=Tap(verbs.PREVIEW, wallet_name(run.leader)),
        again_seconds=LOOK_AGAIN_SECONDS if waiting else None,
    )


def _source(run: WhatIfView, arg: str) -> str:
    """What the other spans are asked for: the wallet; a following's own settings need its name, which is in no run."""
    return wallet_name(run.leader) if arg[:1] in PRESETS or not arg else run.what_if_id


def _body(words: Words, run: WhatIfView) -> list[Html]:
    if run.state is WhatIfState.FAILED:
        return [words.say("s6.failed", cause=run.cause or "?")]
    if run.state is not WhatIfState.DONE or run.result is None:
        return [words.say("s6.running", progress=run.progress)]
    result = run.result
    skips = sorted(result.skips, key=lambda each: -each.copies)
    skipped = sum(each.copies for each in skips)
    named = " · ".join(
        f"{words.text(f'short.{each.reason.value}')} {each.copies}" for each in skips[:SKIPS_SHOWN]
    )
    return [
        words.say(
            "s6.copied",
            settings=_called(words, run),
            copied=result.buys_copied,
            buys=result.buys,
            sells=result.sells_copied,
        ),
        *([words.say("s6.skipped", skipped=skipped, named=Html(named))] if skipped else []),
        words.say("s6.money", most=had(result.most_at_work_usdc), fees=paid(result.fees_usdc)),
        words.say("s6.result", low=signed(result.result_low_usdc), high=signed(result.result_high_usdc)),
        _assumes(words, result),
    ]


def _called(words: Words, run: WhatIfView) -> Html:
    name = words.text("s6.own" if run.preset is None else f"s6.{run.preset.value}")
    budget = run.settings.budget_usdc
    return Html(name) if budget is None else words.say("s6.called", name=name, budget=had(budget))


def _assumes(words: Words, result: WhatIfResult) -> Html:
    """The assumptions that the run names; that it is the past is said in any case, once."""
    past = words.text("s6.past")
    said = [foreign(each, 160) for each in result.assumptions[:6] if each != past]
    return Html(" ".join([*said, past]))


def skips(words: Words, run: WhatIfView, arg: str) -> Screen:
    """[Skipped by reason]."""
    result = run.result
    counted = sorted(() if result is None else result.skips, key=lambda each: -each.copies)
    listed = [Html(f"{each.copies} · {words.text(f'short.{each.reason.value}')}") for each in counted[:20]]
    name = foreign(leader(run.leader, run.leader_label))
    return Screen(
        lines(words.say("s6.skips_head", name=name, days=run.days), *(listed or [words.say("s6.no_skips")])),
        back=Tap(verbs.WHAT_IF_RUN, run.what_if_id, arg),
    )


async def ask_what_if(visit: Visit, wallet: str, days: int, what: dict[str, Any]) -> WhatIfView:
    """Ask for one; the same within an hour is the same one."""
    named = what.get("preset") or f"v{what.pop('version', '')}"
    key = f"what-if/{wallet}/{named}/{days}/{what.get('budget_usdc', '')}/{visit.now:%Y%m%d%H}"
    body = {"leader": wallet, "days": days, **what}
    return await visit.api.post(WhatIfView, "/v1/what-if", body, key=key)


def preset_asked(preset: Preset, budget: Decimal) -> dict[str, Any]:
    """A preset with its budget, as the API takes it."""
    return {"preset": preset.value, "budget_usdc": cut(str(budget), 20)}


@actions.look(verbs.WHAT_IF, step=True)
async def start_what_if(visit: Visit) -> Go:
    """Begin one, of a wallet with a preset or of a following as it is set, and go to it."""
    ref, letter, days = visit.tap.ref, visit.tap.arg[:1] or "c", int(visit.tap.arg[1:] or 30)
    if ref.startswith("A-"):
        following = await visit.api.look(AllocationView, f"/v1/allocations/{ref}")
        own = following.settings.model_dump(mode="json", exclude_none=True)
        asked = {"settings": own, "version": f"{ref}-{following.version}", "venue": following.venue.value}
        wallet: str | None = visit.wallets.wallet(visit.wallets.of(following.leader))
    elif ref and not ref.startswith(("L-", "S-")):
        run = await visit.api.look(WhatIfView, f"/v1/what-if/{ref}")
        own = run.settings.model_dump(mode="json", exclude_none=True)
        asked, wallet = {"settings": own, "version": ref}, run.leader
    else:
        wallet = await wallet_of(visit)
        asked = preset_asked(PRESETS.get(letter, Preset.CAREFUL), DEFAULT_BUDGET)
    if wallet is None:
        return Go(Tap(verbs.LEADERS), visit.words.say("bot.page_old"))
    run = await ask_what_if(visit, wallet, days, asked)
    return Go(Tap(verbs.WHAT_IF_RUN, run.what_if_id, f"{letter}{days}"))


@actions.look(verbs.WHAT_IF_RUN)
async def show_what_if(visit: Visit) -> Screen:
    """S6."""
    run = await visit.api.look(WhatIfView, f"/v1/what-if/{visit.tap.ref}", fresh=visit.again)
    visit.wallets.of(run.leader)
    return what_if(visit.words, run, visit.tap.arg)


@actions.look(verbs.WHAT_IF_SKIPS)
async def show_skips(visit: Visit) -> Screen:
    """[Skipped by reason]."""
    run = await visit.api.look(WhatIfView, f"/v1/what-if/{visit.tap.ref}")
    return skips(visit.words, run, visit.tap.arg)
