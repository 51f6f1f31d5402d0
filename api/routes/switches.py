"""`/v1/ops/switches`: the operators' switches, with who, when and why."""

from __future__ import annotations

from enum import StrEnum

from fastapi import APIRouter

from api.actor import Operator, not_allowed
from api.database import OPERATOR, Transaction
from api.doors import DoorsOf
from api.problems import not_found
from schemas.ops_views import SwitchView
from schemas.requests import NewSwitch

router = APIRouter(tags=["switches"])


class SwitchName(StrEnum):
    """`buys`: no BUY of anybody. `halt`: nothing is posted at all. `live`: no live trading."""

    BUYS = "buys"
    HALT = "halt"
    LIVE = "live"


@router.get("/v1/ops/switches/{name}")
async def switch(doors: DoorsOf, _asking: Operator, name: SwitchName) -> SwitchView:
    """The switch and its last twenty changes."""
    async with doors.database.transaction(OPERATOR) as transaction:
        return await _shown(transaction, name)


@router.put("/v1/ops/switches/{name}")
async def set_switch(doors: DoorsOf, asking: Operator, name: SwitchName, body: NewSwitch) -> SwitchView:
    """Stop or allow; users who are operators only stop. A BUY traded before buying was allowed again is not made up for
    (SAFETY R31)."""
    if asking.stops_only and not body.stopped:
        raise not_allowed(
            "Allowing again is done on the console or by the command, with the operators' token."
        )
    async with doors.database.transaction(OPERATOR) as transaction:
        change = {"name": name, "stopped": body.stopped, "who": asking.name, "note": body.reason}
        before = await _shown(transaction, name)
        await transaction.run("set_switch", **change)
        await transaction.run("keep_switch_change", **change)
        shown = await _shown(transaction, name)
        if name is SwitchName.BUYS and before.stopped != shown.stopped:
            kind = "buys_stopped" if shown.stopped else "buys_allowed"
            await transaction.run("tell_everybody", kind=kind, at=shown.changed_at, note=body.reason)
        return shown


async def _shown(transaction: Transaction, name: SwitchName) -> SwitchView:
    row = await transaction.row("switch", name=name)
    if row is None:
        raise not_found("switch")
    history = await transaction.rows("switch_changes", name=name)
    return SwitchView.model_validate(row | {"history": history})
