"""Plans become signed, stored orders before anything is posted; bytes and hashes are the product's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ops.simulation import ground
from ops.simulation.bookkeeping import end_plans
from ops.simulation.owners import all_owners, owner_of, pair_of, table_of
from ops.simulation.steps import Steps
from ops.simulation.tables import ConnectionLost, Row, Transaction
from ops.simulation.worker import Worker, job_of, put
from schemas.enums import CopyState, OrderState, Side
from streams.tables.plans import Plan
from streams.trading.identity import salt_of
from streams.trading.terms import PlanEnd, signed_order
from streams.trading.waiting_line import Job

if TYPE_CHECKING:
    from ops.simulation.world import World

RETRY_SECONDS: Final = 0.5
POLL_SECONDS: Final = 0.5


def claiming(worker: Worker) -> Steps[None]:
    """Plans become signed, stored orders."""
    world = worker.world
    while True:
        yield lambda: bool(_planned(world, worker))
        if not _due(world, worker):
            yield POLL_SECONDS
            continue
        try:
            yield from _claim(worker)
        except ConnectionLost:
            yield RETRY_SECONDS


def _planned(world: World, worker: Worker) -> list[Row]:
    """Plans, looked for when something was committed since there were none."""
    if world.database.version == worker.claimed:
        return []
    owners = all_owners(world.database.tables)
    found = [row for row in owners if row["state"] is CopyState.PLANNED]
    if not found:
        worker.claimed = world.database.version
    return found


def _due(world: World, worker: Worker) -> list[Row]:
    planned = _planned(world, worker)
    return [row for row in planned if row["next_attempt_at"] is None or row["next_attempt_at"] <= world.now]


def _claim(worker: Worker) -> Steps[None]:
    world = worker.world
    transaction = worker.begin()
    jobs: list[Job] = []
    yield "claim: looked"
    ends: list[PlanEnd] = []
    for found in sorted(_due(world, worker), key=lambda row: (row["side"] is Side.BUY, row["copy_order_id"])):
        name = found["copy_order_id"]
        if not transaction.try_lock(table_of(name), (name,)):
            continue
        row = owner_of(transaction, name)
        if row["state"] is not CopyState.PLANNED:
            continue
        plan = _plan(transaction, row)
        made = signed_order(plan, world.wallets[row["account_id"]], world.best_bid(row["token_id"]))
        if isinstance(made, PlanEnd):
            ends.append(made)
            continue
        order = {
            "order_hash": made.order_hash,
            "copy_order_id": name,
            "attempt": made.attempt,
            "account_id": row["account_id"],
            "side": row["side"],
            "token_id": row["token_id"],
            "limit_price": made.limit_price,
            "body": made.body,
            "state": OrderState.SIGNED,
            "worker_epoch": worker.epoch,
            "signed_at": world.now,
            "posted_at": None,
            "last_posted_at": None,
            "posts": 0,
            "proven": False,
            "trade_ids": (),
            "filled_shares": ground.ZERO,
            "salt": salt_of(name, made.attempt),
        }
        yield from transaction.insert("orders", (made.order_hash,), order)
        transaction.change(table_of(name), name, state=CopyState.SUBMITTING, next_attempt_at=None)
        jobs.append(job_of(world, order, row["deadline"]))
    yield "claim: stored"
    transaction.commit()
    yield "claim: committed"
    if ends:
        yield from end_plans(worker, ends)
    for job in jobs:
        put(worker, job)


def _plan(transaction: Transaction, row: Row) -> Plan:
    former = [o for o in transaction.rows("orders") if o["copy_order_id"] == row["copy_order_id"]]
    last = max(former, key=lambda order: int(order["attempt"]), default=None)
    lot = open_lot(transaction, pair_of(row))
    if lot is not None and row.get("lot_id", lot["lot_id"]) != lot["lot_id"]:
        lot = None  # what was to be sold by hand is gone; this one came after it
    market = transaction.get("markets", row["token_id"])
    following = transaction.get("allocations", row["allocation_id"]) if "message" in row else None
    again = following if last else None
    left = None
    if row["side"] is Side.SELL:
        left = min(row["shares"] - row["filled_shares"], lot["shares"] if lot else ground.ZERO)
    columns = row | {
        "shares_left": left,
        "tick": market["market"].tick if market else None,
        "former_attempt": last["attempt"] if last else 0,
        "former_limit": last["limit_price"] if last else None,
        "leader_price": row["message"].price if again else None,
        "settings": ground.settings_of(again["settings"]).model_dump() if again else None,
    }
    return ground.made(Plan, columns)


def open_lot(transaction: Transaction, pair: tuple[str, str]) -> Row | None:
    """The open lot of a pair."""
    for row in transaction.rows("lots"):
        if row["closed_by"] is None and pair_of(row) == pair:
            return row
    return None
