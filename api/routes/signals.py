"""`/v1/signals`: larger purchases of smart traders. Nothing is bought because of one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.actor import Looking
from api.database import NOBODY
from api.doors import DoorsOf
from api.problems import not_found
from api.routes.lists import Cursor, Limit, now
from schemas.ids import Wallet
from schemas.money import DecimalText
from schemas.signal_views import SignalView
from schemas.views import Page

router = APIRouter(tags=["signals"])
_MinUsdc = Annotated[DecimalText | None, Query(ge=0, lt=10**12)]
_MaxAge = Annotated[int | None, Query(ge=1, le=31_536_000, description="Seconds since the last purchase.")]
_Category = Annotated[str | None, Query(min_length=1, max_length=80)]


@router.get("/v1/signals")
async def signals(
    doors: DoorsOf,
    _asking: Looking,
    *,
    min_usdc: _MinUsdc = None,
    first_entry: bool | None = None,
    max_age: _MaxAge = None,
    category: _Category = None,
    wallet: Wallet | None = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Page[SignalView]:
    """Signals, newest first by their first purchase."""
    filters = {
        "min_usdc": min_usdc, "first_entry": first_entry, "max_age": max_age, "category": category, "wallet": wallet,
    }  # fmt: skip
    belongs = {"list": "signals", **filters}
    place = doors.pager.read(cursor, belongs)
    async with doors.database.transaction(NOBODY) as transaction:
        rows = await transaction.rows("signals", at=place.at, id=place.id, rows=limit + 1, **filters)
        as_of = await now(transaction)
    page, following = doors.pager.page(rows, limit, belongs, lambda row: (row["first_at"], row["signal_id"]))
    items = tuple(SignalView.model_validate(row) for row in page)
    return Page(items=items, next_cursor=following, as_of=as_of)


@router.get("/v1/signals/{signal_id}")
async def signal(doors: DoorsOf, _asking: Looking, signal_id: str) -> SignalView:
    """One signal."""
    async with doors.database.transaction(NOBODY) as transaction:
        view = await transaction.view(SignalView, "signal", signal_id=signal_id)
    if view is None:
        raise not_found("signal")
    return view
