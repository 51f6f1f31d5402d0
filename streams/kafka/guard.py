"""One guard for all agents: tries, splits, gives up into a dead letter, so that nothing is lost and neighbours go on.

Three kinds of failure. A business outcome is a value that the stage returns. A passing fault (database, broker) is
tried again in place until a deadline, after which the process ends with nothing acknowledged and the batch comes
again. Anything else is laid at the door of single messages: the batch is halved until the one that fails is alone,
and that one becomes a dead letter.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol, TypeVar, runtime_checkable

import structlog

from schemas.enums import DeadLetterReason
from streams.kafka.patience import OutOfPatience, Patience, patiently, said
from streams.topology import Topic

log = structlog.get_logger()
T = TypeVar("T")


class Received(NamedTuple):
    """A message as the broker gave it. ``topic`` is the full name; ``appended_at`` is the broker's clock (R17);
    ``first_appended_at``: when a message that was redriven came for the first time."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    appended_at: datetime
    first_appended_at: datetime | None = None
    traceparent: str | None = None
    """Of the trace it belongs to; none while traces are off."""

    @property
    def known_at(self) -> datetime:
        """When it was on a topic first: what was redriven is as old as it was (SAFETY R17, R18)."""
        return min(self.appended_at, self.first_appended_at or self.appended_at)

    @property
    def place(self) -> str:
        """Where it stands, for logs: ``topic/partition@offset``."""
        return f"{self.topic}/{self.partition}@{self.offset}"


class Send(NamedTuple):
    """A message to be sent, and confirmed by the broker, before what caused it is acknowledged."""

    topic: Topic
    key: str
    value: bytes
    traceparent: str | None = None


class DeadMessage(NamedTuple):
    """A message that cannot be handled, and why; ``detail`` is for people."""

    received: Received
    reason: DeadLetterReason
    detail: str


@dataclass(frozen=True, slots=True)
class Handled:
    """What a batch came to. Its effects in Postgres are durable; sends and dead letters are still to go out. What is
    ``left`` is not done yet and comes again; of messages with one key only the last may be left.
    ``concerned_nobody``: they were of wallets that nobody watches."""

    sends: Sequence[Send] = ()
    dead: Sequence[DeadMessage] = ()
    left: Sequence[Received] = ()
    concerned_nobody: bool = False


class Handles(Protocol):
    """A stage, as the guard sees it. Must be idempotent: a batch, or a part of one, may come again."""

    async def handle(self, batch: Sequence[Received]) -> Handled:
        """Make the effects of these messages durable, in their order; all or none of them, but for what is left."""


@runtime_checkable
class HasLanes(Protocol):
    """A stage some of whose messages take long: two ways to handle a batch, which may be under way at once for messages
    of different keys."""

    longest_rest_seconds: float
    """What was left waits no longer than that for the sake of others."""

    @property
    def straight(self) -> Handles:
        """Handles what takes a moment and leaves the rest."""

    @property
    def aside(self) -> Handles:
        """Handles what was left: some of it, at least one step further each time."""


@runtime_checkable
class NotesDead(Protocol):
    """A stage that wants to note the messages the guard has to give up, such as classify (SAFETY R18)."""

    async def note_dead(self, dead: Sequence[DeadMessage]) -> None:
        """Make durable that these messages are lost to the stage until they are fed again."""


class Guard:
    """Handles batches of one stage. Raises OutOfPatience when nothing can be reached, and nothing else."""

    def __init__(
        self,
        name: str,
        stage: Handles,
        patience: Patience,
        *,
        monotonic: Callable[[], float],
        on_retry: Callable[[], None] = lambda: None,
    ) -> None:
        self.name = name
        self._stage = stage
        self._patience = patience
        self._monotonic = monotonic
        self._on_retry = on_retry

    async def handle(self, batch: Sequence[Received]) -> Handled:
        """The batch's sends and dead letters, its effects being durable."""
        try:
            return await self._patiently(lambda: self._stage.handle(batch))
        except OutOfPatience:
            raise
        except Exception as fault:
            if len(batch) == 1:
                return await self._give_up(batch[0], fault)
            log.warning("batch_split", stage=self.name, messages=len(batch), fault=said(fault))
        middle = len(batch) // 2
        first = await self.handle(batch[:middle])
        if first.left:
            # The second half may hold messages of the same keys, which must not come before what is left.
            return Handled(first.sends, first.dead, (*first.left, *batch[middle:]))
        second = await self.handle(batch[middle:])
        return Handled((*first.sends, *second.sends), (*first.dead, *second.dead), second.left)

    async def _give_up(self, message: Received, fault: Exception) -> Handled:
        log.error("message_failed", stage=self.name, place=message.place, exc_info=fault)
        dead = [DeadMessage(message, DeadLetterReason.FAILED, said(fault))]
        if isinstance(self._stage, NotesDead):
            stage = self._stage
            try:
                await self._patiently(lambda: stage.note_dead(dead))
            except OutOfPatience:
                raise
            except Exception as second_fault:
                # The dead letter itself still goes out, with the first fault in it.
                log.error(
                    "dead_letter_not_noted", stage=self.name, place=message.place, exc_info=second_fault
                )
        return Handled(dead=dead)

    async def _patiently(self, attempt: Callable[[], Awaitable[T]]) -> T:
        return await patiently(
            self.name, attempt, self._patience, monotonic=self._monotonic, on_retry=self._on_retry
        )
