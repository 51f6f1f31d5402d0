"""The reconciler and the look for late fills: what nobody knows is looked up, repeated, and proven (SAFETY R5)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ops.simulation.last_look import look
from ops.simulation.owners import owner_in
from ops.simulation.settling import follow_settlements
from ops.simulation.steps import Steps
from ops.simulation.tables import ConnectionLost, Row
from ops.simulation.wire import posting
from schemas.enums import CopyState, OrderState, Reason, Side
from streams.tables.orders import Note
from streams.trading.endings import Ending
from streams.trading.proof import Doubt, ProofRules, Step
from streams.trading.verdicts import fills_of_order, learnt
from streams.trading.waiting_line import Job
from streams.venues.answers import Verdict
from streams.venues.trades import FillSeen
from streams.venues.venue import OrderSeen

if TYPE_CHECKING:
    from ops.simulation.worker import Worker

EVERY_SECONDS: Final = 1.0
POST_SECONDS: Final = 5.0
REST_SECONDS: Final = 10.0
OPEN_LOOK_SECONDS: Final = 2.0
LATE_EVERY_SECONDS: Final = 10.0
RULES: Final = ProofRules(5, 45.0, POST_SECONDS, 5.0, 3)
HASTY: Final = replace(RULES, looks=2, seconds=0.0, post_seconds=0.0, repeat_seconds=1e9)
_DOUBTFUL: Final = (OrderState.UNKNOWN, OrderState.SUBMITTING, OrderState.ACCEPTED, OrderState.MATCHED)


def reconciling(worker: Worker) -> Steps[None]:
    """A pass each second over everything that is neither over nor in the sender's hands."""
    world = worker.world
    late_looked_at = 0.0
    while True:
        wait = EVERY_SECONDS if world.something_is_open else LATE_EVERY_SECONDS
        yield lambda: world.something_is_open, wait
        yield EVERY_SECONDS
        try:
            for order in sorted(world.database.rows("orders"), key=lambda row: str(row["order_hash"])):
                yield from _attend_to(worker, order)
            yield from follow_settlements(worker)
            if world.monotonic - late_looked_at >= LATE_EVERY_SECONDS and world.build.late_fills_are_booked:
                late_looked_at = world.monotonic
                _look_for_late_fills(worker)
        except ConnectionLost:
            yield EVERY_SECONDS


def _attend_to(worker: Worker, order: Row) -> Steps[None]:
    world, state = worker.world, order["state"]
    if worker.in_hand(order["order_hash"]):
        return
    if state is OrderState.SIGNED:
        owner = owner_in(world.database.tables, order["copy_order_id"])
        world.put_again(worker, order, owner["deadline"])
    elif state in _DOUBTFUL and not order["proven"]:
        since = (world.now - (order["last_posted_at"] or order["signed_at"])).total_seconds()
        if state is not OrderState.SUBMITTING or since > POST_SECONDS:
            yield from _look_at(worker, order, since)


def _look_at(worker: Worker, order: Row, since: float) -> Steps[None]:
    world, now = worker.world, worker.world.monotonic
    rules = _rules(worker)
    doubt = worker.doubts.setdefault(order["order_hash"], Doubt(now - since))
    if order["state"] in (OrderState.ACCEPTED, OrderState.MATCHED):
        due = now - doubt.last_look_at >= OPEN_LOOK_SECONDS
    else:
        due = rules.look_is_due(doubt, now)
    if not due:
        if order["state"] is OrderState.UNKNOWN:
            yield from _act(worker, order, doubt)
        return
    yield "look: asked"
    wallet = world.wallets[order["account_id"]]
    seen = world.exchange.look_up(order["order_hash"])
    found = world.exchange.fills(wallet.address.lower(), world.now)
    fills = fills_of_order(found, order["order_hash"])
    yield from _judge(worker, order, doubt, seen, fills)


def _judge(
    worker: Worker,
    order: Row,
    doubt: Doubt,
    seen: OrderSeen | None,
    fills: tuple[FillSeen, ...],
) -> Steps[None]:
    world, now, name = worker.world, worker.world.monotonic, order["order_hash"]
    rules = _rules(worker)
    if seen is not None:
        doubt.last_look_at = now
        if order["state"] is not OrderState.ACCEPTED:
            yield from _commit(worker, Note(name, OrderState.ACCEPTED, "the exchange shows it open"))
        if now - doubt.posted_at >= REST_SECONDS:
            yield "cancel: sent"
            world.exchange.cancel(name)
    elif fills and set(order["trade_ids"]) <= {fill.trade_id for fill in fills}:
        yield from _commit(worker, Ending(name, OrderState.MATCHED, "found by its trades", fills))
    elif fills or order["state"] is OrderState.MATCHED:
        doubt.last_look_at = now
    else:
        if order["state"] is not OrderState.UNKNOWN:
            yield from _commit(worker, Note(name, OrderState.UNKNOWN, "the exchange does not show it"))
        if rules.counts(doubt, now):
            doubt.saw_nothing(now)
        yield from _act(worker, order, doubt)


def _commit(worker: Worker, said: Ending | Note) -> Steps[None]:
    worker.submit(said)
    yield lambda: not worker.queued.get(said.order_hash)


def _rules(worker: Worker) -> ProofRules:
    return RULES if worker.world.build.absence_takes_its_time else HASTY


def _act(worker: Worker, order: Row, doubt: Doubt) -> Steps[None]:
    world, now, name = worker.world, worker.world.monotonic, order["order_hash"]
    deadline = owner_in(world.database.tables, order["copy_order_id"])["deadline"]
    fresh = order["side"] is Side.SELL or world.now <= deadline
    if not world.build.repeats_are_looked_at:
        fresh = True
    step = _rules(worker).next_step(doubt, now, fresh=fresh)
    if step is Step.GIVE_UP:
        ending = Ending(name, OrderState.KILLED, "five looks showed nothing", reason=Reason.NOT_FOUND)
        yield from _commit(worker, ending)
    elif step is Step.REPEAT:
        yield from _repeat(worker, world.job(order, deadline), doubt)


def _repeat(worker: Worker, job: Job, doubt: Doubt) -> Steps[None]:
    """The same bytes once more, after the same look."""
    world, name = worker.world, job.order.order_hash
    now = world.monotonic
    worker.held.add(name)
    arrived = True
    try:
        verdict = yield from look(worker, job, OrderState.UNKNOWN)
        if verdict is None:
            answer = yield from posting(world, worker.epoch, job, world.bytes_to_repeat(job))
            arrived = answer.arrived
            if answer.verdict is Verdict.MATCHED:
                worker.submit(Note(name, OrderState.MATCHED, "matched", None, answer.trade_ids))
            else:
                worker.submit(learnt(name, answer))
    finally:
        worker.held.discard(name)
    doubt.posted_again(now)
    doubt.arrived = arrived


def _look_for_late_fills(worker: Worker) -> None:
    world = worker.world
    for order in world.database.rows("orders"):
        owner = owner_in(world.database.tables, order["copy_order_id"])
        if order["state"] not in (OrderState.KILLED, OrderState.REJECTED):
            continue
        # Posted once only and refused: nobody else has its bytes on the way.
        if owner["reason"] != Reason.NOT_FOUND and order["posts"] < 2:
            continue
        wallet = world.wallets[order["account_id"]]
        fills = fills_of_order(world.exchange.fills(wallet.address.lower(), world.now), order["order_hash"])
        if fills and owner["state"] is not CopyState.SUBMITTING:
            worker.submit(Ending(order["order_hash"], OrderState.MATCHED, "a fill came after the end", fills))
