"""`/v1/watched-addresses`: which wallets are watched, and as what."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Header, Query, Request
from starlette.responses import Response

from api import watching
from api.actor import Operator
from api.database import NOBODY, OPERATOR, Transaction
from api.doors import DoorsOf
from api.once import Answer, once
from api.problems import Refused, invalid
from api.routes.lists import Cursor, Limit, now
from api.webhooks.doorkeeper import WalletReader, former_indexer
from schemas.base import Moment
from schemas.ids import Wallet
from schemas.requests import NewRoles, NewWatchedAddress
from schemas.views import Page, WatchedAddressView
from schemas.watched import AddressTypeText

router = APIRouter(tags=["watched addresses"])
# A change is seen by its time, taken before it is committed; no transaction here lasts longer than this.
COMMIT_SLACK: Final = timedelta(seconds=10)


@router.post("/v1/watched-addresses", status_code=201, response_model=WatchedAddressView)
async def watch(request: Request, doors: DoorsOf, asking: Operator, body: NewWatchedAddress) -> Response:
    """Add roles to a wallet; it keeps those it has."""

    async def deed(transaction: Transaction) -> Answer:
        view, fresh = await watching.watch(transaction, body)
        return Answer(view, 201 if fresh else 200, {"Location": f"/v1/watched-addresses/{view.wallet}"})

    return await once(request, asking, doors.database, deed)


@router.get("/v1/watched-addresses")
async def watched(
    doors: DoorsOf,
    _reader: WalletReader,
    *,
    role: AddressTypeText | None = None,
    since: Annotated[
        Moment | None, Query(description="Only what changed since; give the as_of of last time.")
    ] = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Page[WatchedAddressView]:
    """Watched wallets, newest first; those without a role were watched once. For operators and the indexer."""
    belongs = {"list": "watched", "role": role, "since": since}
    place = doors.pager.read(cursor, belongs)
    async with doors.database.transaction(NOBODY) as transaction:
        as_of = await now(transaction) - COMMIT_SLACK
        rows = await transaction.rows(
            "watched_addresses", role=role, since=since, at=place.at, id=place.id, rows=limit + 1
        )
    page, following = doors.pager.page(rows, limit, belongs, lambda row: (row["added_at"], row["wallet"]))
    items = tuple(WatchedAddressView.model_validate(row) for row in page)
    return Page(items=items, next_cursor=following, as_of=as_of)


@router.get("/v1/watched-addresses/{wallet}")
async def one(doors: DoorsOf, _asking: Operator, wallet: Wallet) -> WatchedAddressView:
    """One watched wallet."""
    async with doors.database.transaction(NOBODY) as transaction:
        return await watching.shown(transaction, wallet)


@router.put("/v1/watched-addresses/{wallet}/roles")
async def roles(doors: DoorsOf, asking: Operator, wallet: Wallet, body: NewRoles) -> WatchedAddressView:
    """Exactly these roles. Taking copy_leader from a wallet that is followed needs `force` and a `reason`."""
    if body.force and body.reason is None:
        raise invalid("reason", "say why: the followers read it")
    async with doors.database.transaction(OPERATOR) as transaction:
        return await watching.replace_roles(
            transaction,
            wallet,
            frozenset(body.roles),
            force=body.force,
            who=asking.name,
            reason=body.reason or "",
        )


@router.get("/api/v1/subsquid/watched_addresses", tags=["former indexer"])
async def former_list(
    doors: DoorsOf, x_webhook_secret: Annotated[str | None, Header()] = None
) -> dict[str, object]:
    """The list as the former indexer asks for it: one entry per wallet and role."""
    if not former_indexer(x_webhook_secret, doors.settings):
        raise Refused("not-signed-in", "X-Webhook-Secret is missing or wrong.")
    async with doors.database.transaction(NOBODY) as transaction:
        rows = await transaction.rows("roles_of_all")
        at = await now(transaction)
    addresses = [row | {"user_id": None} for row in rows]
    return {"addresses": addresses, "total": len(addresses), "timestamp": at.isoformat(), "cached": False}
