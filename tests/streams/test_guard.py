"""The guard with stages that fail as the test says: passing faults, single bad messages, no end in sight."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import psycopg
import pytest
from aiokafka.errors import KafkaConnectionError

from schemas.dead_letters import BODY_BYTES_MAX, DeadLetter
from schemas.enums import DeadLetterReason
from streams.kafka.guard import DeadMessage, Guard, Handled, Received, Send
from streams.kafka.letters import dead_letter
from streams.kafka.patience import OutOfPatience, Patience
from streams.topology import COPY_LEADER

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def messages(count: int) -> list[Received]:
    """Messages of one partition, in order."""
    return [Received("trades", 0, number, b"key", b"%d" % number, NOW) for number in range(count)]


class Failing:
    """A stage that keeps what it made durable, and fails as `objection` says for a batch."""

    def __init__(self, objection: Callable[[Sequence[Received]], Exception | None]) -> None:
        self.kept: list[int] = []
        self.noted: list[int] = []
        self.tries = 0
        self._objection = objection

    async def handle(self, batch: Sequence[Received]) -> Handled:
        """All or nothing of the batch."""
        self.tries += 1
        fault = self._objection(batch)
        if fault is not None:
            raise fault
        self.kept += [message.offset for message in batch]
        return Handled([Send(COPY_LEADER, "key", b"%d" % message.offset) for message in batch])

    async def note_dead(self, dead: Sequence[DeadMessage]) -> None:
        """Note them."""
        self.noted += [message.received.offset for message in dead]


def guard(stage: Failing, patience: Patience | None = None) -> Guard:
    """A guard over the stage, impatient."""
    return Guard("test", stage, patience or Patience(0.5, 0.2), monotonic=asyncio.get_running_loop().time)


@pytest.mark.parametrize("bad", [{3}, {0}, {9}, {0, 1}, {2, 7}, set(range(10))])
async def test_one_bad_message_is_given_up_alone_and_the_order_stands(bad: set[int]) -> None:
    """Whatever the place of the bad ones in a batch: each becomes FAILED and is noted, all others are kept in order."""
    stage = Failing(lambda batch: ValueError("no") if any(m.offset in bad for m in batch) else None)
    handled = await guard(stage).handle(messages(10))
    good = [number for number in range(10) if number not in bad]
    assert stage.kept == good
    assert [int(send.value) for send in handled.sends] == good
    assert [message.received.offset for message in handled.dead] == sorted(bad) == stage.noted
    assert {message.reason for message in handled.dead} == {DeadLetterReason.FAILED}
    assert "ValueError: no" in handled.dead[0].detail


@pytest.mark.parametrize(
    "fault",
    [
        psycopg.OperationalError("gone"),
        psycopg.errors.SerializationFailure("again"),
        psycopg.errors.DeadlockDetected("again"),
        psycopg.errors.UniqueViolation("a name was taken"),
        psycopg.InterfaceError("closed"),
        KafkaConnectionError("gone"),
        ConnectionResetError("gone"),
    ],
    ids=lambda fault: type(fault).__name__,
)
async def test_passing_faults_are_tried_again_in_place(fault: Exception) -> None:
    """Twice a fault that passes, then it works: no dead letter, nothing split."""
    faults = [fault, fault]
    stage = Failing(lambda _batch: faults.pop() if faults else None)
    handled = await guard(stage).handle(messages(3))
    assert stage.kept == [0, 1, 2]
    assert stage.tries == 3
    assert not handled.dead


async def test_a_fault_that_does_not_pass_ends_patience_and_gives_nothing_up() -> None:
    """OutOfPatience, for the process to end; no message becomes a dead letter because the database is away."""
    stage = Failing(lambda _batch: psycopg.OperationalError("gone"))
    with pytest.raises(OutOfPatience):
        await guard(stage).handle(messages(3))
    assert stage.tries > 1
    assert not stage.noted


async def test_a_hung_stage_counts_as_a_passing_fault() -> None:
    """One try has a bound of its own."""

    class Hung(Failing):
        async def handle(self, batch: Sequence[Received]) -> Handled:
            await asyncio.sleep(60)
            return Handled()

    with pytest.raises(OutOfPatience):
        await guard(Hung(lambda _batch: None), Patience(0.3, 0.05)).handle(messages(1))


async def test_a_collision_that_stays_is_the_messages_own_fault() -> None:
    """The same unique violation again and again is no race: FAILED for the message that causes it."""
    stage = Failing(
        lambda batch: psycopg.errors.UniqueViolation("again") if any(m.offset == 1 for m in batch) else None
    )
    handled = await guard(stage, Patience(30, 1)).handle(messages(2))
    assert stage.kept == [0]
    assert [message.received.offset for message in handled.dead] == [1]


@pytest.mark.parametrize("size", [0, 1, BODY_BYTES_MAX, BODY_BYTES_MAX + 1, 10_000_000])
def test_a_dead_letter_fits_its_topic_whatever_it_is_about(size: int) -> None:
    """Below Kafka's limit of 1 MiB a message, its size and digest those of the whole."""
    received = Received("trades", 3, 9, b"\xff" * 5_000, b"x" * size, NOW)
    letter = dead_letter(DeadMessage(received, DeadLetterReason.UNREADABLE, "y" * 50_000), "classify", NOW)
    assert len(letter.encode()) < 1_000_000
    assert DeadLetter.decode(letter.encode()) == letter
    assert (letter.size, letter.body_cut) == (size, size > BODY_BYTES_MAX)


def test_a_dead_letter_of_a_tombstone_without_a_key() -> None:
    """Neither a key nor a value."""
    letter = dead_letter(
        DeadMessage(Received("trades", 0, 1, None, None, NOW), DeadLetterReason.UNREADABLE, "no value"),
        "x",
        NOW,
    )
    assert (letter.key, letter.body, letter.size) == (None, "", 0)
