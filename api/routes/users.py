"""`/v1/users` (operators) and `/v1/me` (the user acted for)."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from api import people
from api.actor import Acting, Operator
from api.database import OPERATOR, Transaction
from api.doors import DoorsOf
from api.once import Answer, key_of, once
from api.routes.lists import Cursor, Limit, now
from schemas.requests import NewCredit, NewUser
from schemas.views import AccountView, CreditView, Page, UserView

router = APIRouter(tags=["users"])


@router.post("/v1/users", status_code=201, response_model=UserView)
async def join(request: Request, doors: DoorsOf, asking: Operator, body: NewUser) -> Response:
    """A new user, who starts with a paper account and 1,000.00 of paper money."""

    async def deed(transaction: Transaction) -> Answer:
        made = await people.join(transaction, body)
        return Answer(made, 201, {"Location": f"/v1/users/{made.user_id}"})

    return await once(request, asking, doors.database, deed)


@router.get("/v1/users")
async def users(
    doors: DoorsOf, _asking: Operator, limit: Limit = 20, cursor: Cursor = None
) -> Page[UserView]:
    """All users, newest first."""
    belongs = {"list": "users"}
    place = doors.pager.read(cursor, belongs)
    async with doors.database.transaction(OPERATOR) as transaction:
        rows = await transaction.rows("users", at=place.at, id=place.id, rows=limit + 1)
        page, following = doors.pager.page(
            rows, limit, belongs, lambda row: (row["created_at"], row["user_id"])
        )
        items = await people.with_accounts(transaction, page)
        return Page(items=tuple(items), next_cursor=following, as_of=await now(transaction))


@router.get("/v1/users/{user_id}")
async def user(doors: DoorsOf, _asking: Operator, user_id: str) -> UserView:
    """One user with their accounts."""
    async with doors.database.transaction(OPERATOR) as transaction:
        return await people.user(transaction, user_id)


@router.get("/v1/me/accounts")
async def accounts(doors: DoorsOf, asking: Acting) -> tuple[AccountView, ...]:
    """Cash, reserves and money at work, per venue."""
    async with doors.database.transaction(asking.scope) as transaction:
        return (await people.user(transaction, asking.user_id)).accounts


@router.post("/v1/me/accounts/paper/credit", status_code=201, response_model=CreditView)
async def credit(request: Request, doors: DoorsOf, asking: Acting, body: NewCredit) -> Response:
    """More paper money; it is in the cash as soon as the paper exchange has booked it."""
    key = key_of(request)

    async def deed(transaction: Transaction) -> Answer:
        return Answer(await people.credit(transaction, asking.user_id, body.usdc, key), 201)

    return await once(request, asking, doors.database, deed)
