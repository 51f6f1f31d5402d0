"""`/v1/quotes` and `/v1/orders`: orders by hand; none without a quote (UX §5)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api import ordering
from api.actor import Acting
from api.database import Transaction
from api.doors import DoorsOf
from api.once import Answer, key_of, once
from api.routes.lists import Cursor, Limit, now
from schemas.enums import CopyState, Venue
from schemas.hand_views import OrderView, QuoteView
from schemas.ids import TokenId
from schemas.requests import NewOrder, NewQuote
from schemas.views import Page

router = APIRouter(tags=["orders by hand"])
_States = Annotated[list[CopyState] | None, Query(max_length=len(CopyState))]


@router.post("/v1/quotes", status_code=201, response_model=QuoteView)
async def quote(request: Request, doors: DoorsOf, asking: Acting, body: NewQuote) -> Response:
    """A price for an order by hand: one use, 30 s; limit, fee at most, what is offered. Or why there is none."""
    key = key_of(request)

    async def deed(transaction: Transaction) -> Answer:
        return Answer(await ordering.ask_quote(transaction, asking.user_id, body, key), 201)

    async def finish(answer: Answer) -> Answer:
        asked = answer.body
        assert isinstance(asked, QuoteView), "a quote was asked for"
        return Answer(await ordering.answered_quote(doors, asking, asked), 201)

    return await once(request, asking, doors.database, deed, finish)


@router.post("/v1/orders", status_code=201, response_model=OrderView)
async def place(request: Request, doors: DoorsOf, asking: Acting, body: NewOrder) -> Response:
    """The order of a quote. The answer waits up to 3 s for its end; an order that takes longer goes on by itself."""

    async def deed(transaction: Transaction) -> Answer:
        made = await ordering.place(transaction, asking.user_id, body.quote_id, doors.texts)
        return Answer(made, 201, {"Location": f"/v1/orders/{made.order_id}"})

    async def finish(answer: Answer) -> Answer:
        placed = answer.body
        assert isinstance(placed, OrderView), "an order was placed"
        return Answer(await ordering.settled_order(doors, asking, placed), 201, answer.headers)

    return await once(request, asking, doors.database, deed, finish)


@router.get("/v1/orders")
async def orders(
    doors: DoorsOf,
    asking: Acting,
    *,
    state: _States = None,
    venue: Venue | None = None,
    token_id: TokenId | None = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Page[OrderView]:
    """Orders by hand, newest first."""
    filters = {"states": state, "venue": venue, "token_id": token_id}
    belongs = {"list": "orders", "user": asking.user_id, **filters}
    where = doors.pager.read(cursor, belongs)
    async with doors.database.transaction(asking.scope) as transaction:
        rows = await ordering.orders_by_hand(
            transaction, asking.user_id, at=where.at, id=where.id, rows=limit + 1, **filters
        )
        as_of = await now(transaction)
    page, following = doors.pager.page(rows, limit, belongs, lambda row: (row["asked_at"], row["order_id"]))
    items = tuple(ordering.order_view(row, doors.texts) for row in page)
    return Page(items=items, next_cursor=following, as_of=as_of)


@router.get("/v1/orders/{order_id}")
async def order(doors: DoorsOf, asking: Acting, order_id: str) -> OrderView:
    """One order by hand."""
    async with doors.database.transaction(asking.scope) as transaction:
        return await ordering.order(transaction, asking.user_id, order_id, doors.texts)
