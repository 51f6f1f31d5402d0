"""Matched is not settled: fills are followed, and those that failed on the chain are taken back (SAFETY R14)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ops.simulation import bookkeeping
from ops.simulation.owners import on_sale, owner_of, table_of
from ops.simulation.settling_rows import fill_taken_back, lots_of_fills, sells_since
from ops.simulation.steps import Steps
from ops.simulation.tables import Row, Transaction
from ops.simulation.waiting import follow_up
from schemas.enums import OrderState
from schemas.money import EXACT
from streams.trading.corrections import Corrections, state_of
from streams.trading.entry_rows import fill_id_of
from streams.venues.trades import Settlement

if TYPE_CHECKING:
    from ops.simulation.worker import Worker
    from ops.simulation.world import World


def follow_settlements(worker: Worker) -> Steps[None]:
    """One pass over booked fills that were not confirmed: what the exchange says has failed is taken back."""
    world = worker.world
    if not world.build.what_failed_is_taken_back:
        return
    open_fills = [row for row in world.database.rows("fills") if _is_followed(world, row)]
    if not open_fills:
        return
    yield "settlement: asked"
    failed: list[str] = []
    for account_id in sorted({row["account_id"] for row in open_fills}):
        address = world.wallets[account_id].address.lower()
        seen = world.exchange.fills(address, world.now)
        failed += [fill_id_of(fill) for fill in seen if fill.status is Settlement.FAILED]
    names = sorted(row["fill_id"] for row in open_fills if row["fill_id"] in failed)
    if names:
        yield from _take_back(worker, names)


def _is_followed(world: World, fill: Row) -> bool:
    over = ("CONFIRMED",) if not world.build.what_failed_is_taken_back_once else ("CONFIRMED", "FAILED")
    return fill["status"] not in over


def _take_back(worker: Worker, names: Sequence[str]) -> Steps[None]:
    world = worker.world
    transaction = worker.begin()
    seen = [row for name in names if (row := transaction.get("fills", name)) is not None]
    hashes = sorted({row["order_hash"] for row in seen})
    orders = [row for name in hashes if (row := transaction.get("orders", name)) is not None]
    owners = [owner_of(transaction, row["copy_order_id"]) for row in orders]
    allocations = yield from bookkeeping.lock_whose(transaction, owners)
    yield from transaction.lock("orders", [(name,) for name in hashes])
    rows = [row for name in names if (row := transaction.get("fills", name)) and _is_followed(world, row)]
    if not rows:
        transaction.roll_back()
        return
    fills = [fill_taken_back(transaction, row) for row in rows]
    lots = {lot.lot_id: state_of(lot) for lot in lots_of_fills(transaction, fills)}
    made = Corrections(lots, sells_since(world, transaction, hashes, 0), on_sale(transaction))
    for fill in fills:
        made.take_back(fill)
    yield from _store(world, transaction, made)
    for fill in fills:
        transaction.change("fills", fill.fill_id, status="FAILED")
        if fill.copy_order_id is not None:
            # A later attempt of the same copy may be noted meanwhile: this waits, as an UPDATE does.
            yield from transaction.lock(table_of(fill.copy_order_id), [(fill.copy_order_id,)])
            transaction.change(table_of(fill.copy_order_id), fill.copy_order_id, reversed=True)
    _fail_orders(transaction, orders)
    follow_up(world, transaction, allocations)
    yield "taken back: written"
    transaction.commit()
    yield "taken back: committed"


def _store(world: World, transaction: Transaction, made: Corrections) -> Steps[None]:
    for lot in made.touched:
        if lot.lot_id is None:
            lot.lot_id = world.new_id()
        former = transaction.get("lots", lot.lot_id) or {"bought_at": None, "closed_by": None}
        kept = {"bought_at": former["bought_at"], "closed_by": lot.closed_by or former["closed_by"]}
        transaction.put("lots", (lot.lot_id,), lot.row() | kept)
        for entry in lot.entries:
            place = (lot.lot_id, entry["cause"], entry["ref"])
            transaction.put("lot_entries", place, entry | {"lot_id": lot.lot_id})
    once = world.build.what_failed_is_taken_back_once
    for entry in made.cash_entries:
        ref = entry["ref"] if once else f"{entry['ref']}/{world.new_id()}"
        yield from transaction.insert("cash_entries", (entry["cause"], ref), entry)
    for account_id, usdc in sorted(made.cash.items()):
        account = transaction.get("accounts", account_id)
        assert account is not None
        transaction.change("accounts", account_id, cash_usdc=EXACT.add(account["cash_usdc"], usdc))
    for row, lot in made.reversals:
        transaction.put("reversals", (row["fill_id"],), row | {"lot_id": lot.lot_id})
    for row in made.shortfalls:
        transaction.put("shortfalls", (row["fill_id"],), row)
    for row in made.stops:
        transaction.put("account_stops", (row["account_id"], row["cause"], row["ref"]), row)
    if world.build.sales_taken_back_are_sold_again:
        yield from bookkeeping.insert_exits(world, transaction, made.exits)


def _fail_orders(transaction: Transaction, orders: Iterable[Row]) -> None:
    """Nothing of them settled: every fill was taken back."""
    for order in orders:
        own = [row for row in transaction.rows("fills") if row["order_hash"] == order["order_hash"]]
        if order["state"] is OrderState.MATCHED and all(row["status"] == "FAILED" for row in own):
            transaction.change("orders", order["order_hash"], state=OrderState.FAILED)
