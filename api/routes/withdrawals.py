"""Money in and out of a live account (UX S14b; SAFETY R25): no way in without a way out."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from api import arming, stopping, withdrawing
from api.actor import Acting, Person
from api.database import Transaction
from api.doors import DoorsOf
from api.once import Answer, key_of, once
from api.routes.lists import Cursor, Limit, now
from schemas.account_views import (
    DepositView,
    NewWithdrawal,
    NewWithdrawalAddress,
    WithdrawalAddressView,
    WithdrawalView,
)
from schemas.me_views import Stopped
from schemas.views import Page

router = APIRouter(tags=["live money"])


@router.get("/v1/me/accounts/polymarket/deposit")
async def deposit(doors: DoorsOf, asking: Acting) -> DepositView:
    """Where money may come from; 409 while none could be taken out again."""
    async with doors.database.transaction(asking.scope) as transaction:
        await arming.account_of(transaction, asking.user_id)
    look_id = await arming.look_at(doors, asking, fresh_seconds=arming.DEPOSIT_FRESH_SECONDS)
    async with doors.database.transaction(asking.scope) as transaction:
        return await arming.deposit(transaction, asking.user_id, look_id, doors.texts)


@router.get("/v1/me/withdrawal-addresses")
async def addresses(doors: DoorsOf, asking: Acting) -> tuple[WithdrawalAddressView, ...]:
    """Own addresses, oldest first; each works a day after it was added."""
    async with doors.database.transaction(asking.scope) as transaction:
        return await withdrawing.addresses(transaction, asking.user_id)


@router.post("/v1/me/withdrawal-addresses", status_code=201, response_model=WithdrawalAddressView)
async def add_address(
    request: Request, doors: DoorsOf, asking: Person, body: NewWithdrawalAddress
) -> Response:
    """An address that works in 24 hours; its adding is told in the chat."""

    async def deed(transaction: Transaction) -> Answer:
        return Answer(await withdrawing.add_address(transaction, asking.user_id, body, doors.texts), 201)

    return await once(request, asking, doors.database, deed)


@router.delete("/v1/me/withdrawal-addresses/{address_id}", status_code=204)
async def remove_address(doors: DoorsOf, asking: Acting, address_id: str) -> None:
    """Nothing goes there any more."""
    async with doors.database.transaction(asking.scope) as transaction:
        await withdrawing.remove_address(transaction, asking.user_id, address_id, "removed")


@router.post("/v1/me/withdrawal-addresses/{address_id}/not-me", response_model=Stopped)
async def not_me(request: Request, doors: DoorsOf, asking: Acting, address_id: str) -> Response:
    """Somebody else added it: it goes, everything is stopped as by stop-all, live is off."""
    buys: tuple[str, ...] = ()

    async def deed(transaction: Transaction) -> Answer:
        nonlocal buys
        stopped, buys = await withdrawing.not_me(transaction, asking, address_id)
        return Answer(stopped)

    async def finish(answer: Answer) -> Answer:
        stopped = answer.body
        assert isinstance(stopped, Stopped), "it says what it stopped"
        return Answer(await stopping.settled(doors, asking, stopped, buys))

    return await once(request, asking, doors.database, deed, finish)


@router.post("/v1/me/accounts/polymarket/withdrawals", status_code=201, response_model=WithdrawalView)
async def withdraw(request: Request, doors: DoorsOf, asking: Person, body: NewWithdrawal) -> Response:
    """Take money out, to an own address; it is reserved at once and goes on by itself."""
    key = key_of(request)

    async def deed(transaction: Transaction) -> Answer:
        return Answer(await withdrawing.withdraw(transaction, asking.user_id, body, key, doors.texts), 201)

    return await once(request, asking, doors.database, deed)


@router.get("/v1/me/accounts/polymarket/withdrawals")
async def withdrawals(
    doors: DoorsOf, asking: Acting, *, limit: Limit = 20, cursor: Cursor = None
) -> Page[WithdrawalView]:
    """Withdrawals, newest first."""
    belongs = {"list": "withdrawals", "user": asking.user_id}
    where = doors.pager.read(cursor, belongs)
    async with doors.database.transaction(asking.scope) as transaction:
        rows = await withdrawing.listed(transaction, asking.user_id, at=where.at, id=where.id, rows=limit + 1)
        as_of = await now(transaction)
    page, following = doors.pager.page(
        rows, limit, belongs, lambda row: (row["asked_at"], row["withdrawal_id"])
    )
    items = tuple(withdrawing.withdrawal_view(row, doors.texts) for row in page)
    return Page(items=items, next_cursor=following, as_of=as_of)
