"""Prometheus figures of the streams process; copy and smart told apart wherever both are counted."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)

from schemas.enums import DeadLetterReason
from streams.classify.sorting import Outcome
from streams.copy_execution.answers import DecidedAs
from streams.kafka.guard import Handled, Received
from streams.smart_trader.recommending import Recommended

# From half a millisecond to a minute: an order should be out in 15 ms, a message older than 60 s is not copied.
SECONDS: Final = (0.0005, 0.001, 0.002, 0.004, 0.008, 0.015, 0.03, 0.06, 0.12, 0.25, 0.5, 1, 2, 5, 15, 60)
ROWS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000)
# A stage that is idle between two looks of Prometheus still shows how late its last batch was, for this long.
RECENT_SECONDS: Final = 5.0
# What stopped a second copy of one trade: the leader's number was decided already (a message came again, as messages
# do), or the database refused the row, which means that nothing before it saw it.
GUARDS: Final = ("decided", "database")


class Metrics:
    """All figures of this process, in a registry of their own."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.registry = CollectorRegistry()
        self._now = now
        self._last: dict[str, tuple[float, float]] = {}
        new = self.registry
        ProcessCollector(registry=new)
        PlatformCollector(registry=new)
        stage = ("stage",)
        self._messages = Counter("polycool_messages", "Messages handled", stage, registry=new)
        said = "Messages handled in one transaction"
        self._batch = Histogram("polycool_batch_messages", said, stage, buckets=ROWS, registry=new)
        self._handling = Histogram(
            "polycool_handling_seconds",
            "One batch, from its cut until its effects were durable and its sends handed over",
            stage,
            buckets=SECONDS,
            registry=new,
        )
        self._latency = Histogram(
            "polycool_append_to_handled_seconds",
            "From the broker's append time until handled: the oldest message of each batch",
            stage,
            buckets=SECONDS,
            registry=new,
        )
        self._lag = Gauge(
            "polycool_lag_seconds", "Age of the oldest message that is not handled yet", stage, registry=new
        )
        self._partitions = Gauge(
            "polycool_partitions_assigned", "Partitions this process reads", stage, registry=new
        )
        self.broker_up = Gauge(
            "polycool_broker_up", "Whether the broker answered the last look (1) or not (0)", registry=new
        )
        self._prevented = Counter(
            "polycool_duplicates_prevented",
            "Second copies of a trade that were stopped, by what stopped them",
            ("guard",),
            registry=new,
        )
        for guard in GUARDS:
            self._prevented.labels(guard)
        self._dead = Counter(
            "polycool_dead_letters", "Messages that could not be handled", ("stage", "reason"), registry=new
        )
        self._retries = Counter(
            "polycool_retries", "Batches tried again after a passing fault", stage, registry=new
        )
        self._count_outcomes(new)

    def _count_outcomes(self, new: CollectorRegistry) -> None:
        """What became of trades, copies, signals and rows of the outbox."""
        self._classified = Counter(
            "polycool_classified", "Trades sorted, by role; unwatched ones let go", ("role",), registry=new
        )
        self._parts = Counter(
            "polycool_part_seconds", "Time spent per part of a stage", ("stage", "part"), registry=new
        )
        self._copies = Counter(
            "polycool_copies",
            "Copy orders by what was decided",
            ("venue", "side", "state", "reason"),
            registry=new,
        )
        self._repeated = Counter("polycool_trades_repeated", "Trades that were known already", registry=new)
        self._smart = Counter(
            "polycool_smart_decisions",
            "Messages of smart traders by what became of them",
            ("result", "reason"),
            registry=new,
        )
        self._relayed = Counter("polycool_outbox_sent", "Outbox rows sent", ("topic",), registry=new)
        self._relay_wait = Histogram(
            "polycool_outbox_wait_seconds", "From commit to confirmed", buckets=SECONDS, registry=new
        )
        self.watched = Gauge("polycool_watched_wallets", "Wallets with a role", registry=new)

    def retried(self, stage: str) -> Callable[[], None]:
        """What the guard calls before it tries a batch again."""
        return self._retries.labels(stage).inc

    def counted(self, stage: str) -> Callable[[Sequence[Received], Handled, float], None]:
        """What is called after each batch of the stage, with the seconds it took."""
        messages, batch = self._messages.labels(stage), self._batch.labels(stage)
        handling, latency = self._handling.labels(stage), self._latency.labels(stage)
        # A counter that begins with its first event never rises in the eyes of Prometheus.
        for reason in DeadLetterReason:
            self._dead.labels(stage, reason.value)

        def count(received: Sequence[Received], handled: Handled, seconds: float) -> None:
            messages.inc(len(received))
            batch.observe(len(received))
            handling.observe(seconds)
            self._parts.labels(stage, "all").inc(seconds)
            age = max(0.0, (self._now() - received[0].appended_at).total_seconds())
            latency.observe(age)
            self._last[stage] = (age, time.monotonic())
            for message in handled.dead:
                self._dead.labels(stage, message.reason.value).inc()

        return count

    def watch(self, stage: str, oldest: Callable[[], datetime | None], partitions: Callable[[], int]) -> None:
        """Show a stage's lag and partitions: ``oldest`` is the append time of what it has in hand, if anything."""

        def lag() -> float:
            age, at = self._last.get(stage, (0.0, float("-inf")))
            recent = age if time.monotonic() - at <= RECENT_SECONDS else 0.0
            waiting = oldest()
            return recent if waiting is None else max(recent, (self._now() - waiting).total_seconds())

        self._lag.labels(stage).set_function(lag)
        self._partitions.labels(stage).set_function(partitions)

    def prevented(self, guard: str, copies: int = 1) -> None:
        """Count second copies that a guard (one of ``GUARDS``) stopped."""
        self._prevented.labels(guard).inc(copies)

    def spent(self, stage: str) -> Callable[[str, float], None]:
        """What hears how many seconds a part of the stage took."""

        def add(part: str, seconds: float) -> None:
            self._parts.labels(stage, part).inc(seconds)

        return add

    def sorted(self, outcome: Outcome, unwatched: int) -> None:
        """Count what classify made of a batch."""
        if unwatched:
            self._classified.labels("unwatched").inc(unwatched)
        for item in outcome.new:
            for role in item.said:
                self._classified.labels(role.value).inc()
        self._repeated.inc(outcome.repeated)

    def decided(self, outcomes: Mapping[DecidedAs, int]) -> None:
        """Count the copy orders of one transaction."""
        for (venue, side, state, reason), copies in outcomes.items():
            words = (venue.value, side.value, state.value, reason.value if reason else "")
            self._copies.labels(*words).inc(copies)

    def recommended(self, outcome: Recommended) -> None:
        """Count what became of smart traders' messages."""
        for decision in outcome.decisions:
            reason = "" if decision.reason is None else decision.reason.value
            self._smart.labels(decision.result.value, reason).inc()

    def relayed(self, topic: str, seconds: float) -> None:
        """Count a row of the outbox, with the seconds from its commit until it was confirmed."""
        self._relayed.labels(topic).inc()
        self._relay_wait.observe(max(0.0, seconds))
