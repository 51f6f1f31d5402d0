"""`/v1/ops/*`: the lists behind the operators' panels, and the asking for a look at the exchange. Operators only."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from api.actor import Operator
from api.database import Transaction
from api.doors import DoorsOf
from api.once import Answer, once
from api.problems import not_found
from api.routes.everybodys import listed
from api.routes.lists import AnyName, Cursor, Limit
from schemas.base import Moment
from schemas.enums import CopyState, DeadLetterReason, LetterState, Reason
from schemas.ids import Wallet
from schemas.ops_views import (
    AccountAudit,
    DeadLetterView,
    FollowerView,
    LeaderView,
    ReconcileView,
    UnknownOrder,
    WaitingNotice,
)
from schemas.requests import NewReconcile
from schemas.views import CopyOrderView, Page

router = APIRouter(tags=["operators"])
_States = Annotated[list[CopyState] | None, Query(max_length=len(CopyState))]
_Reasons = Annotated[list[Reason] | None, Query(max_length=len(Reason))]


@router.get("/v1/ops/copy-orders")
async def copy_orders(
    doors: DoorsOf, _asking: Operator, *, user: AnyName = None, state: _States = None, reason: _Reasons = None,
    account: AnyName = None, wallet: Wallet | None = None, allocation: AnyName = None,
    from_: Annotated[Moment | None, Query(alias="from")] = None,
    to: Moment | None = None, limit: Limit = 20, cursor: Cursor = None,
) -> Page[CopyOrderView]:  # fmt: skip
    """Everybody's copy orders, newest first by when their trade reached us, from a time up to another."""
    filters = {
        "user_id": user, "account_id": account, "states": state, "reasons": reason, "wallet": wallet,
        "allocation": allocation, "from_at": from_, "to_at": to,
    }  # fmt: skip
    return Page[CopyOrderView](**await listed(doors, "copy_orders", CopyOrderView, limit, cursor, **filters))


@router.get("/v1/ops/unknown")
async def unknown(
    doors: DoorsOf, _asking: Operator, limit: Limit = 20, cursor: Cursor = None
) -> Page[UnknownOrder]:
    """Orders nobody knows the end of, newest first."""
    return Page[UnknownOrder](**await listed(doors, "unknown_orders", UnknownOrder, limit, cursor))


@router.get("/v1/ops/followers")
async def followers(
    doors: DoorsOf, _asking: Operator, *, armed: bool | None = None, limit: Limit = 20, cursor: Cursor = None
) -> Page[FollowerView]:
    """Accounts of users with what became of their copies, newest first; ``armed``: those for live money."""
    return Page[FollowerView](**await listed(doors, "followers", FollowerView, limit, cursor, armed=armed))


@router.get("/v1/ops/leaders")
async def leaders(
    doors: DoorsOf, _asking: Operator, limit: Limit = 20, cursor: Cursor = None
) -> Page[LeaderView]:
    """Wallets that are copied, newest first."""
    return Page[LeaderView](**await listed(doors, "leaders_followed", LeaderView, limit, cursor))


@router.get("/v1/ops/dead-letters")
async def dead_letters(
    doors: DoorsOf, _asking: Operator, *, reason: DeadLetterReason | None = None,
    state: LetterState | None = None, redrive: AnyName = None, limit: Limit = 20, cursor: Cursor = None,
) -> Page[DeadLetterView]:  # fmt: skip
    """What could not be read or handled, with what has become of it, newest first; ``redrive``: those it was
    asked for."""
    filters = {"reason": reason, "state": state, "redrive": redrive}
    return Page[DeadLetterView](
        **await listed(doors, "dead_letters", DeadLetterView, limit, cursor, **filters)
    )


@router.get("/v1/ops/notices")
async def notices(
    doors: DoorsOf, _asking: Operator, *, failed: bool = False, limit: Limit = 20, cursor: Cursor = None
) -> Page[WaitingNotice]:
    """Notices that are due and do not stand in the chat, or that Telegram never took in the last day; newest first."""
    return Page[WaitingNotice](
        **await listed(doors, "notices_listed", WaitingNotice, limit, cursor, failed=failed)
    )


@router.get("/v1/ops/audit")
async def audits(
    doors: DoorsOf, _asking: Operator, *, account: AnyName = None, request: AnyName = None, limit: Limit = 20,
    cursor: Cursor = None,
) -> Page[AccountAudit]:  # fmt: skip
    """What audits of accounts against the exchange found, newest first."""
    filters = {"account_id": account, "request_id": request}
    return Page[AccountAudit](**await listed(doors, "account_audits", AccountAudit, limit, cursor, **filters))


@router.post("/v1/ops/reconcile", status_code=202, response_model=ReconcileView)
async def reconcile(doors: DoorsOf, asking: Operator, asked: NewReconcile, request: Request) -> Response:
    """Ask trading to look at the exchange: unknown orders end by proof, books are compared. 404 for no account."""

    async def deed(transaction: Transaction) -> Answer:
        if asked.account_id is not None and not await transaction.row(
            "account_exists", account_id=asked.account_id
        ):
            raise not_found("account")
        name = uuid.uuid4().hex
        await transaction.run(
            "ask_reconcile", request_id=name, account_id=asked.account_id, asked_by=asking.name
        )
        view = await transaction.view(ReconcileView, "reconcile_asked", request_id=name)
        assert view is not None, "it was just written"
        return Answer(view, status=202)

    return await once(request, asking, doors.database, deed)
