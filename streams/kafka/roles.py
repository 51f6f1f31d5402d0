"""Which wallet holds which role: a projection of the compacted topic `watched_addresses`, live in every worker.

A consumer without a group reads all partitions from the beginning and stays at the end. The highest version of a
wallet wins whatever the order, in whatever partition it stands (SAFETY R23). What was read of wallets whose trades
this worker owns is written down as read (R16): from then on their trades are sorted by it. After a rebalance nothing
is sorted before the projection has read what the former owner may have read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NoReturn, Protocol

import pydantic
import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from mode import Service

from schemas.enums import AddressType, DeadLetterReason
from schemas.watched import WatchedAddress
from streams.kafka.access import reach
from streams.kafka.guard import DeadMessage, Received
from streams.kafka.patience import Patience, patiently
from streams.kafka.reading import faults
from streams.kafka.sender import partition_of

log = structlog.get_logger()

# A parked fetch is answered when a value arrives; this bounds how late a rebalance is noticed.
LOOK_MS: Final = 100


@dataclass(frozen=True, slots=True)
class Held:
    """The roles a wallet holds at a version, each with the version at which it was gained (0: not told)."""

    version: int
    since: Mapping[AddressType, int]


class NotesReads(Protocol):
    """Where it is written down that roles were read at a version."""

    async def note(self, reads: Sequence[tuple[str, int]]) -> None:
        """Make durable: (wallet, version) was read, now. Versions noted before stay as they are."""


class RoleBook:
    """The roles by wallet; a fold without I/O."""

    def __init__(self) -> None:
        self._latest: dict[str, Held] = {}
        self._held: dict[str, Held] = {}

    def of(self, wallet: str) -> Held | None:
        """What the wallet holds now; None when it is not watched."""
        return self._held.get(wallet)

    def take(self, watched: WatchedAddress) -> bool:
        """Fold one value in; False when a higher or the same version is known."""
        known = self._latest.get(watched.wallet)
        if known is not None and known.version >= watched.version:
            return False
        held = Held(watched.version, {role: watched.since.get(role, 0) for role in watched.roles})
        self._latest[watched.wallet] = held
        if watched.roles:
            self._held[watched.wallet] = held
        else:
            self._held.pop(watched.wallet, None)
        return True

    def versions(self) -> dict[str, int]:
        """Each known wallet with its latest version, also those without a role."""
        return {wallet: held.version for wallet, held in self._latest.items()}

    def __len__(self) -> int:
        return len(self._held)


class Roles(Service):
    """Keeps the book up to date. ``ready`` is set while the book may be relied on."""

    def __init__(
        self,
        kafka: str,
        topic: str,
        notes: NotesReads,
        *,
        refused: Callable[[Sequence[DeadMessage]], Awaitable[None]],
        crash: Callable[[BaseException], NoReturn],
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.book = RoleBook()
        self.ready = asyncio.Event()
        self._unreadable: list[DeadMessage] = []
        self._kafka = kafka
        self._topic = topic
        self._notes = notes
        self._refused = refused
        self._end_process = crash
        self._partitions = 0
        self._owned: frozenset[int] = frozenset()
        self._rebalanced = True

    def own(self, partitions: Collection[int]) -> None:
        """These partitions of `trades` are ours from now on; not ready until all that was told by now is read."""
        self._owned = frozenset(partitions)
        self._rebalanced = True
        self.ready.clear()

    def disown(self) -> None:
        """No partition is ours until the next assignment; what is read in between is not ours to note."""
        self._owned = frozenset()

    async def on_start(self) -> None:
        """Begin to read."""
        self.add_future(self._follow())

    async def _follow(self) -> None:
        consumer = AIOKafkaConsumer(
            self._topic,
            **reach(self._kafka),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )
        try:
            await consumer.start()
            places = self._places(consumer)
            while not self.should_stop:
                await self._step(consumer, places)
        except asyncio.CancelledError:
            raise
        except BaseException as fault:
            # Stale roles would let go trades that must be answered: better no worker than a blind one.
            self._end_process(fault)
        finally:
            await consumer.stop()

    def _places(self, consumer: AIOKafkaConsumer) -> list[TopicPartition]:
        """All partitions of the topic: a consumer without a group is given each of them."""
        places = sorted(consumer.assignment())
        if not places:
            raise RuntimeError(f"the topic {self._topic} is missing")
        self._partitions = len(places)
        return places

    async def _step(self, consumer: AIOKafkaConsumer, places: list[TopicPartition]) -> None:
        ends = await self._ends_to_reach(consumer, places)
        read = self._take(await consumer.getmany(timeout_ms=LOOK_MS))
        while ends and not await _reached(consumer, ends):
            read |= self._take(await consumer.getmany(timeout_ms=LOOK_MS))
        if ends is not None:
            read |= self.book.versions().items()
        await self._note(read)
        await self._refuse(seen_before=ends is not None)
        if ends is not None and not self._rebalanced:
            self.ready.set()
            log.info("roles_caught_up", watched=len(self.book), partitions=sorted(self._owned))

    async def _ends_to_reach(
        self, consumer: AIOKafkaConsumer, places: list[TopicPartition]
    ) -> dict[TopicPartition, int] | None:
        if not self._rebalanced:
            return None
        self._rebalanced = False
        asked = await patiently("roles", lambda: consumer.end_offsets(places), Patience())
        ends: dict[TopicPartition, int] = asked
        return ends

    def _take(self, records: Mapping[TopicPartition, Sequence[Any]]) -> set[tuple[str, int]]:
        """Fold the records in; (wallet, version) of all that could be read, old ones too: they were read."""
        read: set[tuple[str, int]] = set()
        for messages in records.values():
            for message in messages:
                watched = self._readable(message)
                if watched is not None:
                    self.book.take(watched)
                    read.add((watched.wallet, watched.version))
        return read

    def _readable(self, message: Any) -> WatchedAddress | None:
        if message.value is None:
            return None  # roles end by `roles: []`, which carries a version; a tombstone carries none (R23)
        try:
            return WatchedAddress.decode(message.value)
        except pydantic.ValidationError as fault:
            self._unreadable.append(
                DeadMessage(received(message), DeadLetterReason.UNREADABLE, faults(fault))
            )
            return None

    async def _refuse(self, *, seen_before: bool) -> None:
        """Dead letters of what could not be read, by the worker that owns the partition; what is read again after a
        start or a rebalance had its letter when it came."""
        unreadable, self._unreadable = self._unreadable, []
        for dead in unreadable:
            log.error("roles_unreadable", place=dead.received.place, detail=dead.detail)
        ours = [dead for dead in unreadable if dead.received.partition in self._owned and not seen_before]
        if ours:
            await patiently("roles", lambda: self._refused(ours), Patience())

    async def _note(self, read: Collection[tuple[str, int]]) -> None:
        ours = sorted(
            (wallet, version)
            for wallet, version in read
            if partition_of(wallet.encode(), self._partitions) in self._owned
        )
        if ours:
            await patiently("roles", lambda: self._notes.note(ours), Patience())


def received(record: Any) -> Received:
    """A record of aiokafka's as the stages see messages."""
    at = datetime.fromtimestamp(record.timestamp / 1000, UTC)
    return Received(record.topic, record.partition, record.offset, record.key, record.value, at)


async def _reached(consumer: AIOKafkaConsumer, ends: Mapping[TopicPartition, int]) -> bool:
    for place, end in ends.items():
        if await consumer.position(place) < end:
            return False
    return True
