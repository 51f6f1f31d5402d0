"""One life of the trading process: what it knows, and its hands on orders."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ops.simulation.steps import Program, Steps
from ops.simulation.tables import Row, Transaction
from schemas.enums import Venue
from streams.tables.orders import Note
from streams.trading.endings import Ending
from streams.trading.proof import Doubt
from streams.trading.waiting_line import Job, WaitingLine
from streams.venues.orders import SignedBytes

if TYPE_CHECKING:
    from ops.simulation.world import World


class EpochLost(Exception):
    """A newer worker has begun."""


@dataclass(slots=True)
class Worker:
    """What one life of the trading process knows."""

    world: World
    process: Program
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


def fenced(worker: Worker, steps: Steps[None]) -> Steps[None]:
    """A loop, or one deed: the whole process ends when its epoch is over."""
    try:
        yield from steps
    except EpochLost:
        worker.world.end(worker.process)


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
