"""One POST on its way: the bytes may arrive late or never, the answer may be lost, and who sent them may be dead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from ops.simulation.exchange import Fate, Placed, Tag
from ops.simulation.steps import Steps
from streams.trading.waiting_line import Job
from streams.venues.answers import Answer, Verdict, sort_answer

if TYPE_CHECKING:
    from ops.simulation.world import World

POST_SECONDS: Final = 5.0
# What arrives at the exchange when all seemed over is looked for within this, also by a worker that is stopped first.
LATE_SECONDS: Final = 70.0
_TIMED_OUT: Final = Answer(Verdict.UNKNOWN, "no answer")


class Sent(NamedTuple):
    """Bytes on the wire."""

    job: Job
    body: bytes
    tag: Tag


def posting(world: World, epoch: int, job: Job, body: bytes | None = None) -> Steps[Answer]:
    """POST the job's bytes once; whatever the wire does, there is an answer, unknown where nobody can tell."""
    tag = world.tag_of(job.order.order_hash)
    fate = world.fate()
    yield "post: about to leave"
    came: list[tuple[int, bytes]] = []
    if world.database.tables["worker_epochs"]["trading",]["epoch"] == epoch:
        # What leaves a worker that slept until another took over is no proof's to foresee: late fills are its net.
        world.checker.left(job.order.order_hash)
    if fate.arrives is not None:
        world.spawn(None, _travel(world, Sent(job, body or job.order.body, tag), fate, came))
    yield lambda: bool(came), POST_SECONDS
    yield "post: answered"
    if not came:
        return _TIMED_OUT
    status, answer = came[0]
    headers = {"retry-after": "1"} if status == 425 else {}
    return sort_answer(status, answer, headers, job.order.order_hash)


def _travel(world: World, sent: Sent, fate: Fate, came: list[tuple[int, bytes]]) -> Steps[None]:
    assert fate.arrives is not None
    yield fate.arrives
    order_hash = world.hash_of(sent.job, sent.body)
    known = order_hash in world.exchange.orders
    answer = world.exchange.arrive(sent.body, order_hash, sent.tag, fate, world.now)
    world.checker.arrived(order_hash, sent.tag)
    world.came_late(sent.job.order.order_hash, LATE_SECONDS)
    placed = world.exchange.orders.get(order_hash)
    if fate.fails is not None and placed is not None and placed.fills and not known:
        world.spawn(None, _settlement_fails(world, placed, fate.fails))
    if fate.answers is not None:
        yield fate.answers
        came.append(answer)


def _settlement_fails(world: World, placed: Placed, seconds: float) -> Steps[None]:
    yield seconds
    world.exchange.fail(placed)
    world.is_looked_for(LATE_SECONDS)
