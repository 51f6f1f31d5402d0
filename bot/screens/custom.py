"""S6c: one's own rules, in two pages of the wizard; everything else under [More…] (S8)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from bot import verbs
from bot.callbacks import Tap
from bot.client.errors import ApiError
from bot.registry import Actions, Go
from bot.screens.catalog import BY_NAME, SETTINGS, shown
from bot.screens.screen import Button, Row, Screen, Style
from bot.screens.wizard import Body, begun, keep, lost, settings_of
from bot.visit import Visit
from bot.words import Html, Words, lines
from schemas.enums import CopyMode
from schemas.presets import Preset, preset_settings
from schemas.wallet_views import WalletView

actions = Actions()
NEW: Final = "new"
# The chips under the mode that is chosen.
CHIPS: Final = {CopyMode.FIXED_AMOUNT: "fixed_amount_usdc", CopyMode.MULTIPLIER: "multiplier"}
# The limits of the second page, in its order.
LIMITS: Final = ("max_per_market_usdc", "max_per_day_usdc", "min_price", "max_price", "buy_slippage")


Reach = Mapping[str, tuple[int, int]]
"""Multiple → how many of their buys it would bring to the exchange's minimum, of how many."""


def amount(words: Words, body: Body, reach: Reach | None = None) -> Screen:
    """S6c 3."""
    settings = body["settings"]
    mode = CopyMode(settings["mode"])
    modes = [each for each in CopyMode if each is not CopyMode.PROPORTIONAL or body.get("value_known")]
    rows: list[Row] = [
        (
            Button(
                words.label(f"s6c.{each.value}"),
                Tap(verbs.CUSTOM, "", f"m{list(CopyMode).index(each)}"),
                style=Style.PRIMARY if each is mode else None,
            ),
        )
        for each in modes
    ]
    name = CHIPS.get(mode)
    if name is not None:
        number = BY_NAME[name]
        setting = SETTINGS[number]
        chips = [
            Button(shown(words, setting, each), Tap(verbs.SET, NEW, f"{number:02}v{each.replace('.', 'p')}"))
            for each in setting.chips[:3]
        ]
        chips.append(Button(words.label("bot.type"), Tap(verbs.SET, NEW, f"{number:02}t")))
        rows.append(tuple(chips))
    rows.append((Button(words.label("s6c.next"), Tap(verbs.CUSTOM_LIMITS), style=Style.PRIMARY),))
    now = None if name is None else shown(words, SETTINGS[BY_NAME[name]], settings.get(name))
    text = lines(
        words.say("s6c.amount", name=body["label"]),
        None if now is None else words.say("s6c.now", value=now),
        None if body.get("value_known") else words.say("s6c.value_unknown"),
        *_reaching(words, settings.get(name or ""), reach or {}),
    )
    return Screen(text, tuple(rows), back=Tap(verbs.RULES))


def _reaching(words: Words, chosen: str | None, reach: Reach) -> Iterator[Html]:
    """How many of their buys would reach the minimum by the multiple that is chosen, and by each chip."""
    if chosen is not None and chosen in reach:
        found, buys = reach[chosen]
        yield words.say("s6c.reach", reach=found, buys=buys)
    others = [(each, count) for each, (count, _) in reach.items() if each != chosen]
    if others:
        setting = SETTINGS[BY_NAME["multiplier"]]
        counts = " · ".join(f"{shown(words, setting, each)}: {count}" for each, count in others)
        yield words.say("s6c.reach_others", counts=Html(counts))


async def _reach(visit: Visit, body: Body) -> Reach:
    """The counts for the multiple that is chosen and for the chips; what cannot be learnt now is left out."""
    if body["settings"]["mode"] != CopyMode.MULTIPLIER:
        return {}
    chosen = body["settings"]["multiplier"]
    wanted = sorted({*SETTINGS[BY_NAME["multiplier"]].chips[:3], chosen}, key=Decimal)
    found: dict[str, tuple[int, int]] = {}
    try:
        for each in wanted:
            facts = await visit.api.look(WalletView, f"/v1/wallets/{body['leader']}", multiplier=each)
            found[each] = (facts.buys_over_minimum, facts.buys)
    except ApiError:
        return {}
    return {} if any(buys == 0 for _, buys in found.values()) else found


def limits(words: Words, body: Body) -> Screen:
    """S6c 4."""
    settings = body["settings"]
    rows: list[Row] = []
    listed = []
    for name in LIMITS:
        number = BY_NAME[name]
        setting = SETTINGS[number]
        value = shown(words, setting, settings.get(name))
        listed.append(words.say("set.line", name=words.text(f"set.{name}"), value=value))
        chips = [
            Button(
                shown(words, setting, each),
                Tap(verbs.SET, NEW, f"{number:02}V{each.replace('.', 'p')}"),
                style=Style.PRIMARY if shown(words, setting, each) == value else None,
            )
            for each in setting.chips[:4]
        ]
        rows.append(tuple(chips))
    rows.append(
        (
            Button(words.label("s6c.more"), Tap(verbs.SETTINGS_OF, NEW)),
            Button(words.label("s6c.next"), Tap(verbs.CONFIRM), style=Style.PRIMARY),
        )
    )
    return Screen(lines(words.say("s6c.limits"), *listed), tuple(rows), back=Tap(verbs.CUSTOM))


@actions.look(verbs.CUSTOM)
async def show_amount(visit: Visit) -> Screen | Go:
    """S6c 3; a chosen mode is kept."""
    body = await begun(visit)
    if body is None or "budget" not in body:
        return lost(visit)
    if settings_of(body) is None or visit.tap.arg:
        body["settings"] = _with_mode(body, visit.tap.arg)
        await keep(visit, body)
    if visit.tap.arg:
        return Go(Tap(verbs.CUSTOM))
    return amount(visit.words, body, await _reach(visit, body))


def _with_mode(body: Body, arg: str) -> dict[str, Any]:
    """The settings in the mode of a button (`m0`…); the first time those of Balanced are where it begins."""
    money = body["budget"]
    begun_with = preset_settings(Preset.BALANCED, Decimal(money["usdc"]))
    settings: dict[str, Any] = body.get("settings") or begun_with.model_dump(mode="json", exclude_none=True)
    if "percent" in money and "budget_percent" not in settings:
        settings = {k: v for k, v in settings.items() if k != "budget_usdc"} | {
            "budget_percent": money["percent"]
        }
    if arg:
        mode = list(CopyMode)[int(arg[1:])]
        settings = settings | {"mode": mode.value}
        if mode is CopyMode.MULTIPLIER:
            settings.setdefault("multiplier", "0.1")
        if mode is CopyMode.FIXED_AMOUNT:
            settings.setdefault("fixed_amount_usdc", "2")
    return settings


@actions.look(verbs.CUSTOM_LIMITS)
async def show_limits(visit: Visit) -> Screen | Go:
    """S6c 4."""
    body = await begun(visit)
    if body is None or settings_of(body) is None:
        return lost(visit)
    return limits(visit.words, body)
