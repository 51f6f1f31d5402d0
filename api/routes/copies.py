"""`/v1/copy-orders`: what became of each trade of a leader, for one user or (operators) for all."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from api import explaining
from api.actor import Actor, Looking
from api.doors import Doors, DoorsOf
from api.paging import PAGE_MAX
from api.problems import not_found
from api.quick_reads import moment, page_of
from api.quick_routes import quickly
from api.routes.lists import now
from schemas.base import Moment
from schemas.enums import ENDED_COPY_STATES, CopyState, Reason
from schemas.ids import Wallet
from schemas.views import CopyOrderView, CopySummary, Page
from schemas.why import WhyView

router = APIRouter(tags=["copy orders"])
_States = Annotated[list[CopyState] | None, Field(max_length=len(CopyState))]
_Reasons = Annotated[list[Reason] | None, Field(max_length=len(Reason))]
_From = Annotated[Moment | None, Query(alias="from", description="Reached us at or after.")]
_To = Annotated[Moment | None, Query(alias="to", description="Reached us before.")]
_Name = Annotated[str | None, Query(max_length=40)]


class CopiesAsked(BaseModel):
    """What a list of copies is asked with."""

    model_config = ConfigDict(frozen=True)

    state: _States = None
    reason: _Reasons = None
    wallet: Wallet | None = None
    allocation: Annotated[str | None, Field(max_length=40)] = None
    from_at: Annotated[Moment | None, Field(alias="from", description="Reached us at or after.")] = None
    to_at: Annotated[Moment | None, Field(alias="to", description="Reached us before.")] = None
    limit: Annotated[int, Field(ge=1, le=PAGE_MAX, description="How many, 1 to 100.")] = 20
    cursor: Annotated[str | None, Field(max_length=300, description="next_cursor of the page before.")] = None


async def copies_page(doors: Doors, asking: Actor, asked: CopiesAsked) -> Response:
    """A page of copies, for a user or (operators) of all."""
    filters: dict[str, Any] = {
        "user_id": asking.user_id, "states": asked.state, "reasons": asked.reason, "wallet": asked.wallet,
        "allocation": asked.allocation, "from_at": asked.from_at, "to_at": asked.to_at,
    }  # fmt: skip
    belongs = {"list": "copies", **filters}
    place = doors.pager.read(asked.cursor, belongs)
    found = await doors.lists.rows(
        asking.scope, "copies_said", at=place.at, id=place.id, rows=asked.limit + 1, **filters
    )
    page, following = doors.pager.page(found.rows, asked.limit, belongs, _place)
    return page_of(map(_said, page), following, found.as_of)


def _said(row: tuple[bytes | None, ...]) -> bytes:
    """The copy, its times with `Z` as all of ours. A quote in a text is escaped, so the name is the member's."""
    said = row[0]
    assert said is not None, "every row is a copy"
    before, first_time, times = said.rpartition(b',"traded_at":')
    return before + first_time + times.replace(b'+00:00"', b'Z"')


def _place(row: tuple[bytes | None, ...]) -> tuple[Moment, str]:
    """The time and name that the next page begins after."""
    _, seen_at, name = row
    assert seen_at is not None, "every copy has its time"
    assert name is not None, "every copy has its name"
    return moment(seen_at), name.decode()


@router.get("/v1/copy-orders", response_model=Page[CopyOrderView])
@quickly(CopiesAsked, copies_page)
async def copy_orders(doors: DoorsOf, asking: Looking, asked: Annotated[CopiesAsked, Query()]) -> Response:
    """Copy orders, newest first by when their trade reached us."""
    return await copies_page(doors, asking, asked)


@router.get("/v1/copy-orders/summary")
async def summary(
    doors: DoorsOf,
    asking: Looking,
    *,
    wallet: Wallet | None = None,
    allocation: _Name = None,
    from_at: _From = None,
    to_at: _To = None,
) -> CopySummary:
    """How many, by state and by reason, and the money they moved."""
    async with doors.database.transaction(asking.scope) as transaction:
        rows = await transaction.rows(
            "copy_summary",
            user_id=asking.user_id,
            wallet=wallet,
            allocation=allocation,
            from_at=from_at,
            to_at=to_at,
        )
        as_of = await now(transaction)
    return _summed(rows, as_of)


def _summed(rows: list[dict[str, Any]], as_of: Moment) -> CopySummary:
    by_state: Counter[CopyState] = Counter()
    by_reason: Counter[Reason] = Counter()
    for row in rows:
        by_state[CopyState(row["state"])] += row["copies"]
        if row["reason"] is not None:
            by_reason[Reason(row["reason"])] += row["copies"]
    sums = {
        name: sum((row[name] for row in rows), Decimal(0))
        for name in ("bought_usdc", "sold_usdc", "fee_usdc", "realised_usdc")
    }
    return CopySummary(
        total=by_state.total(),
        answered=sum(number for state, number in by_state.items() if state in ENDED_COPY_STATES),
        by_state=dict(by_state),
        by_reason=dict(by_reason),
        as_of=as_of,
        **sums,
    )


@router.get("/v1/copy-orders/{copy_order_id}")
async def copy_order(doors: DoorsOf, asking: Looking, copy_order_id: str) -> CopyOrderView:
    """One copy order."""
    async with doors.database.transaction(asking.scope) as transaction:
        view = await transaction.view(
            CopyOrderView, "copy_order", copy_order_id=copy_order_id, user_id=asking.user_id
        )
    if view is None:
        raise not_found("copy order")
    return view


@router.get("/v1/copy-orders/{copy_order_id}/why")
async def why(doors: DoorsOf, asking: Looking, copy_order_id: str) -> WhyView:
    """The chain of one copy from the leader's trade to its end, first in one sentence."""
    async with doors.database.transaction(asking.scope) as transaction:
        return await explaining.why(transaction, copy_order_id, asking.user_id, doors.texts)
