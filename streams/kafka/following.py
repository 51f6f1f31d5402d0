"""From a Faust stream to batches and back: gather, handle, send, confirm, acknowledge.

One batch is handled while the next gathers, and while the sends of those before it are confirmed. An idle stage
handles a lone message at once. What takes a stage long it may leave: that is handled aside (lanes.py), and others pass.
Nothing is acknowledged before its effects are durable and its sends confirmed, and always in offset order (in_hand.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, NoReturn

import structlog

from streams.kafka.guard import Guard, Handled, Received
from streams.kafka.in_hand import InHand, Taken
from streams.kafka.lanes import Aside, divided
from streams.kafka.letters import first_appended
from streams.kafka.precedence import Precedence
from streams.kafka.sender import Sender

if TYPE_CHECKING:
    from streams.tracing import Tracing

log = structlog.get_logger()

# A batch of at least this many shows a busy stage, for which waiting a moment for more pays.
BUSY_MESSAGES: Final = 4

Crash = Callable[[BaseException], NoReturn]
Counted = Callable[[Sequence[Received], Handled, float], None]


class Following:
    """One agent's loop over its stream. ``crash`` ends the process; nothing that it held is acknowledged. What
    ``guard`` leaves goes through ``aside``, where it rests for ``longest_rest`` seconds at most; a stage without that
    lane leaves nothing. ``precedence`` is one for all agents of a process."""

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
        aside: Guard | None = None,
        longest_rest: float = 0.0,
        precedence: Precedence | None = None,
    ) -> None:
        self._tracing = tracing
        self._guard = guard
        self._guard_aside = aside or guard
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
        self._busy_since: dict[Guard, float] = {}
        self._in_hand = InHand()
        self._aside = Aside(monotonic, longest_rest)
        self._precedence = precedence or Precedence(monotonic)
        self._on_their_way: asyncio.Queue[tuple[asyncio.Future[list[Any]], list[Taken]]] = asyncio.Queue(
            in_flight
        )

    async def follow(self, stream: Any) -> None:
        """The body of the agent. Ends only with the agent; a fault in its tasks ends the process."""
        tasks = [
            asyncio.create_task(self._or_crash(work()))
            for work in (self._straight, self._put_aside, self._confirm)
        ]
        try:
            async for event in stream.noack().events():
                self._gathered.append(event)
                self._arrived.set()
                while len(self._gathered) >= self._batch_messages or self._aside.is_full:
                    self._room.clear()
                    await self._room.wait()
        finally:
            for task in tasks:
                task.cancel()

    @property
    def busy_seconds(self) -> float:
        """How long a batch in hand has been in hand; patience bounds it in a process that is well."""
        now = self._monotonic()
        return now - min(self._busy_since.values(), default=now)

    @property
    def oldest_appended_at(self) -> datetime | None:
        """When the broker got the oldest message that is here and not acknowledged; None when there is none."""
        oldest = self._in_hand.oldest_appended_at
        if oldest is None and self._gathered:
            oldest = datetime.fromtimestamp(self._gathered[0].message.timestamp, UTC)
        return oldest

    async def _or_crash(self, work: Any) -> None:
        try:
            await work
        except asyncio.CancelledError:
            raise
        except BaseException as fault:
            self._crash(fault)

    async def _straight(self) -> None:
        size = 0
        while True:
            await self._arrived.wait()
            if size >= BUSY_MESSAGES and len(self._gathered) < self._batch_messages:
                await asyncio.sleep(self._gather_seconds)
            batch = self._aside.straight(self._taken())
            size = len(batch)
            if batch:
                with self._precedence.in_hand():
                    done, left, concerned_nobody = await self._handle(self._guard, batch)
                self._aside.put(left)
                if done and not concerned_nobody:
                    self._aside.went_straight()
                    self._precedence.on_its_way()

    async def _put_aside(self) -> None:
        while True:
            batch = await self._aside.next()
            self._room.set()
            await self._precedence.turn().give_way()
            began = self._monotonic()
            _, left, _ = await self._handle(self._guard_aside, batch)
            self._aside.handled(batch, left, self._monotonic() - began)

    async def _handle(self, guard: Guard, batch: Sequence[Taken]) -> tuple[list[Taken], list[Taken], bool]:
        """What of the batch is done, what is left, and whether it concerned nobody; effects durable, sends on their
        way."""
        began = self._busy_since[guard] = self._monotonic()
        handled = await guard.handle([each.received for each in batch])
        confirmation = await self._sender.begin(handled.sends, handled.dead)
        done, left = divided(batch, handled.left)
        self._note([each.received for each in done], handled, self._monotonic() - began)
        await self._on_their_way.put((confirmation, done))
        del self._busy_since[guard]
        return done, left, handled.concerned_nobody

    def _taken(self) -> list[Taken]:
        """What has gathered, in hand from now on."""
        events, self._gathered = self._gathered, []
        self._arrived.clear()
        self._room.set()
        batch = [received(event.message) for event in events]
        if self._tracing is not None:
            traced = [_traced(*each) for each in zip(batch, events, strict=True)]
            batch = self._tracing.begin(self._guard.name, traced)
        taken = [Taken(*each) for each in zip(events, batch, strict=True)]
        self._in_hand.take(taken)
        return taken

    def _note(self, done: Sequence[Received], handled: Handled, seconds: float) -> None:
        if self._tracing is not None:
            self._tracing.end(done)
        if done:
            self._counted(done, handled, seconds)
        for message, reason, detail in handled.dead:
            log.warning(
                "dead_letter", stage=self._guard.name, place=message.place, reason=reason.value, detail=detail
            )

    async def _confirm(self) -> None:
        while True:
            confirmation, done = await self._on_their_way.get()
            await confirmation
            for each in self._in_hand.acknowledgeable(done):
                each.event.ack()


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
