"""`/v1/positions`: what a user holds, a line per owner: each leader, and what was bought by hand."""

from __future__ import annotations

from enum import StrEnum

from fastapi import APIRouter

from api.actor import Acting
from api.doors import DoorsOf
from api.problems import not_found
from api.routes.lists import Cursor, Limit, now
from schemas.enums import Venue
from schemas.ids import TokenId, Wallet
from schemas.views import Page, PositionView

router = APIRouter(tags=["positions"])


class Held(StrEnum):
    """Which positions are asked for."""

    OPEN = "open"
    CLOSED = "closed"


@router.get("/v1/positions")
async def positions(
    doors: DoorsOf,
    asking: Acting,
    *,
    state: Held | None = None,
    venue: Venue | None = None,
    leader: Wallet | None = None,
    token_id: TokenId | None = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Page[PositionView]:
    """Positions, newest first."""
    filters = {"venue": venue, "leader": leader, "token_id": token_id}
    belongs = {"list": "positions", "user": asking.user_id, "state": state, **filters}
    place = doors.pager.read(cursor, belongs)
    async with doors.database.transaction(asking.scope) as transaction:
        rows = await transaction.rows(
            "positions", user_id=asking.user_id, open=None if state is None else state is Held.OPEN,
            at=place.at, id=place.id, rows=limit + 1, **filters,
        )  # fmt: skip
        as_of = await now(transaction)
    page, following = doors.pager.page(
        rows, limit, belongs, lambda row: (row["opened_at"], row["position_id"])
    )
    for row in page:
        if row["closed_at"] is None:
            doors.wishes.wish(row["venue"], [row["token_id"]])
    items = tuple(PositionView.model_validate(row) for row in page)
    return Page(items=items, next_cursor=following, as_of=as_of)


@router.get("/v1/positions/{position_id}")
async def position(doors: DoorsOf, asking: Acting, position_id: str) -> PositionView:
    """One position."""
    if not (position_id.isascii() and position_id.isdigit() and len(position_id) <= 18):
        raise not_found("position")
    async with doors.database.transaction(asking.scope) as transaction:
        view = await transaction.view(
            PositionView, "position", user_id=asking.user_id, lot_id=int(position_id)
        )
    if view is None:
        raise not_found("position")
    if view.closed_at is None:
        doors.wishes.wish(view.venue, [view.token_id])
    return view
