"""classify's two lanes and kill -9: a flood beside its neighbours is sorted once and in order (SAFETY R7, R27)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle, islice

from ops.bench.flood import neighbours_of
from schemas.enums import AddressType
from schemas.trades import LeaderTraded
from streams.topology import COPY_LEADER, TRADES
from tests.conftest import StartProcess
from tests.streams.door import Door, fill, wallet
from tests.waiting import eventually

FILLS, NEIGHBOURS = 5, 40
"""Fills of the flood between two neighbours' trades, and how many of these."""
KILLS = (10, 25)


async def test_a_kill_while_others_pass_a_flood_loses_and_doubles_nothing(
    door: Door, run_process: StartProcess
) -> None:
    """One partition, a flood with neighbours' trades in its midst, kill -9 twice: each trade is stored once, numbered
    in the order of its coming, told at least once and in that order; all is acknowledged in the end."""
    door.group = "polycool-streams-classify"
    flooder = wallet(1)
    others = neighbours_of(flooder, 2)
    for who in (flooder, *others):
        await door.watch(who, AddressType.COPY_LEADER)
    worker = await run_process("streams", POLYCOOL_STREAMS_STAGES="classify")
    sent: dict[str, list[str]] = {who: [] for who in (flooder, *others)}

    async def trade(who: str) -> None:
        body = fill(who)
        sent[who].append(body["trade_id"])
        await door.trade(body)

    async def stored(leaders: Sequence[str]) -> bool:
        (row,) = await door.rows("SELECT count(*) AS n FROM trades WHERE wallet = ANY(%s)", list(leaders))
        return bool(row["n"] >= sum(len(sent[who]) for who in leaders))

    for number, other in enumerate(islice(cycle(others), NEIGHBOURS)):
        for who in (*[flooder] * FILLS, other):
            await trade(who)
        if number in KILLS:
            worker.kill()
            worker.start()
        # What comes at once is sorted at once: only a trickle is parted.
        await eventually(lambda: stored(others), 60, every=0.005)
    await eventually(lambda: stored([flooder, *others]), 90)
    await eventually(lambda: _acknowledged(door), 60, every=0.2)

    for who, trades in sent.items():
        rows = await door.rows("SELECT trade_id FROM trades WHERE wallet = %s ORDER BY leader_number", who)
        assert [row["trade_id"] for row in rows] == trades
    told: dict[str, list[int]] = {who: [] for who in sent}
    for record in await door.read(COPY_LEADER, (FILLS + 1) * NEIGHBOURS):
        message = LeaderTraded.decode(record.value)
        if message.number not in told[message.wallet]:
            told[message.wallet].append(message.number)
    assert told == {who: list(range(1, len(trades) + 1)) for who, trades in sent.items()}


async def _acknowledged(door: Door) -> bool:
    committed = await door.committed(TRADES)
    return all(committed.get(place, 0) >= end for place, end in (await door.ends(TRADES)).items())
