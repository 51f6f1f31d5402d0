"""The trading process: claims, looks, posts, books, reconciles, sweeps; several loops that die together.

Bytes, answers, endings, bookings and proof are the product's own; the loops around them are said again here, because
the real ones are bound to sockets and to the database's driver.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from ops.simulation import ground
from ops.simulation.bookkeeping import attend, bookkeeping, end_plans
from ops.simulation.last_look import HOLD, look
from ops.simulation.reconciling import reconciling
from ops.simulation.steps import Process, Steps
from ops.simulation.tables import ConnectionLost, Row, Transaction
from ops.simulation.wire import posting
from schemas.enums import CopyState, OrderState, Reason, Side, Venue
from streams.tables.orders import Note
from streams.tables.plans import Plan
from streams.trading.endings import Ending
from streams.trading.identity import salt_of
from streams.trading.proof import Doubt
from streams.trading.terms import PlanEnd, signed_order
from streams.trading.verdicts import dropped, fills_of_order, learnt
from streams.trading.waiting_line import Job, WaitingLine
from streams.venues.answers import Verdict
from streams.venues.orders import SignedBytes

if TYPE_CHECKING:
    from ops.simulation.world import World

HOLD_SECONDS: Final = 0.5
COLLECT_PAUSES: Final = (0.0, 0.1, 0.3, 1.0)
RETRY_SECONDS: Final = 0.5
POLL_SECONDS: Final = 0.5
LINE_SECONDS: Final = 0.1


class EpochLost(Exception):
    """A newer worker has begun."""


@dataclass(slots=True)
class Worker:
    """What one life of the trading process knows."""

    world: World
    process: Process
    epoch: int
    line: WaitingLine = field(default_factory=lambda: WaitingLine(8))
    held: set[str] = field(default_factory=set)
    doubts: dict[str, Doubt] = field(default_factory=dict)
    queue: list[Ending | Note] = field(default_factory=list)
    queued: dict[str, int] = field(default_factory=dict)
    claimed: int = -1

    def begin(self) -> Transaction:
        """A transaction that only the newest worker may make. Raises ``EpochLost``."""
        transaction = self.world.begin(self.process)
        newest = transaction.get("worker_epochs", "trading")
        if newest is None or newest["epoch"] != self.epoch:
            transaction.roll_back()
            raise EpochLost
        return transaction

    def submit(self, said: Ending | Note) -> None:
        """To be booked."""
        self.queue.append(said)
        self.queued[said.order_hash] = self.queued.get(said.order_hash, 0) + 1

    def in_hand(self, order_hash: str) -> bool:
        """Under way here, or over with only the writing left."""
        return order_hash in self.held or bool(self.queued.get(order_hash))


def trading(world: World, process: Process) -> Steps[None]:
    """One life of a worker: take the epoch, doubt what the dead left, then trade."""
    epoch = 0
    while not epoch:
        try:
            transaction = world.begin(process)
            yield from transaction.lock("worker_epochs", [("trading",)])
            former = transaction.get("worker_epochs", "trading")
            newest = (former["epoch"] if former else 0) + 1
            transaction.put("worker_epochs", ("trading",), {"epoch": newest})
            _doubt_the_dead(transaction, newest)
            yield "trading: epoch taken"
            transaction.commit()
            epoch = newest
        except ConnectionLost:
            yield RETRY_SECONDS
    worker = Worker(world, process, epoch)
    loops: tuple[Callable[[Worker], Steps[None]], ...] = (
        claiming,
        sending,
        bookkeeping,
        reconciling,
        sweeping,
    )
    for loop in loops:
        world.spawn(process, fenced(worker, loop(worker)))


def fenced(worker: Worker, steps: Steps[None]) -> Steps[None]:
    """A loop, or one deed: the whole process ends when its epoch is over."""
    try:
        yield from steps
    except EpochLost:
        worker.world.end(worker.process)


def _doubt_the_dead(transaction: Transaction, epoch: int) -> None:
    for order in list(transaction.rows("orders")):
        if order["state"] is OrderState.SUBMITTING and order["worker_epoch"] < epoch:
            transaction.change("orders", order["order_hash"], state=OrderState.UNKNOWN)
            copy = transaction.get("copy_orders", order["copy_order_id"])
            assert copy is not None
            if copy["state"] is CopyState.SUBMITTING:
                transaction.change("copy_orders", order["copy_order_id"], state=CopyState.UNKNOWN)


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


def job_of(world: World, order: Row, deadline: object) -> Job:
    """An order on its way out."""
    assert deadline is None or hasattr(deadline, "timestamp")
    return Job(
        SignedBytes(order["order_hash"], order["body"]),
        world.wallets[order["account_id"]],
        Venue.PAPER,
        order["side"],
        order["token_id"],
        order["signed_at"],
        deadline,  # type: ignore[arg-type]
    )


def put(worker: Worker, job: Job, not_before: float = 0.0) -> None:
    """Into the line; it is in our hands from here on."""
    worker.held.add(job.order.order_hash)
    worker.line.put(job, not_before)


def let_go(worker: Worker, job: Job) -> None:
    """Out of our hands."""
    worker.line.done(job)
    worker.held.discard(job.order.order_hash)


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
    answer = yield from posting(worker.world, job)
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
            ends = [end for row in world.database.rows("copy_orders") if (end := _over(world, row, late))]
            if ends:
                yield from end_plans(worker, ends)
            yield from attend(worker)
        except ConnectionLost:
            yield RETRY_SECONDS


def _over(world: World, row: Row, late: object) -> PlanEnd | None:
    if row["state"] not in (CopyState.WAITING, CopyState.PLANNED):
        return None
    allocation = world.database.tables["allocations"][row["allocation_id"],]
    name = row["copy_order_id"]
    if allocation["state"] == "ended":
        state = CopyState.UNFILLED if row["attempts"] else CopyState.SKIPPED
        return PlanEnd(name, state, "the following has ended", Reason.FOLLOWING_ENDED)
    if row["side"] is Side.BUY and row["state"] is CopyState.PLANNED and row["deadline"] < late:
        return PlanEnd(name, CopyState.EXPIRED, "it could not be sent in time", Reason.TOO_OLD)
    return None
