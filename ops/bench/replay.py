"""`polycool bench replay`: 100,000 recorded trades decided again, twice alike and once with a rule changed.

The past is made by the real processes: followers through the API, trades onto the topic, sorted and decided by
`streams`. The baseline is the same window only read and hashed, in the same run.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import psycopg

from ops.bench.ground import own_place
from ops.bench.trades import TOKENS, put_trades, trade_bodies, wallet
from ops.campaign.settling import lag
from ops.demo.crowd import Follower, Following
from ops.demo.faces import open_faces
from ops.feed.door import open_door
from ops.generator.events import Person
from ops.ground import Ground
from ops.output import say
from ops.replay.choice import Choice
from ops.replay.plan import Plan, make_plan
from ops.replay.run import Ended, begin, go
from ops.replay.store import shadow
from ops.replay.window import Bounds
from ops.stack.environment import LOCAL_PARTITIONS
from ops.stack.processes import Processes
from ops.stack.program import Program
from ops.statements import statement
from schemas.allocations import AllocationSettings
from schemas.enums import AddressType, CopyMode
from schemas.markets import MarketSeen
from streams.topology import MARKETS, TopicNames

TRADES: Final = 100_000
# A multiple of three, so that a wallet only buys or only sells: without trading a sale would wait for its purchase for
# ever. Without a common part with the tokens, so that each trades in all; many enough that none is a flood.
WALLETS: Final = 297
# Every second wallet is a leader, more than in life.
LEADERS: Final = 148
READ_SECONDS: Final = 1_800.0
# The rule that is changed: smaller trades of a leader are copied no more. Nothing else of a decision looks at it.
CHANGED: Final = {"leader_min_usdc": "20"}
SETTINGS: Final = AllocationSettings(
    mode=CopyMode.FIXED_AMOUNT,
    fixed_amount_usdc=Decimal(2),
    budget_usdc=Decimal(50_000),
    max_loss_usdc=Decimal(50_000),
    # The trades are put on the topic at once and decided for minutes.
    max_age_seconds=3_600,
)


def run(trades: int = TRADES) -> tuple[dict[str, Any], str]:
    """Measure; the document and the same as text."""
    with own_place() as place:
        document = asyncio.run(_measure(place, trades))
    return document, _text(document)


async def _measure(place: Path, trades: int) -> dict[str, Any]:
    async with Processes(place, fresh=True) as running:
        environment = running.environment
        await _furnish(environment)
        await running.end_programs()
        names = TopicNames()
        await put_trades(
            environment["POLYCOOL_KAFKA"], names, trade_bodies(trades, WALLETS), LOCAL_PARTITIONS
        )
        streams = Program("streams", environment, place, running.local.children)
        streams.start()
        began = time.monotonic()
        try:
            await _until_read(environment)
        finally:
            await asyncio.to_thread(streams.stop)
        lived = time.monotonic() - began
        say(f"{trades:,} trades sorted and decided by the living processes in {lived:.0f} s")
        ground = Ground(
            environment["POLYCOOL_KAFKA"], environment["POLYCOOL_DATABASE_URL"], names, LOCAL_PARTITIONS
        )
        return await _replayed(ground, lived)


async def _furnish(environment: dict[str, str]) -> None:
    leaders = [wallet(number) for number in range(LEADERS)]
    async with (
        open_faces(environment, "bench") as faces,
        open_door(environment["POLYCOOL_KAFKA"], TopicNames()) as door,
        await psycopg.AsyncConnection.connect(
            environment["POLYCOOL_DATABASE_URL"], autocommit=True
        ) as looking,
    ):
        for number in range(TOKENS):
            token = str(10**76 + number * 7_919)
            market = MarketSeen(version=1, token_id=token, market_id=f"0x{number:064x}", tick=Decimal("0.01"))
            await door.send(MARKETS, token, market)
        await door.confirm()
        for number, leader in enumerate(leaders):
            await faces.watch(Person(f"leader {number}", leader, frozenset({AddressType.COPY_LEADER})))
            follower = Follower(f"follower {number}", (Following(leader, "bench", SETTINGS),))
            await faces.join(follower, "100000")
        for name, parameters, wanted in (
            ("accounts_not_ready", {}, 0),
            ("role_reads_of", {"wallets": leaders}, LEADERS),
            ("markets_known", {}, TOKENS),
        ):
            until = time.monotonic() + READ_SECONDS
            while True:
                found = await (
                    await looking.execute(statement("ops.bench", name).encode(), parameters)
                ).fetchone()
                if found is not None and found[0] == wanted:
                    break
                assert time.monotonic() < until, f"{name} is {found}, not {wanted}"
                await asyncio.sleep(0.1)


async def _until_read(environment: dict[str, str]) -> None:
    until = time.monotonic() + READ_SECONDS
    while left := await lag(environment):
        assert time.monotonic() < until, f"{left} messages are unread"
        await asyncio.sleep(0.5)


async def _replayed(ground: Ground, lived: float) -> dict[str, Any]:
    async with shadow(ground.database_url) as connection:
        began = time.monotonic()
        plan = await make_plan(ground.kafka, ground.names, connection, Bounds(), Choice())
        reading = time.monotonic() - began
        say(f"{plan.messages:,} messages read and hashed in {reading:.0f} s")
    changed = replace(plan, choice=Choice(settings=CHANGED))
    before = _traded(ground)
    runs = [await _run(ground, each, name) for each, name in ((plan, "a"), (plan, "b"), (changed, "changed"))]
    first, second, other = runs
    expected = _smaller(ground)
    named = _named(ground, "changed")
    return {
        "trades": plan.messages,
        "decisions": first.decisions,
        "not_made": first.not_made,
        "living_per_second": round(plan.messages / lived),
        "reading_per_second": round(plan.messages / reading),
        "replayed_per_second": [round(plan.messages / each.seconds) for each in runs],
        "identical": first.digests == second.digests,
        "digests": first.digests,
        "differ_from_then": first.differ,
        "changed": CHANGED,
        "by_reason": [each._asdict() | {"names": each.names[:3]} for each in other.differing],
        "differ_with_the_change": other.differ,
        "exactly_those_expected": named == expected,
        "orders_before_and_after": [before, _traded(ground)],
    }


async def _run(ground: Ground, plan: Plan, name: str) -> Ended:
    async with shadow(ground.database_url) as connection:
        await begin(connection, plan, name)
        found = await go(ground, connection, name)
    say(f"run {name}: {found.seconds:.0f} s, {found.decisions:,} decisions, {found.differ:,} differ")
    return found


def _smaller(ground: Ground) -> list[str]:
    """What must change, worked out from the rows alone: buys under the new least that got as far as their size."""
    return _column(ground, "smaller", CHANGED)


def _named(ground: Ground, run: str) -> list[str]:
    return _column(ground, "named_by_run", {"run": run})


def _traded(ground: Ground) -> int:
    """Orders that were ever signed, and those at the exchange."""
    return int(_column(ground, "traded", {})[0])


def _column(ground: Ground, name: str, parameters: dict[str, str]) -> list[Any]:
    with psycopg.connect(ground.database_url) as connection:
        return [row[0] for row in connection.execute(statement("ops.bench", name).encode(), parameters)]


def _text(document: dict[str, Any]) -> str:
    first, second, third = document["replayed_per_second"]
    orders = document["orders_before_and_after"]
    return (
        f"{document['trades']:,} trades, {document['decisions']:,} decisions: replayed at {first:,} and {second:,} "
        f"messages/s (read and hashed only {document['reading_per_second']:,}; lived at "
        f"{document['living_per_second']:,}); the same bytes: {document['identical']}; "
        f"{document['differ_from_then']} differ from then\n"
        f"with leader_min_usdc {CHANGED['leader_min_usdc']} ({third:,} messages/s): "
        f"{document['differ_with_the_change']:,} differ, "
        f"exactly those expected: {document['exactly_those_expected']}; "
        f"orders before and after: {orders[0]}, {orders[1]}"
    )
