"""S8 the settings of a following, six pages; what is changed stays in the draft until it is saved.

For `new` the wizard's own draft is changed at once.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from pydantic import ValidationError

from bot import verbs
from bot.callbacks import Tap
from bot.client.errors import Refused
from bot.registry import Actions, Go
from bot.screens import catalog
from bot.screens.catalog import PAGES, SETTINGS, Setting
from bot.screens.copying import name_of
from bot.screens.drafts import SETTINGS as FLOW
from bot.screens.drafts import draft_name, drop_draft, keep_draft, read_draft
from bot.screens.screen import Screen
from bot.screens.settings_pages import NEW, Editing, both, changed_elsewhere, decoded, one, page, save
from bot.screens.wizard import begun, keep, settings_of
from bot.visit import Visit
from schemas.allocations import AllocationSettings
from schemas.enums import Venue
from schemas.views import AllocationVersion, AllocationView

actions = Actions()
# Where a chip leads back to: `v` to its page of S8, `V` to the wizard's limits.
_TO_WIZARD: Final = "V"


async def editing_of(visit: Visit, ref: str) -> Editing | None:
    """What is edited under a name; None where the wizard's draft is gone."""
    if ref == NEW:
        body = await begun(visit)
        if body is None or settings_of(body) is None:
            return None
        return Editing(NEW, body["label"], Venue.PAPER, 0, body["settings"])
    following = await visit.api.look(AllocationView, f"/v1/allocations/{ref}")
    base = following.settings.model_dump(mode="json", exclude_none=True)
    draft = await read_draft(visit, FLOW)
    mine = draft is not None and draft.body.get("allocation") == ref
    body = dict(draft.body) if draft is not None and mine else {}
    return Editing(
        ref,
        name_of(following),
        following.venue,
        int(body.get("version", following.version)),
        base,
        dict(body.get("changes", {})),
        str(body.get("name", "")),
    )


async def _keep(visit: Visit, editing: Editing) -> None:
    if editing.ref == NEW:
        body = await begun(visit)
        assert body is not None, "looked at a moment ago"
        whole = {k: v for k, v in (editing.base | editing.changes).items() if v is not None}
        await keep(visit, body | {"settings": whole})
        return
    body = {
        "name": editing.draft or draft_name(),
        "allocation": editing.ref,
        "version": editing.version,
        "changes": editing.changes,
    }
    await keep_draft(visit, FLOW, body)


@actions.look(verbs.SETTINGS_OF)
async def show_page(visit: Visit) -> Screen | Go:
    """S8."""
    editing = await editing_of(visit, visit.tap.ref)
    if editing is None:
        return Go(Tap(verbs.LEADERS), visit.words.say("bot.page_old"))
    return page(visit.words, editing, visit.tap.arg if visit.tap.arg in PAGES else PAGES[0])


@actions.look(verbs.SETTING)
async def show_setting(visit: Visit) -> Screen | Go:
    """A row of S8."""
    editing = await editing_of(visit, visit.tap.ref)
    if editing is None:
        return Go(Tap(verbs.LEADERS), visit.words.say("bot.page_old"))
    return one(visit.words, editing, int(visit.tap.arg or 0) % len(SETTINGS))


@actions.look(verbs.SET, step=True)
async def change(visit: Visit) -> Screen | Go:
    """A chip, [Default], [none], or what was typed."""
    editing = await editing_of(visit, visit.tap.ref)
    if editing is None:
        return Go(Tap(verbs.LEADERS), visit.words.say("bot.page_old"))
    number, deed, code = int(visit.tap.arg[:2]), visit.tap.arg[2:3], visit.tap.arg[3:]
    setting = SETTINGS[number]
    if deed == "t" and visit.typed is None:
        return one(visit.words, editing, number, asks=True)
    try:
        value = _wanted(setting, deed, code, visit.typed)
        fits = editing.ref != NEW or _fits(editing, setting.name, value)
    except ValueError:
        fits, value = False, None
    if not fits or not _allowed(setting.name, value):
        low_high = visit.words.say("s8.not_allowed", allowed=catalog.allowed(visit.words, setting))
        return one(visit.words, editing, number, low_high, asks=deed == "t")
    changes = {**editing.changes, setting.name: value}
    if editing.base.get(setting.name) == value:
        del changes[setting.name]
    await _keep(visit, replace(editing, changes=changes))
    if (
        editing.ref == NEW
        and setting.page == "amount"
        and setting.name in ("fixed_amount_usdc", "multiplier")
    ):
        return Go(Tap(verbs.CUSTOM))
    if deed == _TO_WIZARD:
        return Go(Tap(verbs.CUSTOM_LIMITS))
    return Go(Tap(verbs.SETTINGS_OF, editing.ref, setting.page))


def _wanted(setting: Setting, deed: str, code: str, written: str | None) -> Any:
    """The value as the API takes it; ValueError where it is none."""
    if deed == "n":
        return None
    if deed == "d":
        default = catalog.default_of(setting)
        shown = AllocationSettings.model_construct(**{setting.name: default}).model_dump(
            mode="json", warnings=False
        )
        return shown[setting.name]
    value = catalog.read(setting, written or "") if deed == "t" else decoded(setting, code)
    if value is None:
        raise ValueError(setting.name)
    return value


def _allowed(name: str, value: Any) -> bool:
    """Whether the setting alone may be so; how they fit together is looked at when they are saved."""
    if value is None:
        return True
    try:
        AllocationSettings.model_validate(
            {
                "mode": "proportional",
                "budget_usdc": "100",
                "min_price": "0.000001",
                "max_price": "0.999999",
                name: value,
            }
        )
    except ValidationError as error:
        return all(name not in map(str, fault["loc"]) for fault in error.errors())
    return True


def _fits(editing: Editing, name: str, value: Any) -> bool:
    try:
        replace(editing, changes={name: value}).settings()
    except ValidationError:
        return False
    return True


@actions.look(verbs.SAVE)
async def show_save(visit: Visit) -> Screen | Go:
    """[Save 2 changes]."""
    editing = await editing_of(visit, visit.tap.ref)
    if editing is None or not editing.changes:
        return Go(Tap(verbs.SETTINGS_OF, visit.tap.ref), visit.words.say("s8.nothing"))
    try:
        settings = editing.settings()
    except ValidationError as error:
        said = error.errors()[0]["msg"].removeprefix("Value error, ")
        return Go(Tap(verbs.SETTINGS_OF, visit.tap.ref), visit.words.say("s8.do_not_fit", why=said))
    return save(visit.words, editing, settings)


@actions.deed(verbs.SAVE_NOW, fresh=verbs.SETTINGS_OF)
async def save_now(visit: Visit) -> Screen | Go:
    """Save, if nobody saved since these settings were looked at (`arg`: their version)."""
    editing = await editing_of(visit, visit.tap.ref)
    if editing is None or not editing.changes:
        return Go(Tap(verbs.LEADER, visit.tap.ref))
    path = f"/v1/allocations/{editing.ref}"
    try:
        await visit.api.patch(
            AllocationView, path, {"settings": editing.changes}, version=int(visit.tap.arg or "0", 36)
        )
    except Refused as refused:
        if refused.code != "version-changed":
            raise
        theirs = await visit.api.look(AllocationView, path, fresh=True)
        at = visit.words.when(theirs.changed_at, visit.now)
        return changed_elsewhere(visit.words, editing.ref, theirs, at)
    await drop_draft(visit)
    return Go(Tap(verbs.LEADER, editing.ref), visit.words.say("s8.saved"))


@actions.look(verbs.SEE_BOTH, step=True)
async def see_both(visit: Visit) -> Screen | Go:
    """What is in force now, and mine; or give mine up."""
    ref = visit.tap.ref
    if visit.tap.arg == "drop":
        await drop_draft(visit)
        return Go(Tap(verbs.SETTINGS_OF, ref))
    editing = await editing_of(visit, ref)
    if editing is None or not editing.changes:
        return Go(Tap(verbs.SETTINGS_OF, ref))
    versions = await visit.api.look(
        tuple[AllocationVersion, ...], f"/v1/allocations/{ref}/versions", fresh=True
    )
    theirs = await visit.api.look(AllocationView, f"/v1/allocations/{ref}", fresh=True)
    return both(visit.words, editing, theirs, _moved(versions, editing.version))


def _moved(versions: tuple[AllocationVersion, ...], since: int) -> list[str]:
    """Settings that differ between the version that was looked at and the newest."""
    seen = next((each for each in versions if each.version == since), None)
    if seen is None or not versions:
        return []
    newest = versions[0].settings.model_dump(mode="json")
    return [
        name for name, value in seen.settings.model_dump(mode="json").items() if newest.get(name) != value
    ]
