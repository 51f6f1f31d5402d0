"""From a Faust stream to batches and back: gather, handle, send, confirm, acknowledge, always in offset order.

One batch is handled while the next gathers, and while the sends of those before it are confirmed. An idle stage
handles a lone message at once. Nothing is acknowledged before its effects are durable and its sends confirmed; a
gap in the acknowledgements could make Faust commit past a message (its issue 606), so they never leave the order.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, NoReturn

import structlog

from streams.kafka.guard import Guard, Handled, Received
from streams.kafka.letters import first_appended
from streams.kafka.sender import Sender

if TYPE_CHECKING:
    from streams.tracing import Tracing

log = structlog.get_logger()

# A batch of at least this many shows a busy stage, for which waiting a moment for more pays.
BUSY_MESSAGES: Final = 4

Crash = Callable[[BaseException], NoReturn]
Counted = Callable[[Sequence[Received], Handled, float], None]


class Following:
    """One agent's loop over its stream. ``crash`` ends the process; nothing that it held is acknowledged."""

    def __init__(
        self,
        guard: Guard,
        sender: Sender,
        *,
        batch_messages: int,
        gather_seconds: float,
        in_flight: int,
        crash: Crash,
        counted: Counted,
        monotonic: Callable[[], float],
        tracing: Tracing | None = None,
    ) -> None:
        self._tracing = tracing
        self._guard = guard
        self._sender = sender
        self._batch_messages = batch_messages
        self._gather_seconds = gather_seconds
        self._crash = crash
        self._counted = counted
        self._monotonic = monotonic
        self._gathered: list[Any] = []
        self._arrived = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._busy_since: float | None = None
        # Batches that are not acknowledged yet, in their order.
        self._open: deque[list[Any]] = deque()
        self._on_their_way: asyncio.Queue[tuple[asyncio.Future[list[Any]], list[Any]]] = asyncio.Queue(
            in_flight
        )

    async def follow(self, stream: Any) -> None:
        """The body of the agent. Ends only with the agent; a fault in its tasks ends the process."""
        tasks = [asyncio.create_task(self._or_crash(work())) for work in (self._handle, self._confirm)]
        try:
            async for event in stream.noack().events():
                self._gathered.append(event)
                self._arrived.set()
                if len(self._gathered) >= self._batch_messages:
                    self._room.clear()
                    await self._room.wait()
        finally:
            for task in tasks:
                task.cancel()

    @property
    def busy_seconds(self) -> float:
        """How long the batch in hand has been in hand; patience bounds it in a process that is well."""
        return 0.0 if self._busy_since is None else self._monotonic() - self._busy_since

    @property
    def oldest_appended_at(self) -> datetime | None:
        """When the broker got the oldest message that is here and not acknowledged; None when there is none."""
        waiting = self._open[0] if self._open else self._gathered
        return datetime.fromtimestamp(waiting[0].message.timestamp, UTC) if waiting else None

    async def _or_crash(self, work: Any) -> None:
        try:
            await work
        except asyncio.CancelledError:
            raise
        except BaseException as fault:
            self._crash(fault)

    async def _handle(self) -> None:
        size = 0
        while True:
            await self._arrived.wait()
            if size >= BUSY_MESSAGES and len(self._gathered) < self._batch_messages:
                await asyncio.sleep(self._gather_seconds)
            events, self._gathered = self._gathered, []
            self._arrived.clear()
            self._room.set()
            self._open.append(events)
            size = len(events)
            began = self._busy_since = self._monotonic()
            batch = [received(event.message) for event in events]
            if self._tracing is not None:
                batch = self._tracing.begin(
                    self._guard.name, [_traced(*each) for each in zip(batch, events, strict=True)]
                )
            handled = await self._guard.handle(batch)
            confirmation = await self._sender.begin(handled.sends, handled.dead)
            if self._tracing is not None:
                self._tracing.end(batch)
            self._counted(batch, handled, self._monotonic() - began)
            self._log(handled)
            await self._on_their_way.put((confirmation, events))
            self._busy_since = None

    def _log(self, handled: Handled) -> None:
        for message, reason, detail in handled.dead:
            log.warning(
                "dead_letter", stage=self._guard.name, place=message.place, reason=reason.value, detail=detail
            )

    async def _confirm(self) -> None:
        while True:
            confirmation, events = await self._on_their_way.get()
            await confirmation
            for event in events:
                event.ack()
            self._open.popleft()


def received(message: Any) -> Received:
    """A Faust message as the stages see it; its time is the broker's (topics use LogAppendTime, SAFETY R17). A header
    may only make it older."""
    return Received(
        message.topic,
        message.partition,
        message.offset,
        message.key,
        message.value,
        datetime.fromtimestamp(message.timestamp, UTC),
        first_appended(message.headers),
    )


def _traced(message: Received, event: Any) -> Received:
    """The message with the `traceparent` that its sender gave it, if any."""
    for name, value in event.message.headers or ():
        if name == "traceparent":
            return message._replace(traceparent=value.decode("ascii", "replace"))
    return message
