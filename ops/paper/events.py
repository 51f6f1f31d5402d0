"""What the user stream says of an order or a trade (polymarket.md §5.4): pure, from rows to the wire's shapes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from ops.paper.holdings import Rows
from ops.paper.ledger import Record
from ops.paper.tokens import Token
from ops.paper.views import order_view, trade_view

Event = dict[str, object]


class OrderChange(StrEnum):
    """The type of an order's event."""

    PLACEMENT = "PLACEMENT"
    UPDATE = "UPDATE"
    CANCELLATION = "CANCELLATION"


class Change(NamedTuple):
    """What one commit changed: order ids with the kind of change, trade ids."""

    orders: tuple[tuple[str, OrderChange], ...] = ()
    trades: tuple[str, ...] = ()
    due: bool = False
    """Something of it will happen by itself later."""


Announce = Callable[[Change], None]


def decided(rows: Rows) -> Change:
    """What a batch of decided orders changed: each is placed, and what matched at once is updated."""
    orders: list[tuple[str, OrderChange]] = []
    for row in rows.orders:
        order_id = str(row["order_id"])
        if row["status"] != "CANCELED":
            orders.append((order_id, OrderChange.PLACEMENT))
            if row["matched_shares"]:
                orders.append((order_id, OrderChange.UPDATE))
    due = any(row["fails_at"] for row in rows.trades) or any(row["due_at"] for row in rows.orders)
    return Change(tuple(orders), trades_of(rows), due)


def trades_of(rows: Rows) -> tuple[str, ...]:
    """The ids of the trades among the rows."""
    return tuple(str(row["trade_id"]) for row in rows.trades)


def cancelled(order_ids: Iterable[str]) -> Change:
    """Orders that are over."""
    return Change(tuple((order_id, OrderChange.CANCELLATION) for order_id in order_ids))


def order_event(row: Record, token: Token, change: OrderChange, now: datetime) -> Event:
    """An order as it is now; a placement as it was before anything matched."""
    view = order_view(row, token, now)
    status = str(view["status"]).removeprefix("ORDER_STATUS_")
    if change is OrderChange.PLACEMENT:
        status = "LIVE"
        view |= {"size_matched": "0", "associate_trades": []}
    return {
        **view,
        "event_type": "order",
        "type": change.value,
        "status": status,
        "order_owner": view["owner"],
        "timestamp": _millis(now),
    }


def trade_event(row: Record, token: Token, counterparty: str, now: datetime) -> Event:
    """A trade as it stands now."""
    view = trade_view(row, token, counterparty, now)
    return {
        **view,
        "event_type": "trade",
        "type": "TRADE",
        "trade_owner": view["owner"],
        "matchtime": view["match_time"],
        "timestamp": _millis(now),
    }


def _millis(moment: datetime) -> str:
    return str(int(moment.timestamp()) * 1000 + moment.microsecond // 1000)
