"""The look right before every POST, as the statement `look_before_post.sql` makes it: in one piece, under a lock."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ops.simulation.owners import owner_of
from ops.simulation.steps import Steps
from ops.simulation.tables import Row, Transaction
from schemas.enums import OrderState, Reason, Side
from streams.trading.waiting_line import Job

if TYPE_CHECKING:
    from ops.simulation.worker import Worker

HOLD: Final = "HOLD"
CHANGED: Final = ""


def look(worker: Worker, job: Job, state: OrderState) -> Steps[str | None]:
    """None: marked as posted, it may go. Else the reason that stops it, HOLD, or nothing at all: it changed."""
    world, order_hash = worker.world, job.order.order_hash
    transaction = worker.begin()
    yield from transaction.lock("orders", [(order_hash,)])
    order = transaction.get("orders", order_hash)
    if order is None or order["state"] is not state:
        transaction.roll_back()
        return CHANGED
    first = state is OrderState.SIGNED
    looked = world.build.posts_are_looked_at if first else world.build.repeats_are_looked_at
    verdict = _objection(worker, transaction, order) if looked else None
    if verdict is None:
        changes: Row = {"state": OrderState.SUBMITTING, "posts": order["posts"] + 1}
        changes |= {"last_posted_at": world.now, "worker_epoch": worker.epoch}
        changes |= {"posted_at": order["posted_at"] or world.now}
        transaction.change("orders", order_hash, **changes)
        world.checker.goes_out(order, world.now)
    yield "look: written"
    transaction.commit()
    yield "look: committed"
    return verdict


def _objection(worker: Worker, transaction: Transaction, order: Row) -> str | None:
    owner = owner_of(transaction, order["copy_order_id"])
    # What its owner sells by hand is no matter of the following.
    following = transaction.get("allocations", owner["allocation_id"]) if "message" in owner else None
    switch = transaction.get("switches", "buys")
    if following is not None and following["state"] == "ended":
        return Reason.FOLLOWING_ENDED
    if order["side"] is Side.SELL:
        return None
    if switch is not None and switch["stopped"]:
        return Reason.BUYS_STOPPED
    if following is not None and following["state"] != "active":
        return Reason.PAUSED
    return Reason.TOO_OLD if worker.world.now > owner["deadline"] else None
