"""`/v1/signals`: larger purchases of smart traders. Nothing is bought because of one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.actor import Looking
from api.database import NOBODY
from api.doors import DoorsOf
from api.problems import not_found
from api.routes.lists import Cursor, Limit, now
from api.signals import signal_view
from schemas.enums import Venue
from schemas.ids import Wallet
from schemas.money import DecimalText
from schemas.signal_views import SignalView, SmartStatistics
from schemas.views import Page

router = APIRouter(tags=["signals"])
_MinUsdc = Annotated[DecimalText | None, Query(ge=0, lt=10**12)]
_MaxAge = Annotated[int | None, Query(ge=1, le=31_536_000, description="Seconds since the last purchase.")]
_MaxMove = Annotated[
    DecimalText | None,
    Query(gt=-1, lt=1, description="USDC per share by which the best offer may lie above what they paid."),
]
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
    max_move: _MaxMove = None,
    wallet: Wallet | None = None,
    venue: Venue = Venue.PAPER,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Page[SignalView]:
    """Signals, newest first by their first purchase. With `max_move` only those whose price is known."""
    filters = {
        "min_usdc": min_usdc, "first_entry": first_entry, "max_age": max_age, "category": category, "wallet": wallet,
        "max_move": max_move, "venue": venue,
    }  # fmt: skip
    belongs = {"list": "signals", **filters}
    place = doors.pager.read(cursor, belongs)
    async with doors.database.transaction(NOBODY) as transaction:
        rows = await transaction.rows("signals", at=place.at, id=place.id, rows=limit + 1, **filters)
        as_of = await now(transaction)
    page, following = doors.pager.page(rows, limit, belongs, lambda row: (row["first_at"], row["signal_id"]))
    doors.wishes.wish(venue, [row["token_id"] for row in page])
    return Page(items=tuple(signal_view(row) for row in page), next_cursor=following, as_of=as_of)


@router.get("/v1/signals/statistics")
async def statistics(doors: DoorsOf, _asking: Looking) -> SmartStatistics:
    """Of all smart traders: how many, how busy, and how their graded signals did over 30 days."""
    async with doors.database.transaction(NOBODY) as transaction:
        view = await transaction.view(SmartStatistics, "smart_statistics")
    assert view is not None, "counts always have a row"
    return view


@router.get("/v1/signals/{signal_id}")
async def signal(
    doors: DoorsOf, _asking: Looking, signal_id: str, *, venue: Venue = Venue.PAPER
) -> SignalView:
    """One signal, with the price at the venue."""
    async with doors.database.transaction(NOBODY) as transaction:
        row = await transaction.row("signal", signal_id=signal_id, venue=venue)
    if row is None:
        raise not_found("signal")
    doors.wishes.wish(venue, [row["token_id"]])
    return signal_view(row)
