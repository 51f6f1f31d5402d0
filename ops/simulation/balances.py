"""Whether our books at rest are the exchange's, to the micro (promise 8): cash, entries, shares, fills."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from ops.simulation.limits import ZERO, Tables
from ops.simulation.owners import owner_in

if TYPE_CHECKING:
    from ops.simulation.exchange import Exchange

CENT: Final = Decimal("0.01")


def at_rest(tables: Tables, exchange: Exchange) -> Iterator[str]:
    """Whatever differs."""
    for placed in exchange.orders.values():
        owner = owner_in(tables, placed.tag[0])
        if placed.side == "BUY" and placed.usdc > owner["amount_usdc"]:
            yield f"promise 1: {owner['copy_order_id']} spent {placed.usdc} of {owner['amount_usdc']}"
    for (name,), account in tables["accounts"].items():
        there = exchange.cash[account["wallet"]]
        if account["cash_usdc"] != there:
            yield f"promise 8: {name} has {account['cash_usdc']} here and {there} at the exchange"
        entries = [row["usdc"] for row in tables["cash_entries"].values() if row["account_id"] == name]
        if sum(entries, ZERO) != account["cash_usdc"]:
            yield f"promise 8: the entries of {name} do not add up"
        yield from _shares(tables, exchange, name, account["wallet"])
    yield from _fills(tables, exchange)


def _shares(tables: Tables, exchange: Exchange, account_id: str, address: str) -> Iterator[str]:
    """Lots hold what is there; what a purchase taken back left short is written down (SAFETY R14)."""
    lots = [lot for lot in tables["lots"].values() if lot["account_id"] == account_id]
    for token_id in {lot["token_id"] for lot in lots}:
        own = [lot for lot in lots if lot["token_id"] == token_id]
        missing = [
            row["shares"]
            for row in tables["shortfalls"].values()
            if (row["account_id"], row["token_id"]) == (account_id, token_id)
        ]
        here = sum((lot["shares"] for lot in own), ZERO)
        there = exchange.shares.get((address, token_id), ZERO) + sum(missing, ZERO)
        dust = CENT * sum(lot["closed_by"] is not None for lot in own)
        if not here <= there <= here + dust:
            yield f"promise 8: {account_id} has {here} shares here and {there} at the exchange"
        if there < 0:
            yield f"promise 4: {account_id} has sold {-there} shares it did not hold"


def _fills(tables: Tables, exchange: Exchange) -> Iterator[str]:
    """Every fill that stands there is booked here, and none that failed."""
    seen = {
        f"{fill.trade_id}:{fill.order_hash}": fill.status == "FAILED"
        for placed in exchange.orders.values()
        for fill in placed.fills
    }
    booked = {name: row["status"] == "FAILED" for (name,), row in tables["fills"].items()}
    for name, failed in seen.items():
        if not failed and name not in booked:
            yield f"promise 8: {name[:14]} is booked nowhere"
        if booked.get(name, failed) != failed:
            yield f"R14: {name[:14]} failed {'there' if failed else 'here'} alone"
