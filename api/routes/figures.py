"""`/v1/ops/*`: the list that each number of the console opens. Operators only."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Path, Query

from api.actor import Operator
from api.database import OPERATOR
from api.doors import DoorsOf
from api.routes.everybodys import listed
from api.routes.lists import AnyName, Cursor, Limit, Name
from api.routes.pictures import SLOWEST
from api.unread import partition as partition_of
from schemas.base import Moment
from schemas.console_views import SlowCopy
from schemas.enums import Reason, Side
from schemas.figure_views import (
    DecidedTrade,
    FollowingHeld,
    LedgerGap,
    LotHeld,
    OrderSent,
    PartitionView,
    Silence,
    SkippedBuy,
)
from schemas.ids import Wallet
from schemas.views import Page

router = APIRouter(tags=["operators"])
# Tokens with a gap and silent ranges are few; who needs more of them has `polycool completeness`.
_RANGES_MAX: Final = 500


@router.get("/v1/ops/positions")
async def positions(
    doors: DoorsOf, _asking: Operator, *, account: Name, open: bool | None = None, limit: Limit = 20,
    cursor: Cursor = None,
) -> Page[LotHeld]:  # fmt: skip
    """What an account holds, newest first: the open ones are its money at work, all of them its result."""
    filters = {"account": account, "open": open}
    return Page[LotHeld](**await listed(doors, "lots_held", LotHeld, limit, cursor, **filters))


@router.get("/v1/ops/orders")
async def orders(
    doors: DoorsOf, _asking: Operator, *, account: AnyName = None, side: Side | None = None,
    open: bool | None = None, twice: bool = False, from_: Annotated[Moment | None, Query(alias="from")] = None,
    limit: Limit = 20, cursor: Cursor = None,
) -> Page[OrderSent]:  # fmt: skip
    """Orders at the exchanges, newest first. ``open``: whose end is not proven; ``twice``: of copies with more than one
    BUY in the last day."""
    filters = {"account": account, "side": side, "open": open, "twice": twice, "from_at": from_}
    return Page[OrderSent](**await listed(doors, "orders_sent", OrderSent, limit, cursor, **filters))


@router.get("/v1/ops/followings")
async def followings(
    doors: DoorsOf, _asking: Operator, *, account: AnyName = None, wallet: Wallet | None = None,
    limit: Limit = 20, cursor: Cursor = None,
) -> Page[FollowingHeld]:  # fmt: skip
    """Followings that have not ended, of an account or of a leader, newest first."""
    filters = {"account": account, "wallet": wallet}
    return Page[FollowingHeld](**await listed(doors, "followings", FollowingHeld, limit, cursor, **filters))


@router.get("/v1/ops/delays")
async def delays(doors: DoorsOf, _asking: Operator, account: Name) -> tuple[SlowCopy, ...]:
    """The 20 copies of an account whose answer took longest after the leader's trade, of the last 24 hours."""
    async with doors.database.transaction(OPERATOR) as transaction:
        rows = await transaction.rows("slowest_answers", account=account, rows=SLOWEST)
    return tuple(SlowCopy.model_validate(row) for row in rows)


@router.get("/v1/ops/leaders/{wallet}/trades")
async def trades(
    doors: DoorsOf, _asking: Operator, wallet: Wallet, limit: Limit = 20, cursor: Cursor = None
) -> Page[DecidedTrade]:
    """A leader's trades that were decided in the last 24 hours, newest first."""
    return Page[DecidedTrade](
        **await listed(doors, "decided_trades", DecidedTrade, limit, cursor, wallet=wallet)
    )


@router.get("/v1/ops/leaders/{wallet}/gaps")
async def gaps(doors: DoorsOf, _asking: Operator, wallet: Wallet) -> tuple[LedgerGap, ...]:
    """The tokens in which something of a leader was never seen, with the ranges in which it happened."""
    async with doors.database.transaction(OPERATOR) as transaction:
        rows = await transaction.rows("ledger_gaps", wallet=wallet, rows=_RANGES_MAX)
    return tuple(LedgerGap.model_validate(row) for row in rows)


@router.get("/v1/ops/silences")
async def silences(doors: DoorsOf, _asking: Operator) -> tuple[Silence, ...]:
    """Ranges of blocks of the last day in which nobody's trade came, newest first."""
    async with doors.database.transaction(OPERATOR) as transaction:
        rows = await transaction.rows("silences", rows=_RANGES_MAX)
    return tuple(Silence.model_validate(row) for row in rows)


@router.get("/v1/ops/skips/{reason}")
async def skipped(
    doors: DoorsOf, _asking: Operator, reason: Reason, *, valued: bool = False, limit: Limit = 20,
    cursor: Cursor = None,
) -> Page[SkippedBuy]:  # fmt: skip
    """BUYs of a day that were not made for one reason, newest first; ``valued``: those whose worth is known."""
    filters = {"reason": reason, "valued": valued}
    return Page[SkippedBuy](**await listed(doors, "skips_behind", SkippedBuy, limit, cursor, **filters))


@router.get("/v1/ops/lags/{topic}/{partition}")
async def partition(
    doors: DoorsOf, _asking: Operator, topic: str, partition: Annotated[int, Path(ge=0, lt=10_000)]
) -> PartitionView:
    """A partition's offsets and the oldest message that is not read yet. 503 while the broker is away."""
    return await partition_of(doors.settings.kafka, doors.settings.topic_prefix, topic, partition)
