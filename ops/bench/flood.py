"""`polycool bench flood`: do a leader's neighbours wait while he floods (SAFETY R27)?

The whole stack runs. Leaders of one partition trade at a steady rate, first alone, then while another leader of that
partition makes 2,000 fills within a minute for a hundred followers. Measured from the broker's append time until the
copy's order stands signed in the tables, in both spans of the same run.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NamedTuple

import psutil
import psycopg
from psycopg.rows import DictRow, dict_row

from ops.bench.ground import own_place
from ops.bench.trades import wallet
from ops.demo.crowd import Follower, Following
from ops.demo.faces import Faces, open_faces
from ops.demo.probe import percentiles
from ops.feed.door import Door, open_door
from ops.generator.events import Person
from ops.output import say
from ops.stack.environment import LOCAL_PARTITIONS
from ops.stack.processes import Processes
from ops.statements import statement
from schemas.allocations import AllocationSettings
from schemas.enums import AddressType, BelowMinimum, CopyMode, Side, Source
from schemas.markets import MarketSeen
from schemas.trades import TradeSeen
from streams.kafka.sender import partition_of
from streams.topology import MARKETS, TRADES, TopicNames

NEIGHBOURS: Final = 40
# Two cores are full with 20 trades a second of theirs and the flood's 33: then what is measured is their number.
NEIGHBOURS_RATE: Final = 5
WARM_SECONDS: Final = 5
# As long as the flood: a p99 is the third slowest of three hundred in both spans.
QUIET_SECONDS: Final = 60
FLOOD_SECONDS: Final = 60
FLOOD_FILLS: Final = 2_000
FLOOD_FOLLOWERS: Final = 100
MUST_RATIO: Final = 2
TOKENS: Final = 20
SETTLED_SECONDS: Final = 120.0
LOOK_SECONDS: Final = 0.2
PAPER_USDC: Final = "100000"
_BUDGET: Final = {"budget_usdc": Decimal(50_000), "max_loss_usdc": Decimal(50_000)}
COPIED: Final = AllocationSettings(
    mode=CopyMode.FIXED_AMOUNT, fixed_amount_usdc=Decimal(2), max_per_day_usdc=Decimal(50_000), **_BUDGET
)
# Each fill is decided and stored for each follower, and none is worth an order: what is measured is deciding.
TOO_SMALL: Final = AllocationSettings(
    mode=CopyMode.MULTIPLIER, multiplier=Decimal("0.001"), below_minimum=BelowMinimum.SKIP, **_BUDGET
)
STOLEN_APART: Final = 5.0
"""Per cent: with so much less of the processors the neighbours would be slower without a flood, too."""
FLOODER: Final = wallet(0)


def run() -> tuple[dict[str, Any], str]:
    """Measure on a stack of its own; the document and the same as text."""
    with own_place() as place:
        document = asyncio.run(_measure(place))
    return document, _text(document)


async def _measure(place: Path) -> dict[str, Any]:
    async with Processes(place, fresh=True) as running:
        kafka, database = running.environment["POLYCOOL_KAFKA"], running.environment["POLYCOOL_DATABASE_URL"]
        async with (
            open_faces(running.environment, "bench") as faces,
            open_door(kafka, TopicNames()) as door,
            await psycopg.AsyncConnection.connect(database, autocommit=True, row_factory=dict_row) as asking,
        ):
            neighbours = await _set_up(faces, door, asking)
            say(f"{NEIGHBOURS_RATE} trades/s alone, then beside {FLOOD_FILLS:,} fills in {FLOOD_SECONDS} s")
            steady = asyncio.create_task(_play_neighbours(door, neighbours))
            await asyncio.sleep(WARM_SECONDS)
            marks = [_mark()]
            await asyncio.sleep(QUIET_SECONDS)
            marks.append(_mark())
            await _play_flood(door)
            marks.append(_mark())
            await steady
            answered = await _until_answered(asking)
            rows = await _rows(asking, "neighbours", leaders=list(neighbours))
    return _document(rows, marks, answered)


class Mark(NamedTuple):
    """A moment, and the processors' time up to it: all there was, and what the host gave to others (seconds)."""

    at: datetime
    processors: float
    stolen: float


def _mark() -> Mark:
    times = psutil.cpu_times()
    # Only Linux knows it, and only inside a virtual machine it is ever more than 0.
    return Mark(datetime.now(UTC), sum(times), getattr(times, "steal", 0.0))


def neighbours_of(leader: str, count: int) -> tuple[str, ...]:
    """So many other wallets whose trades come through the same partition."""
    same = partition_of(leader.encode(), LOCAL_PARTITIONS)
    others = (wallet(number) for number in itertools.count(1))
    return tuple(
        itertools.islice(
            (each for each in others if partition_of(each.encode(), LOCAL_PARTITIONS) == same), count
        )
    )


async def _set_up(faces: Faces, door: Door, asking: psycopg.AsyncConnection[DictRow]) -> tuple[str, ...]:
    neighbours = neighbours_of(FLOODER, NEIGHBOURS)
    for leader in (FLOODER, *neighbours):
        await faces.watch(Person("leader", leader, frozenset({AddressType.COPY_LEADER})))
    for number in range(TOKENS):
        market = MarketSeen(
            version=1, token_id=_token(number), market_id=f"0x{number + 1:064x}", tick=Decimal("0.01")
        )
        await door.send(MARKETS, market.token_id, market)
    await door.confirm()
    followers = [
        Follower(f"n-{number}", (Following(each, "bench", COPIED),)) for number, each in enumerate(neighbours)
    ]
    followers += [
        Follower(f"f-{number}", (Following(FLOODER, "bench", TOO_SMALL),))
        for number in range(FLOOD_FOLLOWERS)
    ]
    made = await asyncio.gather(*(faces.join(each, PAPER_USDC) for each in followers))
    await asyncio.gather(*(faces.until_ready(each) for each in made))
    async with asyncio.timeout(SETTLED_SECONDS):
        while True:
            if (await _rows(asking, "markets_known"))[0]["count"] >= TOKENS:
                return neighbours
            await asyncio.sleep(LOOK_SECONDS)


async def _play_neighbours(door: Door, neighbours: Sequence[str]) -> None:
    """Each at its moment, whatever became of those before."""
    began = time.perf_counter()
    for number in range(NEIGHBOURS_RATE * (WARM_SECONDS + QUIET_SECONDS + FLOOD_SECONDS)):
        await asyncio.sleep(max(0.0, began + number / NEIGHBOURS_RATE - time.perf_counter()))
        leader, token = neighbours[number % NEIGHBOURS], _token(number // NEIGHBOURS % TOKENS)
        await door.send(TRADES, leader, _trade(leader, token, 10_000_000 + number))


async def _play_flood(door: Door) -> None:
    began = time.perf_counter()
    for number in range(FLOOD_FILLS):
        await asyncio.sleep(max(0.0, began + number * FLOOD_SECONDS / FLOOD_FILLS - time.perf_counter()))
        await door.send(TRADES, FLOODER, _trade(FLOODER, _token(number % TOKENS), number))
    await door.confirm()


async def _until_answered(asking: psycopg.AsyncConnection[DictRow]) -> DictRow:
    """The flooder's copy orders once there is one for each fill and follower, or after two minutes."""
    until = time.monotonic() + SETTLED_SECONDS
    while True:
        (found,) = await _rows(asking, "flood_answered", leader=FLOODER)
        if found["copy_orders"] >= FLOOD_FILLS * FLOOD_FOLLOWERS or time.monotonic() > until:
            return found
        await asyncio.sleep(LOOK_SECONDS)


def _document(rows: Sequence[DictRow], marks: Sequence[Mark], answered: DictRow) -> dict[str, Any]:
    spans = dict(zip(("alone", "beside_the_flood"), pairwise(marks), strict=True))
    found = {
        name: percentiles(
            [
                (row["signed"] - row["appended"]).total_seconds() * 1_000
                for row in rows
                if row["signed"] is not None and since.at <= row["appended"] < until.at
            ]
        )
        for name, (since, until) in spans.items()
    }
    alone, beside = found["alone"], found["beside_the_flood"]
    return {
        "append_to_signed_ms": found,
        "p99_ratio": None if alone is None or beside is None else round(beside["p99"] / alone["p99"], 2),
        "must_ratio": MUST_RATIO,
        "neighbours": {"trades": len(rows), "without_an_order": sum(row["signed"] is None for row in rows)},
        "flood": {
            "fills": FLOOD_FILLS,
            "followers": FLOOD_FOLLOWERS,
            "due": FLOOD_FILLS * FLOOD_FOLLOWERS,
            "answered": answered["copy_orders"],
            "leader_flood": answered["flooded"],
        },
        "machine_busy": round(psutil.getloadavg()[0], 1),
        "stolen_percent": {
            name: round(100 * (until.stolen - since.stolen) / (until.processors - since.processors), 1)
            for name, (since, until) in spans.items()
        },
    }


async def _rows(asking: psycopg.AsyncConnection[DictRow], name: str, **parameters: object) -> list[DictRow]:
    return await (await asking.execute(statement("ops.bench", name).encode(), parameters)).fetchall()


def _token(number: int) -> str:
    return str(10**70 + number)


def _trade(leader: str, token: str, number: int) -> TradeSeen:
    tx_hash = f"0x{number + 1:064x}"
    return TradeSeen(
        trade_id=f"{tx_hash}-0",
        source=Source.GENERATED,
        wallet=leader,
        side=Side.BUY,
        token_id=token,
        size=Decimal(100),
        price=Decimal("0.50"),
        usdc=Decimal(50),
        tx_hash=tx_hash,
        traded_at=datetime.now(UTC),
    )


def _text(document: dict[str, Any]) -> str:
    flood, neighbours = document["flood"], document["neighbours"]
    lines = [
        f"{flood['answered']:,} of {flood['due']:,} of the flood answered, {flood['leader_flood']:,} LEADER_FLOOD; "
        f"{neighbours['trades']:,} trades of its neighbours, {neighbours['without_an_order']} without an order"
    ]
    for name, found in document["append_to_signed_ms"].items():
        said = (
            "no sample"
            if found is None
            else " · ".join(f"{key} {value:.1f} ms" for key, value in found.items())
        )
        lines.append(f"  {name.replace('_', ' '):<18} {said}")
    lines.append(f"  p99 {document['p99_ratio']} times (must: ≤ {document['must_ratio']})")
    stolen = document["stolen_percent"]
    lines.append(f"  load of the machine {document['machine_busy']}")
    lines.append(
        f"  of its processors the host gave others {stolen['alone']} % alone, {stolen['beside_the_flood']} % beside "
        "the flood"
    )
    if stolen["beside_the_flood"] > stolen["alone"] + STOLEN_APART:
        lines.append("  the two are not comparable: measure again on a machine that is left alone")
    return "\n".join(lines)
