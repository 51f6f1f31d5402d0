"""What a late fill and a settlement that failed are corrected by, said over the rows of the simulated database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from ops.simulation import ground
from ops.simulation.owners import on_sale, owner_of, pair_of
from ops.simulation.tables import Row, Transaction
from schemas.enums import AllocationState, CopyState, Side
from streams.tables.bookings import LATE_SECONDS
from streams.tables.reversals import FillTakenBack, LotOfFill
from streams.trading.owed_exits import SellSince, Since

if TYPE_CHECKING:
    from ops.simulation.world import World

_NEVER_LOOKED: Final = frozenset({"OWN_WALLET", "BEFORE_FOLLOWING", "SOURCE", "SELLS_OFF"})


def sells_since(
    world: World, transaction: Transaction, order_hashes: Sequence[str], seconds: float = LATE_SECONDS
) -> dict[str, Since]:
    """Of copied BUYs posted so long ago, by hash, the SELLs decided since their trades; only where there are any."""
    found: dict[str, Since] = {}
    for order_hash in order_hashes:
        order = transaction.get("orders", order_hash)
        if order is None or order["side"] is not Side.BUY or order["posted_at"] is None:
            continue
        buy = owner_of(transaction, order["copy_order_id"])
        if "message" not in buy or order["posted_at"] > world.now - timedelta(seconds=seconds):
            continue
        sells = [row for row in transaction.rows("copy_orders") if _is_since(row, buy)]
        allocation = transaction.get("allocations", buy["allocation_id"])
        if not sells or allocation is None:
            continue
        sells.sort(key=lambda row: int(row["number"]))
        selling = on_sale(transaction).get(pair_of(buy), ground.ZERO)
        found[order_hash] = Since(
            [_sell(row) for row in sells], selling, ground.settings_of(allocation["settings"])
        )
    return found


def _is_since(row: Row, buy: Row) -> bool:
    decided = row["side"] is Side.SELL and row["state"] is not CopyState.WAITING
    later = decided and pair_of(row) == pair_of(buy) and row["number"] > buy["number"]
    return bool(later and row["reason"] not in _NEVER_LOOKED)


def _sell(row: Row) -> SellSince:
    message = row["message"]
    return SellSince(
        row["copy_order_id"], message.size, message.price, message.position_before, row["limit_price"]
    )


def fill_taken_back(transaction: Transaction, fill: Row) -> FillTakenBack:
    """A booked fill with the entry that booked it, and what is open of its pair."""
    order = transaction.get("orders", fill["order_hash"])
    assert order is not None
    owner = owner_of(transaction, order["copy_order_id"])
    following = transaction.get("allocations", owner["allocation_id"]) if "message" in owner else None
    place = (fill["side"].lower(), fill["fill_id"])
    entries = (row for row in transaction.rows("lot_entries") if (row["cause"], row["ref"]) == place)
    entry = next(entries, None)
    own_lots = [row["lot_id"] for row in transaction.rows("lots") if pair_of(row) == pair_of(owner)]
    columns = fill | {
        "account_user": owner["user_id"],
        "attempt": order["attempt"],
        "copy_order_id": None,
        "allocation_id": None,
        "number": None,
        "limit_price": None,
        "copy_state": None,
        "exit_order_id": None,
        "like_copy_order_id": None,
        "exit_allocation_id": None,
        "exit_limit_price": None,
        "allocation_state": AllocationState(following["state"] if following else "ended"),
        "closed": False,
        "lot_id": entry["lot_id"] if entry else max(own_lots, default=None),
    }
    columns |= {f"entry_{name}": entry[name] if entry else None for name in _OF_ENTRY}
    return ground.made(FillTakenBack, columns | _whose(owner))


_OF_ENTRY: Final = ("shares", "cost_usdc", "realised_usdc", "fee_usdc")


def _whose(owner: Row) -> Row:
    name = owner["copy_order_id"]
    if "like_copy_order_id" in owner:
        row = {"exit_order_id": name, "like_copy_order_id": owner["like_copy_order_id"]}
        return row | {"exit_allocation_id": owner["allocation_id"], "exit_limit_price": owner["limit_price"]}
    if "message" not in owner:
        return {}
    row = {"copy_order_id": name, "allocation_id": owner["allocation_id"], "number": owner["number"]}
    return row | {"limit_price": owner["limit_price"], "copy_state": owner["state"]}


def lots_of_fills(transaction: Transaction, fills: Sequence[FillTakenBack]) -> list[LotOfFill]:
    """The lots they were booked in, and the open ones of the same following and token."""
    ids = {fill.lot_id for fill in fills}
    rows = list(transaction.rows("lots"))
    pairs = {(row["allocation_id"], row["token_id"]) for row in rows if row["lot_id"] in ids}
    found = [
        row
        for row in rows
        if row["lot_id"] in ids
        or (
            row["closed_by"] is None
            and row["allocation_id"] is not None
            and (row["allocation_id"], row["token_id"]) in pairs
        )
    ]
    found.sort(key=lambda row: int(row["lot_id"]))
    return [_lot(row) for row in found]


def _lot(row: Row) -> LotOfFill:
    return ground.made(LotOfFill, row | {"bought_seconds_ago": None, "closed": row["closed_by"] is not None})
