"""Everybody's rows, list by list, as operators look at them."""

from __future__ import annotations

from typing import Any, Final

from api.database import OPERATOR
from api.doors import Doors
from api.routes.lists import now
from schemas.views import View

# By which columns each list goes: a time that is never written again, and a name.
_PLACES: Final = {
    "copy_orders": ("seen_at", "copy_order_id"),
    "unknown_orders": ("signed_at", "order_hash"),
    "followers": ("opened_at", "account_id"),
    "leaders_followed": ("added_at", "wallet"),
    "dead_letters": ("appended_at", "letter_id"),
    "account_audits": ("audited_at", "audit_id"),
    "notices_listed": ("created_at", "notification_id"),
    "lots_held": ("opened_at", "position_id"),
    "orders_sent": ("signed_at", "order_hash"),
    "followings": ("created_at", "allocation_id"),
    "decided_trades": ("decided_at", "number"),
    "skips_behind": ("decided_at", "copy_order_id"),
}


async def listed(
    doors: Doors, query: str, view: type[View], limit: int, cursor: str | None, **filters: Any
) -> dict[str, Any]:
    """A page of a list, what follows it, and the time it is of."""
    belongs = {"list": f"ops/{query}", **filters}
    place = doors.pager.read(cursor, belongs)
    async with doors.database.transaction(OPERATOR) as transaction:
        rows = await transaction.rows(query, at=place.at, id=place.id, rows=limit + 1, **filters)
        as_of = await now(transaction)
    at, name = _PLACES[query]
    shown, following = doors.pager.page(rows, limit, belongs, lambda row: (row[at], str(row[name])))
    items = tuple(view.model_validate(_shown(row)) for row in shown)
    return {"items": items, "next_cursor": following, "as_of": as_of}


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    """Bytes as text, and as they are in hex."""
    if "body" not in row:
        return row
    body: bytes = row["body"]
    return row | {"body": body.decode("utf-8", "backslashreplace"), "body_hex": body.hex()}
