"""Everything in one place, moved one step at a time; which is next, and what breaks before it, follows from a seed."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any, Final

from eth_hash.auto import keccak

from ops.simulation.blows import goes_wrong, strike
from ops.simulation.builds import INTACT, Build
from ops.simulation.checker import Checker, refuse_what_the_database_refuses
from ops.simulation.exchange import PLAIN, Exchange, Fate, Tag
from ops.simulation.furnishing import furnish, wallet_of
from ops.simulation.logs import Log
from ops.simulation.outbox import relaying
from ops.simulation.owners import all_owners
from ops.simulation.people import deeds_of_people
from ops.simulation.scenario import BEGINNING, LEADERS, TOKENS, Scenario, fate_by_chance
from ops.simulation.stages import classify, copy_execution, reading
from ops.simulation.steps import NEVER, Program, Steps, Task
from ops.simulation.tables import Database, Row, Transaction
from ops.simulation.trading import trading
from ops.simulation.worker import Worker, job_of, put
from schemas.enums import OPEN_COPY_STATES, DeadLetterReason, OrderState
from streams.kafka.roles import RoleBook
from streams.trading.waiting_line import Job

if TYPE_CHECKING:
    from collections.abc import Sequence

STEPS_MOST: Final = 60_000
# Everything that is open is over after this long without a fault: proof of absence takes 45 s, attempts 52 s.
SECONDS_MOST: Final = 400.0
# A transaction of a stopped process is cut by the database after this (streams/tables/epochs.py).
HANG_SECONDS: Final = 4.0
_OPEN_ORDERS: Final = frozenset(
    {OrderState.SIGNED, OrderState.SUBMITTING, OrderState.UNKNOWN, OrderState.ACCEPTED}
)


class World:
    """One run."""

    def __init__(self, scenario: Scenario, seed: int, build: Build = INTACT) -> None:
        self.scenario, self.build = scenario, build
        self.chance = Random(f"steps {seed}")  # noqa: S311 (a simulation, not a secret)
        self.now: datetime = BEGINNING
        self.monotonic = 0.0
        self.steps = 0
        self.struck: Counter[str] = Counter()
        self.database = Database(refuse_what_the_database_refuses)
        self.exchange = Exchange(scenario.fee_rate)
        self.trades = Log("trades")
        self.leader_logs = [Log("copy_leader"), Log("copy_leader")]
        self.results = Log("copy_results")
        self.dead_letters: dict[str, DeadLetterReason] = {}
        self.roles = RoleBook()
        self.wallets = {account: wallet_of(account) for account in scenario.cash}
        self.tasks: dict[Task, None] = {}
        self.fates = 0
        self.people_done = False
        self._ids = 0
        self._rests_from = 0.0
        self._open_at = (-1, False)
        self._unsent_at = (-1, False)
        self.checker = Checker(self)
        self.processes: list[Program] = []
        furnish(self)
        self._people()

    # What runs --------------------------------------------------------------------------------------------------
    def _people(self) -> None:
        self.spawn(None, deeds_of_people(self))
        first, second = self.leader_logs
        begins = [
            ("classify", lambda p: reading(self, p, self.trades, classify)),
            ("copy_execution", lambda p: reading(self, p, first, copy_execution)),
            ("copy_execution", lambda p: reading(self, p, second, copy_execution)),
            ("trading", lambda p: trading(self, p)),
            ("outbox", lambda p: relaying(self, p)),
        ]
        self.processes = [Program(name, seat, begin) for seat, (name, begin) in enumerate(begins)]

    def spawn(self, process: Program | None, steps: Steps[None]) -> None:
        """A new task, of a process or of the world outside."""
        task = Task(process, steps, self.monotonic)
        self.tasks[task] = None
        if process is not None:
            process.tasks[task] = None

    def end(self, process: Program, seconds: float = 1.0) -> None:
        """A process is gone, with all it knew; it begins anew after so long."""
        for task in process.tasks:
            self.tasks.pop(task, None)
            if task.at != "running":
                task.steps.close()
        process.tasks = {}
        self.database.cut(process)
        process.starts_at = self.monotonic + seconds
        process.stopped_since, process.stopped_until = None, 0.0
        if sum(each.seat == process.seat for each in self.processes) > 1:
            self.processes.remove(process)

    # What the product asks for ----------------------------------------------------------------------------------
    def begin(self, process: Program) -> Transaction:
        """A transaction of a process; some connections break while they commit."""
        transaction = self.database.begin(process)
        if goes_wrong(self, self.scenario.faults.broken_commits):
            transaction.breaks = self.chance.choice(["before", "after"])
            self.struck["broken commit"] += 1
        return transaction

    def new_id(self) -> int:
        """A number that was never given."""
        self._ids += 1
        return self._ids

    def leader_log(self, wallet: str) -> Log:
        """The partition of a wallet."""
        return self.leader_logs[wallet == LEADERS[1]]

    def best_bid(self, token_id: str) -> Decimal | None:
        """What the book shows."""
        return Decimal("0.45") if token_id == TOKENS[0] else None

    def fate(self) -> Fate:
        """What becomes of the next POST."""
        self.fates += 1
        if self.fates <= len(self.scenario.fates):
            return self.scenario.fates[self.fates - 1]
        return fate_by_chance(self.chance) if goes_wrong(self, self.scenario.faults.bad_fates) else PLAIN

    def tag_of(self, order_hash: str) -> Tag:
        """Whose order it is, for the checker alone."""
        order = self.database.tables["orders"][order_hash,]
        return order["copy_order_id"], order["attempt"]

    def job(self, order: Row, deadline: Any) -> Job:
        """A stored order on its way."""
        return job_of(self, order, deadline)

    def put_again(self, worker: Worker, order: Row, deadline: Any) -> None:
        """A signed order that nobody holds goes into the line."""
        put(worker, job_of(self, order, deadline))

    def came_late(self, order_hash: str, seconds: float) -> None:
        """A repeat has arrived, or something when all seemed over: what follows takes so long at most."""
        if not self.something_is_open or self.database.tables["orders"][order_hash,]["posts"] > 1:
            self._rests_from = self.monotonic + seconds

    def is_looked_for(self, seconds: float) -> None:
        """Something happened at the exchange that is found by looking, within so long."""
        self._rests_from = self.monotonic + seconds

    def hash_of(self, job: Job, body: bytes) -> str:
        """The exchange's own name for these bytes."""
        if body == job.order.body:
            return job.order.order_hash
        return "0x" + keccak(body).hex()

    def bytes_to_repeat(self, job: Job) -> bytes:
        """The stored bytes; a broken build makes new ones."""
        if self.build.stored_bytes_are_posted_again:
            return job.order.body
        return job.order.body.replace(b'"salt":', b'"salt":9')

    @property
    def something_is_open(self) -> bool:
        """Whether a copy order or an order has not ended."""
        if self._open_at[0] != self.database.version:
            tables = self.database.tables
            open_now = any(row["state"] in OPEN_COPY_STATES for row in all_owners(tables))
            open_now = open_now or any(row["state"] in _OPEN_ORDERS for row in tables["orders"].values())
            self._open_at = (self.database.version, open_now)
        return self._open_at[1]

    @property
    def something_is_unsent(self) -> bool:
        """Whether the outbox holds what is not on its topic yet."""
        if self._unsent_at[0] != self.database.version:
            rows = self.database.tables["outbox"].values()
            self._unsent_at = (self.database.version, any(not row["sent"] for row in rows))
        return self._unsent_at[1]

    # How it moves -----------------------------------------------------------------------------------------------
    def run(self) -> Sequence[str]:
        """Until all is at rest; what must not be."""
        while not self.checker.findings:
            if self.steps > STEPS_MOST or self.monotonic > SECONDS_MOST:
                self.checker.say(f"not at rest after {self.monotonic:.0f} s and {self.steps} steps")
                break
            if not self._move():
                break
        if not self.checker.findings:
            self.checker.at_rest()
        return self.checker.findings

    def _move(self) -> bool:
        self._start_and_wake()
        ready = self._ready()
        if not ready:
            return self._pass_time()
        task = self.chance.choice(ready)
        self.steps += 1
        self._advance(self.chance.random() * 0.01)
        if strike(self, task):
            return True
        version = self.database.version
        former, task.at = task.at, "running"
        goes_on = task.go_on(self.monotonic)
        if task.at == "running":
            task.at = former
        if not goes_on:
            self.tasks.pop(task, None)
            if task.process is not None:
                task.process.tasks.pop(task, None)
        if self.database.version != version:
            self.checker.committed()
        return True

    def _ready(self) -> list[Task]:
        """The tasks that can go on now."""
        now = self.monotonic
        return [
            task
            for task in self.tasks
            if (task.wakes_at <= now or (task.until is not None and task.until())) and not _is_stopped(task)
        ]

    def _pass_time(self) -> bool:
        if self._is_at_rest():
            return False
        moments = [task.wakes_at for task in self.tasks if not _is_stopped(task)]
        for process in self.processes:
            if process.starts_at is not None:
                moments.append(process.starts_at)
            if process.stopped_since is not None:
                moments.append(process.stopped_until)
        soonest = min((moment for moment in moments if moment > self.monotonic), default=NEVER)
        if soonest == NEVER:
            return False
        self._advance(soonest - self.monotonic)
        return True

    def _is_at_rest(self) -> bool:
        if self.monotonic < self._rests_from:
            return False
        read = self.trades.read_to_the_end and all(log.read_to_the_end for log in self.leader_logs)
        outside = any(task.process is None for task in self.tasks)
        stopped = any(process.stopped_since is not None or not process.running for process in self.processes)
        return self.people_done and read and not outside and not stopped and not self._is_busy

    @property
    def _is_busy(self) -> bool:
        return self.something_is_open or self.something_is_unsent

    def _advance(self, seconds: float) -> None:
        self.monotonic += seconds
        self.now += timedelta(seconds=seconds)

    def _start_and_wake(self) -> None:
        for process in self.processes:
            if process.starts_at is not None and process.starts_at <= self.monotonic:
                process.starts_at = None
                process.lives += 1
                self.spawn(process, process.begin(process))
            if process.stopped_since is None:
                continue
            if self.monotonic >= process.stopped_since + HANG_SECONDS:
                self.database.cut(process)
            if process.stopped_until <= self.monotonic:
                process.stopped_since = None


def _is_stopped(task: Task) -> bool:
    return task.process is not None and task.process.stopped_since is not None
