"""Questions that streams answers beside the way of a trade: what-if and rehearsal, so many an hour for each person."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from itertools import count
from typing import Any

from pydantic import ValidationError

from api.actor import UserActor
from api.database import Transaction
from api.doors import Doors
from api.languages import spoken
from api.problems import Refused, field_errors, not_found
from schemas import figures
from schemas.allocations import AllocationSettings
from schemas.ids import what_if_name
from schemas.presets import preset_settings
from schemas.rule_sentence import rule_sentence
from schemas.what_if_causes import cause_said
from schemas.what_if_views import NewWhatIf, WhatIfResult, WhatIfView


async def put(transaction: Transaction, doors: Doors, actor: UserActor, row: dict[str, Any], key: str) -> str:
    """Put a question into the table; its name. 429 beyond the number of its kind for an hour."""
    await transaction.run("one_follow_at_a_time", user_id=actor.user_id)
    lately = await transaction.row("what_ifs_lately", user_id=actor.user_id, kind=row["kind"])
    assert lately is not None, "a count always has a row"
    settings = doors.settings
    most = settings.api_what_ifs_an_hour if row["kind"] == "what_if" else settings.api_rehearsals_an_hour
    if lately["asked"] >= most:
        wait = max(lately["again_in"], 1)
        said = doors.texts["refused.what_ifs"].format(max=most, minutes=-(-wait // 60))
        raise Refused("too-many", said, retry_after=wait)
    for attempt in count():
        name = what_if_name(actor.user_id, key, attempt)
        if await transaction.run("insert_what_if", what_if_id=name, user_id=actor.user_id, **row):
            return name
    raise AssertionError("names do not run out")


async def ask(
    transaction: Transaction, doors: Doors, actor: UserActor, asked: NewWhatIf, key: str
) -> WhatIfView:
    """Ask what settings would have done. 422 naming each wrong setting, 429 beyond five an hour."""
    row = {
        "kind": "what_if", "leader": asked.leader, "venue": asked.venue, "allocation_id": None, "days": asked.days,
        "preset": asked.preset, "settings": settings_of(asked).model_dump_json(exclude_none=True),
    }  # fmt: skip
    name = await put(transaction, doors, actor, row, key)
    return await shown(transaction, actor.user_id, name, doors.texts)


async def shown(
    transaction: Transaction, user_id: str, what_if_id: str, texts: Mapping[str, str]
) -> WhatIfView:
    """The question as it stands. 404 when it is none of the user's."""
    row = await transaction.row("what_if", what_if_id=what_if_id, user_id=user_id)
    if row is None or row["kind"] != "what_if":
        raise not_found("what-if")
    settings = AllocationSettings.model_validate(row["settings"])
    leader = row["leader_label"] or figures.short_wallet(row["leader"])
    columns = (
        "what_if_id",
        "leader",
        "leader_label",
        "days",
        "preset",
        "state",
        "progress",
        "asked_at",
    )
    return WhatIfView(
        **{name: row[name] for name in columns},
        settings=settings,
        cause=None if row["cause"] is None else cause_said(texts, row["cause"], row["most_seconds"]),
        sentence=rule_sentence(texts, settings, leader, row["venue"]),
        result=None if row["result"] is None else _result(row["result"], texts),
    )


def settings_of(asked: NewWhatIf) -> AllocationSettings:
    """The settings asked about, or those of the preset for its budget. 422 naming each wrong one."""
    if asked.preset is not None:
        assert asked.budget_usdc is not None, "a preset has its budget"
        return preset_settings(asked.preset, asked.budget_usdc)
    try:
        return AllocationSettings.model_validate(asked.settings)
    except ValidationError as error:
        faults = field_errors(error.errors(include_url=False), within="settings")
        raise Refused("invalid", spoken("refused.settings"), errors=faults) from error


def _result(found: dict[str, Any], texts: Mapping[str, str]) -> WhatIfResult:
    said = [texts[f"what_if.{code}"].format_map(_said(words)) for code, words in found["assumptions"]]
    return WhatIfResult.model_validate(found | {"assumptions": (*said, texts["what_if.past"])})


def _said(words: Mapping[str, str]) -> dict[str, str]:
    """Sums and times as people read them."""
    shown = dict(words)
    for name in ("value", "cash"):
        if name in shown:
            shown[name] = figures.had(Decimal(shown[name]))
    if "since" in shown:
        shown["since"] = shown["since"][:10]
    return shown
