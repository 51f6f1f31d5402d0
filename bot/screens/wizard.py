"""S6a to S6d: from a leader to a following on paper, one question at a time, kept in the draft."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from bot import typed, verbs
from bot.callbacks import Tap
from bot.client.errors import ApiError
from bot.registry import Actions, Go
from bot.screens.drafts import FOLLOW, draft_name, keep_draft, read_draft
from bot.screens.figures import had, leader
from bot.screens.finding import wallet_of
from bot.screens.screen import Button, Screen, Style
from bot.screens.what_if import DEFAULT_BUDGET, PRESETS, ask_what_if, preset_asked
from bot.visit import Visit
from bot.wallet_names import wallet_name
from bot.words import Html, Words, foreign, lines
from schemas.allocations import AllocationSettings
from schemas.enums import Venue
from schemas.money import floor_cents, plain
from schemas.presets import BUDGET_MIN, Preset, preset_settings
from schemas.rule_sentence import rule_sentence, warnings
from schemas.views import AccountView, AllocationView
from schemas.wallet_views import WalletView
from schemas.what_if_views import WhatIfState, WhatIfView

actions = Actions()
BUDGETS: Final = (25, 50, 100, 250)
PERCENTS: Final = (10, 25)
BUDGET_MAX: Final = Decimal(1_000_000)
COUNT_AGAIN_SECONDS: Final = 1.5
Body = dict[str, Any]
Counts = dict[Preset, tuple[int, int]]


def budget(words: Words, name: str, wallet: str, refusal: Html | None = None) -> Screen:
    """S6a."""
    amounts = [Button(str(each), Tap(verbs.BUDGET, "", str(each))) for each in BUDGETS]
    shares = [
        Button(words.label(f"s6a.percent_{each}", percent=each), Tap(verbs.BUDGET, "", f"{each}p"))
        for each in PERCENTS
    ]
    ask = Button(words.label("bot.type"), Tap(verbs.BUDGET, "", "t"))
    return Screen(
        lines(refusal, words.say("s6a.ask", name=name)),
        (tuple(amounts), tuple(shares), (ask,)),
        back=Tap(verbs.PREVIEW, wallet_name(wallet)),
        asks=Tap(verbs.BUDGET),
    )


def budget_typed(words: Words, name: str) -> Screen:
    """[Type…] of S6a."""
    return Screen(words.say("s6a.type", name=name), back=Tap(verbs.RULES), asks=Tap(verbs.BUDGET))


def rules(words: Words, name: str, counts: Counts, *, pending: bool) -> Screen:
    """S6b; the counts as soon as they are known."""
    chosen = []
    for preset in PRESETS.values():
        known = counts.get(preset)
        label = (
            words.label(f"s6.{preset.value}")
            if known is None
            else words.label(
                "s6b.counted", name=words.text(f"s6.{preset.value}"), copied=known[0], buys=known[1]
            )
        )
        style = Style.PRIMARY if preset is Preset.CAREFUL else None
        chosen.append((Button(label, Tap(verbs.PRESET, "", preset.value), style=style),))
    custom = (Button(words.label("s6.custom"), Tap(verbs.CUSTOM)),)
    return Screen(
        words.say("s6b.ask", name=name),
        (*chosen, custom),
        again_seconds=COUNT_AGAIN_SECONDS if pending else None,
    )


def confirm(words: Words, body: Body, settings: AllocationSettings, free: Decimal | None) -> Screen:
    """S6d: the rule in a sentence, what one should know, and the button."""
    said = rule_sentence(words.merged(), settings, body["label"], Venue.PAPER)
    warned = [foreign(each.message, 200) for each in warnings(words.merged(), settings, free_usdc=free)]
    return Screen(
        lines(foreign(said, 1_000), *warned[:3]),
        (
            (Button(words.label("s6d.start"), Tap(verbs.FOLLOW, body["name"]), style=Style.PRIMARY),),
            (
                Button(words.label("s6d.change"), Tap(verbs.RULES)),
                Button(words.label("bot.cancel"), Tap(verbs.PREVIEW, wallet_name(body["leader"]))),
            ),
        ),
        back=Tap(verbs.RULES),
    )


async def begun(visit: Visit) -> Body | None:
    """What the wizard has so far."""
    draft = await read_draft(visit, FOLLOW)
    return None if draft is None else dict(draft.body)


def lost(visit: Visit) -> Go:
    """The draft is a day old, or another flow was begun."""
    return Go(Tap(verbs.LEADERS), visit.words.say("bot.page_old"))


async def keep(visit: Visit, body: Body) -> None:
    """Keep the wizard's draft."""
    await keep_draft(visit, FOLLOW, body)


def settings_of(body: Body) -> AllocationSettings | None:
    """The settings as chosen so far; None before a choice."""
    chosen = body.get("settings")
    return None if chosen is None else AllocationSettings.model_validate(chosen)


@actions.look(verbs.WIZARD)
async def begin(visit: Visit) -> Screen | Go:
    """[Follow with paper], and from a what-if: [Follow with this], [Custom…]."""
    wallet = await wallet_of(visit)
    if wallet is None:
        return lost(visit)
    facts = await visit.api.look(WalletView, f"/v1/wallets/{wallet}")
    name = leader(wallet, facts.label)
    body: Body = {
        "name": draft_name(),
        "leader": wallet,
        "label": name,
        "value_known": facts.value_usdc is not None,
        "median": None if facts.stake_median_usdc is None else plain(facts.stake_median_usdc),
    }
    arg = visit.tap.arg
    if arg:
        body["budget"] = {"usdc": plain(DEFAULT_BUDGET)}
    if arg[:1] == "f":
        body["settings"] = _settings(PRESETS.get(arg[1:], Preset.CAREFUL), DEFAULT_BUDGET, None)
    await keep(visit, body)
    if arg:
        return Go(Tap(verbs.CONFIRM) if arg[:1] == "f" else Tap(verbs.CUSTOM))
    return budget(visit.words, name, wallet)


@actions.look(verbs.BUDGET, step=True)
async def take_budget(visit: Visit) -> Screen | Go:
    """A chip of S6a, or what was typed."""
    body = await begun(visit)
    if body is None:
        return lost(visit)
    arg, words = visit.tap.arg, visit.words
    if arg == "t":
        return budget_typed(words, body["label"])
    said = visit.typed if visit.typed is not None else arg.replace("p", "%")
    share = typed.percent(said)
    amount = typed.usdc(said) if share is None else floor_cents(await _cash(visit) * share / 100)
    if share is not None and not 1 <= share <= 100:
        refusal = words.say("bot.between", min="1 %", max="100 %")
        return budget(words, body["label"], body["leader"], refusal)
    if amount is None or not BUDGET_MIN <= amount <= BUDGET_MAX:
        refusal = words.say("bot.between", min=had(BUDGET_MIN), max=had(BUDGET_MAX))
        return budget(words, body["label"], body["leader"], refusal)
    body["budget"] = {"usdc": plain(amount)} | ({} if share is None else {"percent": plain(share)})
    body.pop("what_if", None)
    await keep(visit, body)
    return Go(Tap(verbs.RULES))


@actions.look(verbs.RULES)
async def show_rules(visit: Visit) -> Screen | Go:
    """S6b. Looking again by itself it asks for the counts, one after the other."""
    body = await begun(visit)
    if body is None or "budget" not in body:
        return lost(visit)
    counts, pending = await _counts(visit, body)
    return rules(visit.words, body["label"], counts, pending=pending)


async def _counts(visit: Visit, body: Body) -> tuple[Counts, bool]:
    """What both presets would have copied; a computed past that never holds up the choice."""
    counts: Counts = {}
    asked: dict[str, str] = dict(body.get("what_if", {}))
    for letter, preset in PRESETS.items():
        try:
            if letter not in asked:
                if not visit.again:
                    return counts, True
                what = preset_asked(preset, Decimal(body["budget"]["usdc"]))
                run = await ask_what_if(visit, body["leader"], 30, what)
                asked[letter] = run.what_if_id
                await keep(visit, body | {"what_if": asked})
                return counts, True
            run = await visit.api.look(WhatIfView, f"/v1/what-if/{asked[letter]}", fresh=visit.again)
        except ApiError:
            # Too many this hour, or away: the choice is offered without counts.
            return counts, False
        if run.state is WhatIfState.DONE and run.result is not None:
            counts[preset] = (run.result.buys_copied, run.result.buys)
        elif run.state is not WhatIfState.FAILED:
            return counts, True
    return counts, False


@actions.look(verbs.PRESET, step=True)
async def take_preset(visit: Visit) -> Screen | Go:
    """[Careful] or [Balanced]."""
    body = await begun(visit)
    if body is None or "budget" not in body:
        return lost(visit)
    chosen = Preset(visit.tap.arg)
    money = body["budget"]
    body["settings"] = _settings(chosen, Decimal(money["usdc"]), money.get("percent"))
    await keep(visit, body)
    return Go(Tap(verbs.CONFIRM))


def _settings(preset: Preset, amount: Decimal, percent: str | None) -> Body:
    """A preset; a budget in percent stays one, worked out for the money there is now."""
    made: Body = preset_settings(preset, amount).model_dump(mode="json", exclude_none=True)
    if percent is not None:
        made["budget_percent"] = percent
        del made["budget_usdc"]
    return made


@actions.look(verbs.CONFIRM)
async def show_confirm(visit: Visit) -> Screen | Go:
    """S6d."""
    body = await begun(visit)
    settings = None if body is None else settings_of(body)
    if body is None or settings is None:
        return lost(visit)
    return confirm(visit.words, body, settings, await _cash(visit))


@actions.deed(verbs.FOLLOW, fresh=verbs.CONFIRM)
async def follow(visit: Visit) -> Screen | Go:
    """[Start copying]: once, however often it is tapped; the draft stays, so that a second tap finds the same deed."""
    body = await begun(visit)
    if body is None or body["name"] != visit.tap.ref:
        return lost(visit)
    asked = {"leader": body["leader"], "venue": Venue.PAPER.value, "settings": body["settings"]}
    made = await visit.api.post(AllocationView, "/v1/allocations", asked, key=f"follow/{body['name']}")
    return Go(Tap(verbs.LEADER, made.allocation_id))


async def _cash(visit: Visit) -> Decimal:
    accounts = await visit.api.look(tuple[AccountView, ...], "/v1/me/accounts")
    paper = [each for each in accounts if each.venue is Venue.PAPER]
    return paper[0].free_usdc + paper[0].at_work_usdc if paper else Decimal(0)
