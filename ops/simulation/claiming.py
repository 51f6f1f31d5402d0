"""Plans become signed, stored orders before anything is posted; bytes and hashes are the product's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ops.simulation import ground
from ops.simulation.bookkeeping import end_plans
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
    copies = world.database.tables["copy_orders"].values()
    found = [row for row in copies if row["state"] is CopyState.PLANNED]
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
        if not transaction.try_lock("copy_orders", (name,)):
            continue
        row = transaction.get("copy_orders", name)
        assert row is not None
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
            "last_posted_at": None,
            "posts": 0,
            "proven": False,
            "trade_ids": (),
            "filled_shares": ground.ZERO,
            "salt": salt_of(name, made.attempt),
        }
        yield from transaction.insert("orders", (made.order_hash,), order)
        transaction.change("copy_orders", name, state=CopyState.SUBMITTING, next_attempt_at=None)
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
    lot = open_lot(transaction, row["allocation_id"], row["token_id"])
    market = transaction.get("markets", row["token_id"])
    allocation = transaction.get("allocations", row["allocation_id"])
    assert allocation is not None
    left = None
    if row["side"] is Side.SELL:
        left = min(row["shares"] - row["filled_shares"], lot["shares"] if lot else ground.ZERO)
    columns = row | {
        "shares_left": left,
        "tick": market["market"].tick if market else None,
        "former_attempt": last["attempt"] if last else 0,
        "former_limit": last["limit_price"] if last else None,
        "leader_price": row["message"].price if last else None,
        "settings": ground.settings_of(allocation["settings"]).model_dump() if last else None,
    }
    return ground.made(Plan, columns)


def open_lot(transaction: Transaction, allocation_id: str, token_id: str) -> Row | None:
    """The open lot of an allocation in a token."""
    for row in transaction.rows("lots"):
        if row["closed_by"] is None and (row["allocation_id"], row["token_id"]) == (allocation_id, token_id):
            return row
    return None
