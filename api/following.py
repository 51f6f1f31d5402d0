"""Followings: one user follows one leader at one venue, each change a new version.

Locks in the order of SAFETY R4: the leader's watched address first, then the allocation. `active_from` is taken after
the lock; copy_execution takes the same row before it loads allocations, so no trade falls between.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import count
from typing import Any, Final

from pydantic import ValidationError

from api import watching
from api.actor import UserActor
from api.checking import said
from api.credentials import Way
from api.database import Transaction
from api.doors import Doors
from api.languages import spoken
from api.once import Answer
from api.problems import Refused, field_errors, invalid, not_found
from api.standings import with_standings
from schemas.allocations import AllocationSettings
from schemas.enums import AddressType, AllocationState, Venue
from schemas.ids import allocation_name
from schemas.requests import ChangedSettings, NewAllocation
from schemas.views import AllocationVersion, AllocationView, FieldError
from schemas.widening import widened

_STOPS: Final = {
    AllocationState.PAUSED: frozenset({AllocationState.ACTIVE}),
    AllocationState.ACTIVE: frozenset({AllocationState.PAUSED, AllocationState.CLOSING}),
    AllocationState.CLOSING: frozenset({AllocationState.ACTIVE, AllocationState.PAUSED}),
    AllocationState.ENDED: frozenset(
        {AllocationState.ACTIVE, AllocationState.PAUSED, AllocationState.CLOSING}
    ),
}
"""From which states each state is reached."""


async def follow(
    transaction: Transaction, doors: Doors, actor: UserActor, new: NewAllocation
) -> AllocationView:
    """Begin to follow. 409 when the user follows this leader at this venue already, or too many (SAFETY R27); 422 for
    the user's own wallet."""
    account = await _account(transaction, actor.user_id, new.venue)
    if new.venue is Venue.POLYMARKET:
        await _check_live(transaction, doors, actor, account)
    if account["wallet"] == new.leader:
        raise invalid("leader", spoken("resolve.own"), value=new.leader)
    await _check_room(transaction, doors, actor.user_id, new.leader)
    held = await watching.hold(transaction, new.leader, add=True)
    held = await watching.set_roles(transaction, held, held.since.keys() | {AddressType.COPY_LEADER})
    known = await transaction.row(
        "former_followings", user_id=actor.user_id, leader=new.leader, venue=new.venue
    )
    assert known is not None, "a count always has a row"
    if known["living"] is not None:
        raise Refused("conflict", spoken("refused.followed", following=known["living"]))
    row = {
        "user_id": actor.user_id, "account_id": account["account_id"], "leader": new.leader, "venue": new.venue,
        "role_version": held.version, "settings": new.settings.model_dump_json(exclude_none=True),
    }  # fmt: skip
    allocation_id = await _named(transaction, row, known["ended"])
    await transaction.run("keep_version", allocation_id=allocation_id, changed_by=actor.name)
    return await shown(transaction, actor.user_id, allocation_id)


async def change(
    transaction: Transaction, actor: UserActor, allocation_id: str, version: int, asked: ChangedSettings
) -> AllocationView:
    """New settings as a new version, a new name for the leader as none. 412 when ``version`` is not the one in force,
    422 naming each wrong setting."""
    row = await _held(transaction, actor.user_id, allocation_id)
    if row["version"] != version:
        raise Refused(
            "version-changed",
            f"The settings are at version {row['version']}, changed since version {version}.",
            headers={"ETag": etag(row["version"])},
        )
    if row["state"] == AllocationState.ENDED:
        raise Refused("conflict", spoken("refused.following_ended"))
    if asked.settings:
        settings = merged(row["settings"], asked.settings)
        if row["venue"] == Venue.POLYMARKET and not actor.person:
            _check_narrower(AllocationSettings.model_validate(row["settings"]), settings)
        await transaction.run(
            "change_settings", allocation_id=allocation_id, user_id=actor.user_id,
            settings=settings.model_dump_json(exclude_none=True),
        )  # fmt: skip
        await transaction.run("keep_version", allocation_id=allocation_id, changed_by=actor.name)
        if actor.way is not Way.BOT:
            await _tell_changed(transaction, actor.user_id, allocation_id, row["leader"], version + 1)
    if asked.renames:
        await _rename(transaction, actor.user_id, row["leader"], asked.label)
    return await shown(transaction, actor.user_id, allocation_id)


async def go(
    transaction: Transaction, actor: UserActor, allocation_id: str, state: AllocationState
) -> AllocationView:
    """Pause, resume, close or end. Already there: nothing changes. 409 from where there is no way."""
    row = await _held(transaction, actor.user_id, allocation_id)
    if row["state"] != state:
        if AllocationState(row["state"]) not in _STOPS[state]:
            raise Refused("conflict", f"This following is {row['state']}; it does not become {state}.")
        await transaction.run("change_state", allocation_id=allocation_id, user_id=actor.user_id, state=state)
        await transaction.run("keep_version", allocation_id=allocation_id, changed_by=actor.name)
    return await shown(transaction, actor.user_id, allocation_id)


async def go_live(
    transaction: Transaction, doors: Doors, actor: UserActor, allocation_id: str
) -> AllocationView:
    """A live following of the same leader and settings starts now; the paper one is paused and keeps its history. 409
    unless it is a paper following that has not ended, live is armed and the operators allow it."""
    paper = await shown(transaction, actor.user_id, allocation_id)
    if paper.venue is not Venue.PAPER or paper.state is AllocationState.ENDED:
        raise Refused("conflict", doors.texts["refused.go_live"])
    new = NewAllocation(leader=paper.leader, venue=Venue.POLYMARKET, settings=paper.settings)
    live = await follow(transaction, doors, actor, new)
    if paper.state is AllocationState.ACTIVE:
        await go(transaction, actor, allocation_id, AllocationState.PAUSED)
    return live


async def shown(transaction: Transaction, user_id: str, allocation_id: str) -> AllocationView:
    """The following as it stands. 404 when it is none of the user's."""
    row = await transaction.row("allocation", allocation_id=allocation_id, user_id=user_id)
    if row is None:
        raise not_found("following")
    return (await with_standings(transaction, user_id, [view_of(row)]))[0]


async def versions(
    transaction: Transaction, user_id: str, allocation_id: str
) -> tuple[AllocationVersion, ...]:
    """All versions, newest first. 404 when it is none of the user's."""
    rows = await transaction.rows("versions_of", allocation_id=allocation_id, user_id=user_id)
    if not rows:
        raise not_found("following")
    return tuple(AllocationVersion.model_validate(row) for row in rows)


def view_of(row: dict[str, Any]) -> AllocationView:
    """A row as a view; `active_from` is shown once it is in force."""
    shown = {name: value for name, value in row.items() if name != "known_from"}
    return AllocationView.model_validate(
        shown | {"active_from": None if row["starting"] else row["known_from"]}
    )


def merged(kept: dict[str, Any], named: dict[str, Any]) -> AllocationSettings:
    """The kept settings with those named put in their place, null taking one away. 422 naming each wrong field."""
    together = {name: value for name, value in (kept | named).items() if value is not None}
    try:
        return AllocationSettings.model_validate(together)
    except ValidationError as error:
        faults = field_errors(error.errors(include_url=False), within="settings")
        raise Refused("invalid", spoken("refused.settings"), errors=faults) from error


def etag(version: int) -> str:
    """The settings' version as an entity tag."""
    return f'"{version}"'


def answered(view: AllocationView, texts: Mapping[str, str], status: int = 200) -> Answer:
    """A following with its rule in words, and its tag."""
    headers = {"ETag": etag(view.version), "Location": f"/v1/allocations/{view.allocation_id}"}
    return Answer(said(view, texts), status, headers)


async def _account(transaction: Transaction, user_id: str, venue: Venue) -> dict[str, Any]:
    account = await transaction.row("account_at", user_id=user_id, venue=venue)
    if account is None and venue is Venue.POLYMARKET:
        raise Refused("live-not-armed", spoken("refused.live_not_set_up"))
    if account is None:
        raise not_found("user with a paper account")
    if account["state"] == "closed":
        raise Refused("conflict", spoken("refused.account_closed"))
    return account


async def _check_live(
    transaction: Transaction, doors: Doors, actor: UserActor, account: Mapping[str, Any]
) -> None:
    """No leader trades live by an API token, without arming, or while the operators do not allow it (SAFETY R26)."""
    if not actor.person:
        raise Refused("not-allowed", doors.texts["refused.token_live"])
    switch = await transaction.row("switch", name="live")
    if account["armed_at"] is None or switch is None or switch["stopped"]:
        raise Refused("live-not-armed", doors.texts["live.not_armed"])


def _check_narrower(before: AllocationSettings, after: AllocationSettings) -> None:
    wider = widened(before, after)
    if wider:
        errors = [FieldError(field=f"settings.{name}", message="wider than it was") for name in wider]
        detail = "An API token may not let a live following risk more: " + ", ".join(wider) + "."
        raise Refused("not-allowed", detail, errors=errors)


async def _check_room(transaction: Transaction, doors: Doors, user_id: str, leader: str) -> None:
    """One follows at a time, so that two at once do not both count as the last one allowed."""
    await transaction.run("one_follow_at_a_time", user_id=user_id)
    so_far = await transaction.row("followings_so_far", user_id=user_id, leader=leader)
    assert so_far is not None, "a count always has a row"
    most, new_a_day = doors.settings.api_followings_max, doors.settings.api_new_leaders_a_day
    if so_far["living"] >= most:
        raise Refused("conflict", doors.texts["refused.followings"].format(max=most))
    if not so_far["known"] and so_far["new_today"] >= new_a_day:
        raise Refused("conflict", doors.texts["refused.new_leaders"].format(max=new_a_day))


async def _tell_changed(
    transaction: Transaction, user_id: str, allocation_id: str, leader: str, version: int
) -> None:
    """What somebody else with the web page or a token would do is said in the chat (UX §3, safety)."""
    body = json.dumps({"allocation_id": allocation_id, "leader": leader})
    event = f"{allocation_id}/{version}"
    await transaction.run("tell", user_id=user_id, kind="settings_changed", event=event, body=body)


async def _rename(transaction: Transaction, user_id: str, leader: str, label: str | None) -> None:
    if label is None:
        await transaction.run("forget_leader_name", user_id=user_id, leader=leader)
    else:
        await transaction.run("name_leader", user_id=user_id, leader=leader, label=label)


async def _held(transaction: Transaction, user_id: str, allocation_id: str) -> dict[str, Any]:
    row = await transaction.row("lock_allocation", allocation_id=allocation_id, user_id=user_id)
    if row is None:
        raise not_found("following")
    return row


async def _named(transaction: Transaction, row: dict[str, Any], former: int) -> str:
    for attempt in count(former):
        name = allocation_name(row["user_id"], row["leader"], row["venue"], attempt)
        if await transaction.run("insert_allocation", allocation_id=name, **row):
            return name
    raise AssertionError("names do not run out")
