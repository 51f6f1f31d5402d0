"""What orders come to: notes and endings, committed in groups under the locks in their order (SAFETY R4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from ops.simulation import ground
from ops.simulation.steps import Steps
from ops.simulation.tables import ConnectionLost, Row, Transaction
from ops.simulation.waiting import follow_up, waiting_pairs
from schemas.enums import AllocationState, CopyState, OrderState
from schemas.money import EXACT
from streams.tables.bookings import OpenLot, OrderToBook
from streams.tables.orders import Note
from streams.trading.endings import AttemptRules, Ending
from streams.trading.entries import Entries
from streams.trading.lot_books import stored
from streams.trading.terms import PlanEnd

if TYPE_CHECKING:
    from ops.simulation.worker import Worker
    from ops.simulation.world import World

MOST: Final = 8
RETRY_SECONDS: Final = 0.5
RULES: Final = AttemptRules((2.0, 5.0, 15.0, 30.0), 60.0)
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
    transaction = worker.begin()
    yield "book: begun"
    for said in batch:
        if isinstance(said, Note):
            yield from transaction.lock("orders", [(said.order_hash,)])
            _note(worker, transaction, said)
    if endings:
        yield from _book(worker, transaction, endings)
    yield "book: written"
    transaction.commit()
    yield "book: committed"
    for each in again:
        yield from _write(worker, [each])


def _note(worker: Worker, transaction: Transaction, note: Note) -> None:
    order = transaction.get("orders", note.order_hash)
    assert order is not None
    if order["state"] not in _NOTED:
        return
    copy = transaction.get("copy_orders", order["copy_order_id"])
    assert copy is not None
    transaction.change(
        "orders", note.order_hash, state=note.state, trade_ids=note.trade_ids or order["trade_ids"]
    )
    if not worker.world.build.unknown_is_not_planned_again and note.state is OrderState.REJECTED:
        transaction.change("copy_orders", order["copy_order_id"], state=CopyState.PLANNED)
    elif copy["state"] in (CopyState.SUBMITTING, CopyState.UNKNOWN):
        state = CopyState.UNKNOWN if note.state is OrderState.UNKNOWN else CopyState.SUBMITTING
        transaction.change("copy_orders", order["copy_order_id"], state=state)


def lock_whose(transaction: Transaction, copies: Iterable[Row]) -> Steps[list[str]]:
    """Allocations, then their accounts, each in order of id; returns the allocations' names."""
    copies = list(copies)
    names = sorted({row["allocation_id"] for row in copies})
    yield from transaction.lock("allocations", [(name,) for name in names])
    accounts = sorted({row["account_id"] for row in copies})
    yield from transaction.lock("accounts", [(name,) for name in accounts])
    return names


def _book(worker: Worker, transaction: Transaction, endings: dict[str, Ending]) -> Steps[None]:
    world = worker.world
    orders = [row for name in sorted(endings) if (row := transaction.get("orders", name)) is not None]
    copies = [row for order in orders if (row := transaction.get("copy_orders", order["copy_order_id"]))]
    names = yield from lock_whose(transaction, copies)
    yield from transaction.lock("orders", [(name,) for name in sorted(endings)])
    found = [_to_book(transaction, name) for name in sorted(endings)]
    found.sort(key=lambda order: (order.number, order.copy_order_id, order.attempt))
    pairs = {(order.allocation_id, order.token_id) for order in found}
    lots = {
        (row["allocation_id"], row["token_id"]): stored(_open_lot(world, row))
        for row in transaction.rows("lots")
        if row["closed_by"] is None and (row["allocation_id"], row["token_id"]) in pairs
    }
    booked = {row["fill_id"] for row in transaction.rows("fills")}
    entries = Entries(world.now, RULES, lots, booked if world.build.fills_are_booked_once else set())
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
    copy = transaction.get("copy_orders", order["copy_order_id"])
    assert copy is not None
    allocation = transaction.get("allocations", copy["allocation_id"])
    market = transaction.get("markets", copy["token_id"])
    account = transaction.get("accounts", copy["account_id"])
    assert allocation is not None
    assert market is not None
    assert account is not None
    settings = ground.settings_of(allocation["settings"])
    columns = copy | {
        "order_hash": order_hash,
        "order_state": order["state"],
        "proven": order["proven"],
        "attempt": order["attempt"],
        "follower": account["wallet"],
        "copy_state": copy["state"],
        "attempts_max": settings.exit_attempts_max,
        "allocation_state": AllocationState(allocation["state"]),
        "known_market_id": market["market"].market_id,
        "tick": market["market"].tick,
        "fee_rate": market["market"].fee_rate,
    }
    return ground.made(OrderToBook, columns)


def _open_lot(world: World, row: Row) -> OpenLot:
    bought = row["bought_at"]
    ago = (world.now - bought).total_seconds() if bought is not None else None
    return ground.made(OpenLot, row | {"bought_seconds_ago": ago})


def store(world: World, transaction: Transaction, entries: Entries) -> Steps[None]:
    """Write the rows of a booking, as its statements do."""
    for lot in entries.touched:
        if lot.lot_id is None:
            lot.lot_id = world.new_id()
        row = lot.row()
        bought = any(entry["cause"] == "buy" for entry in lot.entries)
        former = transaction.get("lots", lot.lot_id)
        row["bought_at"] = world.now if bought else (former or {}).get("bought_at")
        transaction.put("lots", (lot.lot_id,), row)
    for fill in entries.fills:
        if world.build.fills_are_booked_once:
            yield from transaction.insert("fills", (fill["fill_id"],), fill)
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
    for row in entries.copy_orders:
        _update_copy(world, transaction, row)
    for row in entries.late_fills:
        former = transaction.get("copy_orders", row["copy_order_id"])
        assert former is not None
        sums = ("filled_usdc", "filled_shares", "fee_usdc", "realised_usdc")
        of = {"filled_usdc": "usdc", "filled_shares": "shares"}
        grown = {name: former[name] + row[of.get(name, name)] for name in sums}
        transaction.change("copy_orders", row["copy_order_id"], late_fill=True, **grown)


def _update_copy(world: World, transaction: Transaction, row: Row) -> None:
    former = transaction.get("copy_orders", row["copy_order_id"])
    assert former is not None
    pause = row["next_attempt_seconds"]
    reason = row["reason"] if row["reason"] is not None else former["reason"]
    sums = ("filled_shares", "filled_usdc", "fee_usdc", "realised_usdc", "attempts")
    transaction.change(
        "copy_orders",
        row["copy_order_id"],
        state=CopyState(row["state"]),
        reason=reason,
        next_attempt_at=None if pause is None else world.now + timedelta(seconds=pause),
        **{name: row[name] for name in sums},
    )


def end_plans(worker: Worker, ends: Sequence[PlanEnd]) -> Steps[None]:
    """End waiting and planned copy orders; those that went on stay."""
    transaction = worker.begin()
    copies = [row for end in ends if (row := transaction.get("copy_orders", end.copy_order_id)) is not None]
    names = yield from lock_whose(transaction, copies)
    yield from transaction.lock("copy_orders", sorted((end.copy_order_id,) for end in ends))
    for end in ends:
        row = transaction.get("copy_orders", end.copy_order_id)
        assert row is not None
        if row["state"] in (CopyState.WAITING, CopyState.PLANNED):
            state = CopyState.PARTIAL if row["filled_shares"] > 0 else end.state
            transaction.change("copy_orders", end.copy_order_id, state=state, reason=end.reason)
    follow_up(worker.world, transaction, names)
    transaction.commit()
    yield "plans ended"


def attend(worker: Worker) -> Steps[None]:
    """The net under what should have been decided when its BUY ended."""
    transaction = worker.begin()
    names = sorted({row["allocation_id"] for row in transaction.rows("copy_orders")})
    wanted = [name for name, _ in waiting_pairs(transaction, names)]
    if not wanted:
        transaction.roll_back()
        return
    rows = [row for row in transaction.rows("allocations") if row["allocation_id"] in wanted]
    locked = yield from lock_whose(transaction, rows)
    follow_up(worker.world, transaction, locked)
    transaction.commit()
    yield "attended"
