"""The trading process: claims, looks, posts, books, reconciles, sweeps; several loops that die together.

Bytes, answers, endings, bookings and proof are the product's own; the loops around them are said again here, because
the real ones are bound to sockets and to the database's driver.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from ops.simulation.bookkeeping import attend, bookkeeping, end_plans
from ops.simulation.by_hand import deciding_by_hand
from ops.simulation.claiming import claiming
from ops.simulation.last_look import HOLD, look
from ops.simulation.owners import all_owners, owner_of, table_of
from ops.simulation.reconciling import reconciling
from ops.simulation.steps import Program, Steps
from ops.simulation.tables import ConnectionLost, Row, Transaction
from ops.simulation.wire import posting
from ops.simulation.worker import Worker, fenced, let_go, put
from schemas.enums import CopyState, OrderState, Reason, Side
from streams.tables.orders import Note
from streams.trading.endings import Ending
from streams.trading.terms import PlanEnd
from streams.trading.verdicts import dropped, fills_of_order, learnt
from streams.trading.waiting_line import Job
from streams.venues.answers import Verdict

if TYPE_CHECKING:
    from ops.simulation.world import World

HOLD_SECONDS: Final = 0.5
COLLECT_PAUSES: Final = (0.0, 0.1, 0.3, 1.0)
RETRY_SECONDS: Final = 0.5
LINE_SECONDS: Final = 0.1


def trading(world: World, process: Program) -> Steps[None]:
    """One life of a worker: take the epoch, doubt what the dead left, then trade."""
    epoch = 0
    while not epoch:
        try:
            transaction = world.begin(process)
            yield from transaction.lock("worker_epochs", [("trading",)])
            former = transaction.get("worker_epochs", "trading")
            newest = (former["epoch"] if former else 0) + 1
            transaction.put("worker_epochs", ("trading",), {"epoch": newest})
            yield from _doubt_the_dead(transaction, newest)
            yield "trading: epoch taken"
            transaction.commit()
            epoch = newest
        except ConnectionLost:
            yield RETRY_SECONDS
    worker = Worker(world, process, epoch)
    loops: tuple[Callable[[Worker], Steps[None]], ...] = (
        deciding_by_hand,
        claiming,
        sending,
        bookkeeping,
        reconciling,
        sweeping,
    )
    for loop in loops:
        world.spawn(process, fenced(worker, loop(worker)))


def _doubt_the_dead(transaction: Transaction, epoch: int) -> Steps[None]:
    for order in [row for row in transaction.rows("orders") if _left(row, epoch)]:
        order_hash, name = order["order_hash"], order["copy_order_id"]
        # What the dead one is still committing is waited for, and looked at again, as an UPDATE does.
        yield from transaction.lock("orders", [(order_hash,)])
        now = transaction.get("orders", order_hash)
        if now is None or not _left(now, epoch):
            continue
        transaction.change("orders", order_hash, state=OrderState.UNKNOWN)
        # An exit order has no such state of its own.
        if table_of(name) == "exit_orders":
            continue
        yield from transaction.lock(table_of(name), [(name,)])
        if owner_of(transaction, name)["state"] is CopyState.SUBMITTING:
            transaction.change(table_of(name), name, state=CopyState.UNKNOWN)


def _left(order: Row, epoch: int) -> bool:
    return order["state"] is OrderState.SUBMITTING and order["worker_epoch"] < epoch


def sending(worker: Worker) -> Steps[None]:
    """What is in the line goes out, each after its last look."""
    world = worker.world
    while True:
        yield lambda: len(worker.line) > 0
        jobs = worker.line.take(world.monotonic)
        if not jobs:
            pause = worker.line.seconds_to_next(world.monotonic)
            yield min(LINE_SECONDS, pause or LINE_SECONDS)
        for job in jobs:
            try:
                verdict = yield from look(worker, job, OrderState.SIGNED)
            except ConnectionLost:
                let_go(worker, job)
                yield RETRY_SECONDS
                continue
            if verdict is None:
                world.spawn(worker.process, fenced(worker, posted(worker, job)))
            elif verdict == HOLD:
                worker.line.done(job)
                put(worker, job, world.monotonic + HOLD_SECONDS)
            elif verdict:
                worker.line.done(job)
                world.spawn(worker.process, fenced(worker, _drop(worker, job, Reason(verdict))))
            else:
                let_go(worker, job)


def _drop(worker: Worker, job: Job, reason: Reason) -> Steps[None]:
    worker.submit(dropped(job.order.order_hash, reason))
    yield lambda: not worker.queued.get(job.order.order_hash)
    let_go(worker, job)


def posted(worker: Worker, job: Job) -> Steps[None]:
    """One POST, and what its answer says."""
    answer = yield from posting(worker.world, worker.epoch, job)
    order_hash = job.order.order_hash
    if answer.verdict is Verdict.MATCHED:
        worker.line.done(job)
        yield from _collect(worker, job, set(answer.trade_ids))
    elif answer.verdict is Verdict.WAIT:
        until = worker.world.monotonic + answer.wait_seconds
        worker.line.done(job)
        worker.submit(Note(order_hash, OrderState.SIGNED, "the exchange takes no orders now", answer.words))
        yield lambda: not worker.queued.get(order_hash)
        put(worker, job, until)
        return
    elif answer.verdict is Verdict.UNKNOWN and not worker.world.build.unknown_is_not_planned_again:
        worker.submit(Note(order_hash, OrderState.REJECTED, "taken for refused"))
    else:
        worker.submit(learnt(order_hash, answer))
    let_go(worker, job)


def _collect(worker: Worker, job: Job, wanted: set[str]) -> Steps[None]:
    world = worker.world
    for pause in COLLECT_PAUSES:
        yield pause
        yield "fills: asked"
        found = world.exchange.fills(job.wallet.address.lower(), world.now)
        own = fills_of_order(found, job.order.order_hash)
        if own and wanted <= {fill.trade_id for fill in own}:
            worker.submit(Ending(job.order.order_hash, OrderState.MATCHED, "matched", own))
            return
    note = Note(job.order.order_hash, OrderState.MATCHED, "not listed yet", None, tuple(sorted(wanted)))
    worker.submit(note)


def sweeping(worker: Worker) -> Steps[None]:
    """What nothing else would end; and what waits behind no BUY any more."""
    world = worker.world
    while True:
        yield lambda: world.something_is_open
        yield 1.0
        try:
            late = world.now - timedelta(seconds=5)
            owners = all_owners(world.database.tables)
            ends = [end for row in owners if (end := _over(world, row, late))]
            if ends:
                yield from end_plans(worker, ends)
            yield from attend(worker)
        except ConnectionLost:
            yield RETRY_SECONDS


def _over(world: World, row: Row, late: object) -> PlanEnd | None:
    if row["state"] not in (CopyState.WAITING, CopyState.PLANNED):
        return None
    name = row["copy_order_id"]
    following = (
        world.database.tables["allocations"].get((row["allocation_id"],)) if "message" in row else None
    )
    if following is not None and following["state"] == "ended":
        state = CopyState.UNFILLED if row["attempts"] else CopyState.SKIPPED
        return PlanEnd(name, state, "the following has ended", Reason.FOLLOWING_ENDED)
    if row["side"] is Side.BUY and row["state"] is CopyState.PLANNED and row["deadline"] < late:
        return PlanEnd(name, CopyState.EXPIRED, "it could not be sent in time", Reason.TOO_OLD)
    return None
