"""Two lanes and kill -9: whoever passed a crowd is decided once, and so is the crowd (SAFETY R27, R7)."""

from __future__ import annotations

from itertools import chain

from ops.bench.flood import neighbours_of
from schemas.trades import LeaderTraded
from streams.copy_execution.crowds import LIGHT_ANSWERS
from streams.topology import COPY_LEADER
from tests.conftest import StartProcess
from tests.copy_execution.world import World, wallet
from tests.streams.door import Door
from tests.waiting import eventually

FOLLOWERS = LIGHT_ANSWERS + 6
CROWDS, OTHERS = 60, 40


async def test_a_kill_while_others_pass_a_crowd_loses_and_doubles_nothing(
    door: Door, run_process: StartProcess
) -> None:
    """One partition: a crowd's trades with neighbours' between them, kill -9 twice in their midst. Each trade is
    decided once for each follower, each leader's in order, and all is acknowledged in the end."""
    door.group = "polycool-streams-copy_execution"
    world = World.on(door.database_url)
    crowd = world.leader(wallet(1))
    others = [world.leader(each) for each in neighbours_of(crowd, 2)]
    world.market()
    for number in range(FOLLOWERS):
        world.follow(world.account(f"u{number}"), crowd, mode="multiplier", multiplier="0.001")
    for number, other in enumerate(others):
        world.follow(world.account(f"n{number}"), other)
    world.owner.close()
    await _sent(door, [world.message(each) for each in (crowd, *others)])
    worker = await run_process("streams", POLYCOOL_STREAMS_STAGES="copy_execution")

    async def decided(leaders: list[str], count: int) -> bool:
        (row,) = await door.rows("SELECT count(*) AS n FROM leader_decisions WHERE leader = ANY(%s)", leaders)
        return bool(row["n"] >= count)

    await eventually(lambda: decided([crowd], 1), 60)
    crowds = [world.message(crowd) for _ in range(CROWDS)]
    passing = [world.message(others[number % 2]) for number in range(OTHERS)]
    await _sent(door, [*crowds[:20], *chain(*zip(passing, crowds[20:], strict=True))])
    for moment in (8, 30):
        await eventually(lambda count=moment: decided([crowd], count), 60, every=0.005)  # type: ignore[misc]
        worker.kill()
        worker.start()
    await eventually(lambda: decided([crowd, *others], CROWDS + OTHERS + 3), 90)
    await eventually(lambda: _acknowledged(door), 60, every=0.2)

    rows = await door.rows(
        "SELECT leader, number, decided_at FROM leader_decisions ORDER BY decided_at, number"
    )
    for leader, count in ((crowd, CROWDS), *((other, OTHERS // 2) for other in others)):
        assert [row["number"] for row in rows if row["leader"] == leader] == list(range(1, count + 2))
    copies = await door.rows("SELECT leader, number, allocation_id FROM copy_orders")
    assert len(copies) == len({tuple(row.values()) for row in copies})
    assert len(copies) == (CROWDS + 1) * FOLLOWERS + OTHERS + 2


async def _sent(door: Door, messages: list[LeaderTraded]) -> None:
    for message in messages:
        await door.send(COPY_LEADER, message.wallet, message.encode())


async def _acknowledged(door: Door) -> bool:
    committed = await door.committed(COPY_LEADER)
    return all(committed.get(place, 0) >= end for place, end in (await door.ends(COPY_LEADER)).items())
