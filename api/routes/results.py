"""`/v1/pnl` and `/v1/markets/{token_id}`: what came of it, and what a token is and costs now."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query

from api.actor import Acting, Looking
from api.database import NOBODY
from api.doors import DoorsOf
from api.problems import not_found
from api.results import results
from api.routes.lists import now
from schemas.enums import Venue
from schemas.ids import TokenId
from schemas.market_views import MarketView, PnlView, PriceView

router = APIRouter(tags=["results"])
_Window = Annotated[
    str,
    Query(
        pattern=r"^([1-9]|[1-9]\d|[12]\d\d|3[0-5]\d|36[0-5])d$",
        description="Days, today included: 1d to 365d.",
    ),
]
_PRICE: Final = ("bid", "offer", "bid_depth_usdc", "offer_depth_usdc", "seen_at", "age_seconds")


@router.get("/v1/pnl")
async def pnl(
    doors: DoorsOf, asking: Acting, *, window: _Window = "30d", venue: Venue = Venue.PAPER
) -> PnlView:
    """Results at one venue, net of fees; what is held is valued at the best bid of its own outcome."""
    async with doors.database.transaction(asking.scope) as transaction:
        as_of = await now(transaction)
        view, tokens = await results(transaction, asking.user_id, venue, int(window[:-1]), as_of)
    doors.wishes.wish(venue, tokens)
    return view


@router.get("/v1/markets/{token_id}")
async def market(
    doors: DoorsOf, _asking: Looking, token_id: TokenId, *, venue: Venue = Venue.PAPER
) -> MarketView:
    """What a token is, with its price at the venue where one is known that is at most a minute old."""
    async with doors.database.transaction(NOBODY) as transaction:
        row = await transaction.row("market", token_id=token_id, venue=venue)
    if row is None:
        raise not_found("market")
    if row["payout"] is None:
        doors.wishes.wish(venue, [token_id])
    price = price_of(row)
    return MarketView.model_validate({**row, "price": price})


def price_of(row: dict[str, Any]) -> PriceView | None:
    """The price of a row that carries its columns, taken out of it."""
    price = {name: row.pop(name) for name in _PRICE}
    price["at"] = price.pop("seen_at")
    return None if price["at"] is None else PriceView.model_validate(price)
