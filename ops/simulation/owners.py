"""Whose order it is: a copy order's, an exit order's or one by hand; here the three have the same columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from itertools import chain
from typing import Any, Final

from ops.simulation.tables import Key, Row, Transaction
from schemas.enums import CopyState, Side
from streams.tables.hands import by_hand

OWNERS: Final = ("copy_orders", "exit_orders", "manual_orders")
ON_SALE: Final = frozenset({CopyState.PLANNED, CopyState.SUBMITTING, CopyState.UNKNOWN})
ZERO: Final = Decimal(0)
_BY_LETTER: Final = {"C": OWNERS[0], "X": OWNERS[1], "H": OWNERS[2]}
_NOTHING_YET: Final[Row] = {
    "state": CopyState.PLANNED,
    "reason": None,
    "reserve_usdc": None,
    "attempts": 0,
    "next_attempt_at": None,
    "filled_shares": ZERO,
    "filled_usdc": ZERO,
    "fee_usdc": ZERO,
    "realised_usdc": ZERO,
    "late_fill": False,
    "reversed": False,
}


def table_of(name: str) -> str:
    """The table in which a name stands."""
    return _BY_LETTER[name[0]]


def owner_in(tables: Mapping[str, Mapping[Key, Row]], name: str) -> Row:
    """The committed row of a name."""
    return tables[table_of(name)][name,]


def owner_of(transaction: Transaction, name: str) -> Row:
    """The row of a name as the transaction sees it."""
    row = transaction.get(table_of(name), name)
    assert row is not None
    return row


def all_owners(tables: Mapping[str, Mapping[Key, Row]]) -> Iterator[Row]:
    """Every committed row of the three."""
    return chain.from_iterable(tables[name].values() for name in OWNERS)


def pair_of(row: Row) -> tuple[str, str]:
    """The lot that an owner's orders go into or out of: of an allocation, or of an account by hand; and the token."""
    return row["allocation_id"] or by_hand(row["account_id"]), row["token_id"]


def on_sale(transaction: Transaction, tables: tuple[str, ...] = OWNERS) -> dict[tuple[str, str], Decimal]:
    """Shares in open SELLs by pair."""
    found: dict[tuple[str, str], Decimal] = {}
    for row in chain.from_iterable(transaction.rows(name) for name in tables):
        if row["side"] is Side.SELL and row["state"] in ON_SALE:
            pair = pair_of(row)
            found[pair] = found.get(pair, ZERO) + row["shares"] - row["filled_shares"]
    return found


def exit_order(made: Row, like: Row, now: datetime) -> Row:
    """An exit order as the product made it, with what it has of the SELL it is like."""
    kept = (
        "allocation_id",
        "account_id",
        "user_id",
        "token_id",
        "shares",
        "limit_price",
        "cause_kind",
        "cause_ref",
    )
    of_like = ("trade_id", "leader", "number", "message", "traded_at", "market_id")
    row: dict[str, Any] = {name: made[name] for name in kept} | {name: like[name] for name in of_like}
    row |= {"copy_order_id": made["exit_order_id"], "like_copy_order_id": made["copy_order_id"]}
    return _NOTHING_YET | row | {"side": Side.SELL, "amount_usdc": None, "deadline": None, "decided_at": now}


def hand_order(name: str, asked: Row, now: datetime) -> Row:
    """An order that somebody asked for: side, account, allocation and lot (of a SELL), amount or shares, limit."""
    nobody = {
        "trade_id": name,
        "leader": "",
        "number": 0,
        "market_id": None,
        "traded_at": now,
        "decided_at": now,
    }
    return _NOTHING_YET | nobody | asked | {"copy_order_id": name, "state": CopyState.WAITING}
