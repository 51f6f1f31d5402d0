"""`/v1/wallets` and `/v1/leaders`: whom one might follow, with what is known of them and what is not."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query

from api.actor import Acting
from api.addresses import TEXT_LENGTH_MAX
from api.doors import DoorsOf
from api.resolving import resolve
from api.routes.lists import Cursor, Limit, now
from api.wallets import leader_view, look_at
from schemas.ids import Wallet
from schemas.money import DecimalText
from schemas.views import Page
from schemas.wallet_views import LeaderView, Resolved, WalletTradeView, WalletView

router = APIRouter(tags=["wallets"])
# "Busy": a trade a day. "Large stakes": half of the buys are of so much USDC or more.
BUSY_TRADES_A_DAY: Final = Decimal(1)
LARGE_STAKE_USDC: Final = Decimal(100)


class LeaderFilter(StrEnum):
    """The buttons of UX S4."""

    BUSY = "busy"
    LARGE_STAKES = "large_stakes"
    POLITICS = "politics"
    SPORTS = "sports"
    CRYPTO = "crypto"


_CATEGORIES: Final = (LeaderFilter.POLITICS, LeaderFilter.SPORTS, LeaderFilter.CRYPTO)


@router.get("/v1/wallets/resolve")
async def resolved(
    doors: DoorsOf,
    asking: Acting,
    *,
    q: Annotated[str, Query(max_length=TEXT_LENGTH_MAX, description="An address, a profile's link or name.")],
    checksum: Annotated[Literal["check", "ignore"], Query(description="[Use it anyway]")] = "check",
    unknown: Annotated[
        Literal["refuse", "allow"], Query(description="A wallet of which no trade is known.")
    ] = "refuse",
) -> Resolved:
    """What was sent, as wallets. Refused with the sentence to show (422); nothing that is sent is ever fetched."""
    return await resolve(
        doors, asking, q, ignore_checksum=checksum == "ignore", allow_unknown=unknown == "allow"
    )


@router.get("/v1/wallets/{wallet}")
async def wallet_facts(
    doors: DoorsOf,
    asking: Acting,
    wallet: Wallet,
    multiplier: Annotated[
        DecimalText | None,
        Query(gt=0, le=10, description="buys_over_minimum counts those whose copy by this reaches 1.00."),
    ] = None,
) -> WalletView:
    """What is known of a wallet, and what is not. One that nobody watches is watched from now on (`loading`)."""
    async with doors.database.transaction(asking.scope) as transaction:
        return await look_at(transaction, asking, wallet, doors, multiplier)


@router.get("/v1/wallets/{wallet}/trades")
async def wallet_trades(
    doors: DoorsOf, asking: Acting, wallet: Wallet, *, limit: Limit = 20, cursor: Cursor = None
) -> Page[WalletTradeView]:
    """The wallet's trades that we know, newest first."""
    belongs = {"list": "wallet_trades", "wallet": wallet}
    place = doors.pager.read(cursor, belongs)
    async with doors.database.transaction(asking.scope) as transaction:
        rows = await transaction.rows(
            "wallet_trades", wallet=wallet, at=place.at, id=place.id, rows=limit + 1
        )
        as_of = await now(transaction)
    page, following = doors.pager.page(rows, limit, belongs, lambda row: (row["traded_at"], row["trade_id"]))
    items = tuple(WalletTradeView.model_validate(row) for row in page)
    return Page(items=items, next_cursor=following, as_of=as_of)


@router.get("/v1/leaders")
async def leaders(
    doors: DoorsOf,
    asking: Acting,
    *,
    only: Annotated[LeaderFilter | None, Query(alias="filter")] = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Page[LeaderView]:
    """Suggested leaders: wallets seen for long with many ended markets, the most ended first; none for volume alone."""
    belongs = {"list": "leaders", "user": asking.user_id, "filter": only}
    place = doors.pager.read_rank(cursor, belongs)
    async with doors.database.transaction(asking.scope) as transaction:
        rows = await transaction.rows(
            "leaders",
            user_id=asking.user_id,
            seen_days=doors.settings.leader_seen_days,
            ended_markets=doors.settings.leader_ended_markets,
            busy=BUSY_TRADES_A_DAY if only is LeaderFilter.BUSY else None,
            stake=LARGE_STAKE_USDC if only is LeaderFilter.LARGE_STAKES else None,
            category=only if only in _CATEGORIES else None,
            rank=place.rank, id=place.id, rows=limit + 1,
        )  # fmt: skip
        as_of = await now(transaction)
    page, following = doors.pager.page(rows, limit, belongs, lambda row: (row["rank"], row["wallet"]))
    return Page(items=tuple(leader_view(row) for row in page), next_cursor=following, as_of=as_of)
