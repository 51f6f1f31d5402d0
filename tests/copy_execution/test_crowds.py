"""Crowds go aside, and others pass (SAFETY R27)."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from streams.copy_execution.agent import CopyExecution
from streams.copy_execution.batch import AllocationRow
from streams.copy_execution.crowds import LIGHT_ANSWERS, Crowds
from streams.copy_execution.incoming import Incoming
from streams.tables.pool import Pool
from tests.copy_execution.world import ANY_SOURCE, World, clock, received, wallet

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_r27_real_money_and_the_unknown_never_wait_for_others(world: World) -> None:
    """A crowd with one live following is among the first, as is a wallet that was never seen."""
    crowds, many = Crowds(), LIGHT_ANSWERS + 1
    crowd, live, new, few = map(wallet, range(1, 5))
    messages = [world.message(who) for who in (crowd, live, new, few)]
    batch = [Incoming(*each) for each in zip(received(messages), messages, strict=True)]
    rows = (
        [_following(crowd)] * many
        + [_following(live)] * many
        + [_following(live, "polymarket"), _following(few)]
    )
    crowds.seen([message for message in messages if message.wallet != new], rows)

    parts = crowds.parted(batch)

    assert [[each.message.wallet for each in part] for part in parts] == [[live, new, few], [crowd]]


async def test_r27_a_crowd_goes_aside_and_others_pass(world: World, pool: Pool) -> None:
    """The straight lane decides the neighbour's trade and leaves the crowd's, in order; the lane aside decides those,
    each once, also when both lanes are at work at the same time."""
    busy, other = world.leader(wallet(1)), world.leader(wallet(2))
    world.market()
    for number in range(LIGHT_ANSWERS + 1):
        world.follow(world.account(f"u{number}"), busy, mode="multiplier", multiplier="0.001")
    world.follow(world.account("n2"), other)
    deciding = CopyExecution(pool, ANY_SOURCE, clock)
    await deciding.straight.handle(received([world.message(busy)]))
    batch = received([*(world.message(busy) for _ in range(7)), world.message(other)])

    first = await deciding.straight.handle(batch)

    assert list(first.left) == batch[:7]
    assert _decided(world) == {busy: [1], other: [1]}
    aside, straight = await asyncio.gather(
        deciding.aside.handle(first.left), deciding.straight.handle(received([world.message(other)]))
    )
    assert not aside.left
    assert not straight.left
    assert _decided(world) == {busy: list(range(1, 9)), other: [1, 2]}
    assert len(world.copies()) == 8 * (LIGHT_ANSWERS + 1) + 2


async def test_r27_aside_a_transaction_is_bounded_and_the_rest_is_left(
    world: World, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One transaction each time: what is beyond it comes again, first."""
    monkeypatch.setattr("streams.copy_execution.batch.ANSWERS_PER_TRANSACTION", 4)
    busy = world.leader(wallet(1))
    world.market()
    for number in range(2):
        world.follow(world.account(f"u{number}"), busy, mode="multiplier", multiplier="0.001")
    deciding = CopyExecution(pool, ANY_SOURCE, clock)
    batch = received([world.message(busy) for _ in range(5)])
    first = await deciding.aside.handle(batch)
    assert list(first.left) == batch[2:]
    second = await deciding.aside.handle(first.left)
    assert list(second.left) == batch[4:]
    assert _decided(world) == {busy: [1, 2, 3, 4]}
    assert not (await deciding.aside.handle(second.left)).left
    assert _decided(world) == {busy: [1, 2, 3, 4, 5]}


def _decided(world: World) -> dict[str, list[int]]:
    rows = world.rows(
        "SELECT leader, array_agg(number ORDER BY number) AS n FROM leader_decisions GROUP BY 1"
    )
    return {row["leader"]: row["n"] for row in rows}


def _following(leader: str, venue: str = "paper") -> AllocationRow:
    return AllocationRow("A-1", leader, "u", "u-paper", venue, "active", 1, 1, NOON, NOON)
