"""`/v1/me/standing`: what a person should know before anything else (UX S2, under the menu)."""

from __future__ import annotations

from fastapi import APIRouter

from api.actor import Acting
from api.doors import DoorsOf
from schemas.me_views import BuysStopped, Standing

router = APIRouter(tags=["users"])


@router.get("/v1/me/standing")
async def standing(doors: DoorsOf, asking: Acting) -> Standing:
    """Whether the operators have stopped buying and why, how far we are behind the chain, and how many of the user's
    orders are being checked with the exchange."""
    async with doors.database.transaction(asking.scope) as transaction:
        row = await transaction.row("how_it_stands", user_id=asking.user_id)
    assert row is not None, "the switch of buys is always there"
    stopped = row["stopped"] and row["changed_at"] is not None
    return Standing(
        buys_stopped=BuysStopped(since=row["changed_at"], note=row["note"]) if stopped else None,
        lag_seconds=None if row["lag_seconds"] is None else max(0, round(row["lag_seconds"])),
        checking=row["checking"],
    )
