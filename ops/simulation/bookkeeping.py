"""What orders come to: notes and endings, committed in groups under the locks in their order (SAFETY R4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from ops.simulation import ground
from ops.simulation.outbox import write_end, write_outbox
from ops.simulation.owners import OWNERS, exit_order, owner_of, pair_of, table_of
from ops.simulation.settling_rows import sells_since
from ops.simulation.steps import Steps
from ops.simulation.tables import ConnectionLost, Row, Transaction
from ops.simulation.waiting import follow_up, waiting_pairs
from schemas.enums import AllocationState, CopyState, OrderState
from schemas.money import EXACT
from streams.tables.bookings import OpenLot, OrderToBook
from streams.tables.exits import ExitToBook
from streams.tables.hands import HandToBook
from streams.tables.orders import Note
from streams.trading.endings import AttemptRules, Ending
from streams.trading.entries import Entries
from streams.trading.lot_books import LotBook, stored
from streams.trading.terms import PlanEnd

if TYPE_CHECKING:
    from ops.simulation.worker import Worker
    from ops.simulation.world import World

MOST: Final = 8
RETRY_SECONDS: Final = 0.5
RULES: Final = AttemptRules((2.0, 5.0, 15.0, 30.0), 60.0)
_KINDS: Final[dict[str, type[OrderToBook]]] = {
    "copy_orders": OrderToBook,
    "exit_orders": ExitToBook,
    "manual_orders": HandToBook,
}
_NOTED: Final = (OrderState.SIGNED, OrderState.SUBMITTING, OrderState.UNKNOWN, OrderState.ACCEPTED)


def bookkeeping(worker: Worker) -> Steps[None]:
    """Book what was learnt, for ever."""
    while True:
        yield lambda: bool(worker.queue)
        batch, worker.queue = worker.queue[:MOST], worker.queue[MOST:]
        while True:
            try:
                yield from _write(worker, batch)
                break
            except ConnectionLost:
                yield RETRY_SECONDS
        for said in batch:
            worker.queued[said.order_hash] -= 1


def _write(worker: Worker, batch: Sequence[Ending | Note]) -> Steps[None]:
    endings: dict[str, Ending] = {}
    again: list[Ending] = []
    for said in batch:
        if isinstance(said, Ending):
            if said.order_hash in endings:
                again.append(said)
            endings.setdefault(said.order_hash, said)
    notes = [said for said in batch if isinstance(said, Note)]
    if notes:
        transaction = worker.begin()
        yield "note: begun"
        for note in notes:
            yield from transaction.lock("orders", [(note.order_hash,)])
            yield from _note(worker, transaction, note)
        yield "note: written"
        transaction.commit()
        yield "note: committed"
    if endings:
        transaction = worker.begin()
        yield "book: begun"
        yield from _book(worker, transaction, endings)
        yield "book: written"
        transaction.commit()
        yield "book: committed"
    for each in again:
        yield from _write(worker, [each])


def _note(worker: Worker, transaction: Transaction, note: Note) -> Steps[None]:
    order = transaction.get("orders", note.order_hash)
    assert order is not None
    if order["state"] not in _NOTED:
        return
    table = table_of(order["copy_order_id"])
    # Whoever takes a fill of an earlier attempt back writes the same row: this waits, as an UPDATE does.
    yield from transaction.lock(table, [(order["copy_order_id"],)])
    owner = owner_of(transaction, order["copy_order_id"])
    transaction.change(
        "orders", note.order_hash, state=note.state, trade_ids=note.trade_ids or order["trade_ids"]
    )
    if not worker.world.build.unknown_is_not_planned_again and note.state is OrderState.REJECTED:
        transaction.change(table, order["copy_order_id"], state=CopyState.PLANNED)
    elif owner["state"] in (CopyState.SUBMITTING, CopyState.UNKNOWN) and table != "exit_orders":
        state = CopyState.UNKNOWN if note.state is OrderState.UNKNOWN else CopyState.SUBMITTING
        transaction.change(table, order["copy_order_id"], state=state)


def lock_whose(transaction: Transaction, copies: Iterable[Row]) -> Steps[list[str]]:
    """Allocations, then their accounts, each in order of id; returns the allocations' names."""
    copies = list(copies)
    names = sorted({row["allocation_id"] for row in copies if row["allocation_id"] is not None})
    yield from transaction.lock("allocations", [(name,) for name in names])
    accounts = sorted({row["account_id"] for row in copies})
    yield from transaction.lock("accounts", [(name,) for name in accounts])
    return names


def _book(worker: Worker, transaction: Transaction, endings: dict[str, Ending]) -> Steps[None]:
    world = worker.world
    orders = [row for name in sorted(endings) if (row := transaction.get("orders", name)) is not None]
    owners = [owner_of(transaction, order["copy_order_id"]) for order in orders]
    names = yield from lock_whose(transaction, owners)
    yield from transaction.lock("orders", [(name,) for name in sorted(endings)])
    found = [_to_book(transaction, name) for name in sorted(endings)]
    found.sort(key=lambda order: (order.number, order.copy_order_id, order.attempt))
    pairs = {(order.allocation_id, order.token_id) for order in found}
    lots = {
        pair_of(row): stored(_open_lot(world, row))
        for row in transaction.rows("lots")
        if row["closed_by"] is None and pair_of(row) in pairs
    }
    booked = {row["fill_id"] for row in transaction.rows("fills")}
    known = booked if world.build.fills_are_booked_once else set()
    since = sells_since(world, transaction, sorted(endings)) if world.build.what_came_late_is_owed else {}
    entries = Entries(world.now, RULES, lots, known, since)
    for order in found:
        ending = endings[order.order_hash]
        if not world.build.fees_are_booked:
            free = tuple(replace(fill, fee_rate=ground.ZERO) for fill in ending.fills)
            ending = replace(ending, fills=free)
        entries.book(order, ending)
    yield from store(world, transaction, entries)
    follow_up(world, transaction, names)


def _to_book(transaction: Transaction, order_hash: str) -> OrderToBook:
    order = transaction.get("orders", order_hash)
    assert order is not None
    owner = owner_of(transaction, order["copy_order_id"])
    market = transaction.get("markets", owner["token_id"])
    account = transaction.get("accounts", owner["account_id"])
    assert market is not None
    assert account is not None
    following = transaction.get("allocations", owner["allocation_id"]) if "message" in owner else None
    columns = owner | {
        "allocation_id": pair_of(owner)[0],
        "order_hash": order_hash,
        "order_state": order["state"],
        "proven": order["proven"],
        "attempt": order["attempt"],
        "follower": account["wallet"],
        "copy_state": owner["state"],
        "attempts_max": ground.settings_of(following["settings"]).exit_attempts_max if following else 1,
        "allocation_state": AllocationState(following["state"] if following else "active"),
        "known_market_id": market["market"].market_id,
        "tick": market["market"].tick,
        "fee_rate": market["market"].fee_rate,
    }
    return ground.made(_KINDS[table_of(order["copy_order_id"])], columns)


def _open_lot(world: World, row: Row) -> OpenLot:
    bought = row["bought_at"]
    ago = (world.now - bought).total_seconds() if bought is not None else None
    return ground.made(OpenLot, row | {"bought_seconds_ago": ago})


def store(world: World, transaction: Transaction, entries: Entries) -> Steps[None]:
    """Write the rows of a booking, as its statements do."""
    for lot in entries.touched:
        _store_lot(world, transaction, lot)
    for fill in entries.fills:
        if world.build.fills_are_booked_once:
            yield from transaction.insert("fills", (fill["fill_id"],), fill)
        else:
            transaction.put("fills", (fill["fill_id"],), fill)
    for entry in entries.cash_entries:
        ref = entry["ref"] if world.build.fills_are_booked_once else f"{entry['ref']}/{world.new_id()}"
        yield from transaction.insert("cash_entries", (entry["cause"], ref), entry)
    for row in entries.cash_rows():
        account = transaction.get("accounts", row["account_id"])
        assert account is not None
        cash = EXACT.add(account["cash_usdc"], row["usdc"])
        transaction.change("accounts", row["account_id"], cash_usdc=cash)
    for row in entries.orders:
        former = transaction.get("orders", row["order_hash"])
        assert former is not None
        changes = {"state": OrderState(row["state"]), "proven": True}
        changes |= {"filled_shares": former["filled_shares"] + row["shares"]}
        transaction.change("orders", row["order_hash"], **changes)
    for row in (*entries.copy_orders, *entries.exit_orders, *entries.hand_orders):
        _update_owner(world, transaction, row)
    for row in (*entries.late_fills, *entries.late_exit_fills, *entries.late_hand_fills):
        # A claim of its next attempt may hold it: this waits, as an UPDATE does.
        yield from transaction.lock(table_of(row["copy_order_id"]), [(row["copy_order_id"],)])
        former = owner_of(transaction, row["copy_order_id"])
        sums = ("filled_usdc", "filled_shares", "fee_usdc", "realised_usdc")
        of = {"filled_usdc": "usdc", "filled_shares": "shares"}
        grown = {name: former[name] + row[of.get(name, name)] for name in sums}
        transaction.change(table_of(row["copy_order_id"]), row["copy_order_id"], late_fill=True, **grown)
    for row in entries.shortfalls:
        transaction.put("shortfalls", (row["fill_id"],), row)
    yield from insert_exits(world, transaction, entries.new_exits)
    write_outbox(world, transaction, entries.outbox)


def _store_lot(world: World, transaction: Transaction, lot: LotBook) -> None:
    if lot.lot_id is None:
        lot.lot_id = world.new_id()
    row = lot.row()
    bought = any(entry["cause"] == "buy" for entry in lot.entries)
    former = transaction.get("lots", lot.lot_id)
    row["bought_at"] = world.now if bought else (former or {}).get("bought_at")
    transaction.put("lots", (lot.lot_id,), row)
    for entry in lot.entries:
        place = (lot.lot_id, entry["cause"], entry["ref"])
        transaction.put("lot_entries", place, entry | {"lot_id": lot.lot_id})


def insert_exits(world: World, transaction: Transaction, rows: Iterable[Row]) -> Steps[None]:
    """New exit orders, one a cause."""
    for row in rows:
        if transaction.get("exit_orders", row["exit_order_id"]) is None:
            new = exit_order(row, owner_of(transaction, row["copy_order_id"]), world.now)
            yield from transaction.insert("exit_orders", (row["exit_order_id"],), new)


def _update_owner(world: World, transaction: Transaction, row: Row) -> None:
    former = owner_of(transaction, row["copy_order_id"])
    pause = row["next_attempt_seconds"]
    reason = row["reason"] if row["reason"] is not None else former["reason"]
    sums = ("filled_shares", "filled_usdc", "fee_usdc", "realised_usdc", "attempts")
    transaction.change(
        table_of(row["copy_order_id"]),
        row["copy_order_id"],
        state=CopyState(row["state"]),
        reason=reason,
        next_attempt_at=None if pause is None else world.now + timedelta(seconds=pause),
        **{name: row[name] for name in sums},
    )


def end_plans(worker: Worker, ends: Sequence[PlanEnd]) -> Steps[None]:
    """End waiting and planned copy orders; those that went on stay."""
    transaction = worker.begin()
    owners = [owner_of(transaction, end.copy_order_id) for end in ends]
    names = yield from lock_whose(transaction, owners)
    for table in OWNERS:
        own = sorted((end.copy_order_id,) for end in ends if table_of(end.copy_order_id) == table)
        if own:
            yield from transaction.lock(table, own)
    for end in ends:
        row = owner_of(transaction, end.copy_order_id)
        if row["state"] in (CopyState.WAITING, CopyState.PLANNED):
            state = CopyState.PARTIAL if row["filled_shares"] > 0 else end.state
            table = table_of(end.copy_order_id)
            transaction.change(table, end.copy_order_id, state=state, reason=end.reason)
            if table == "copy_orders":
                write_end(worker.world, transaction, owner_of(transaction, end.copy_order_id))
    follow_up(worker.world, transaction, names)
    transaction.commit()
    yield "plans ended"


def attend(worker: Worker) -> Steps[None]:
    """The net under what should have been decided when its BUY ended."""
    transaction = worker.begin()
    names = sorted({row["allocation_id"] for row in transaction.rows("copy_orders")})
    wanted = [name for name, _ in waiting_pairs(transaction, names, worker.world.now)]
    if not wanted:
        transaction.roll_back()
        return
    rows = [row for row in transaction.rows("allocations") if row["allocation_id"] in wanted]
    locked = yield from lock_whose(transaction, rows)
    follow_up(worker.world, transaction, locked)
    transaction.commit()
    yield "attended"
