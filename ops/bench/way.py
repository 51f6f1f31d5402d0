"""`polycool bench way`: steady 100 trades/s through the whole stack: append to copy order committed, and to the wire.

Open loop: each trade has its intended moment and goes out then, whatever became of those before; how late the sender
was is told too. A copy order counts as committed when another connection sees it; an order is on the wire when the
exchange has taken it (its own clock), which is later than the POST. Every figure is rather too large than too small.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import psutil
import psycopg
from psycopg.rows import DictRow, dict_row

from ops.bench.ground import own_place
from ops.bench.round_trips import RoundTrips, round_trips
from ops.bench.trades import wallet
from ops.demo.crowd import Follower, Following
from ops.demo.faces import Faces, open_faces
from ops.demo.probe import percentiles
from ops.feed.door import Door, open_door
from ops.generator.events import Person
from ops.output import say
from ops.stack.processes import Processes
from ops.statements import statement
from schemas.allocations import AllocationSettings
from schemas.enums import AddressType, CopyMode, Side, Source
from schemas.markets import MarketSeen
from schemas.money import plain
from schemas.trades import TradeSeen
from streams.tables.pool import connection_options
from streams.topology import MARKETS, TRADES, TopicNames

RATE: Final = 100
WARM_SECONDS: Final = 10
MEASURED_SECONDS: Final = 40
# As many as trade at such a rate: with a few, each follower's books would be locked all the time.
LEADERS: Final = 200
FOLLOWERS_EACH: Final = 1
# A pair of leader and token comes again after 40 s: no two of its trades are one burst.
TOKENS: Final = 20
STAGES: Final = ("classified", "received", "locked", "decided", "signed")
MUST_MS: Final = {"append_to_committed": (8, 40), "append_to_wire": (15, 60)}
MUST_RESIDENT_MB: Final = 200
SETTLED_SECONDS: Final = 60.0
PAPER_USDC: Final = Decimal(100_000)
SETTINGS: Final = AllocationSettings(
    mode=CopyMode.FIXED_AMOUNT,
    fixed_amount_usdc=Decimal(2),
    budget_usdc=Decimal(50_000),
    max_loss_usdc=Decimal(50_000),
)


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
            await _set_up(faces, door, asking)
            say(f"{RATE} trades/s for {WARM_SECONDS + MEASURED_SECONDS} s")
            async with _seen(database) as committed, round_trips(kafka, TopicNames(), database) as alone:
                before, began = _cpu_seconds(running), time.perf_counter()
                late = await _play(door)
                spent = time.perf_counter() - began
                cpu = {name: (now - before[name]) / spent for name, now in _cpu_seconds(running).items()}
                resident = _resident_mb(running)
                trades = await _until_over(asking)
        return _document(trades, committed, late, alone) | {
            "cores_busy": {name: round(share, 2) for name, share in cpu.items()},
            "machine_busy": round(psutil.getloadavg()[0], 1),
            "resident_mb": resident,
            "must_resident_mb": MUST_RESIDENT_MB,
        }


async def _set_up(faces: Faces, door: Door, asking: psycopg.AsyncConnection[DictRow]) -> None:
    leaders = [wallet(number) for number in range(LEADERS)]
    roles = frozenset({AddressType.COPY_LEADER})
    for leader in leaders:
        await faces.watch(Person("leader", leader, roles))
    for number in range(TOKENS):
        market = MarketSeen(
            version=1, token_id=_token(number), market_id=f"0x{number + 1:064x}", tick=Decimal("0.01")
        )
        await door.send(MARKETS, market.token_id, market)
    await door.confirm()
    made = await asyncio.gather(
        *(
            faces.join(
                Follower(f"w-{number}-{each}", (Following(leader, "bench", SETTINGS),)), plain(PAPER_USDC)
            )
            for number, leader in enumerate(leaders)
            for each in range(FOLLOWERS_EACH)
        )
    )
    await asyncio.gather(*(faces.until_ready(one) for one in made))
    async with asyncio.timeout(SETTLED_SECONDS):
        while True:
            if (await _rows(asking, "markets_known"))[0]["count"] >= TOKENS:
                return
            await asyncio.sleep(0.1)


async def _play(door: Door) -> list[float]:
    """Send each trade at its moment; returns how late each was handed over, in milliseconds."""
    began, late = time.perf_counter(), []
    for number in range(RATE * (WARM_SECONDS + MEASURED_SECONDS)):
        due = began + number / RATE
        wait = due - time.perf_counter()
        if wait > 0:
            await asyncio.sleep(wait)
        late.append((time.perf_counter() - due) * 1_000)
        trade = _trade(number)
        await door.send(TRADES, trade.wallet, trade)
    await door.confirm()
    return late


@asynccontextmanager
async def _seen(database_url: str) -> AsyncIterator[dict[str, datetime]]:
    """When each trade's copy orders were seen by another connection, woken as `trading` is."""
    first: dict[str, datetime] = {}
    async with (
        await psycopg.AsyncConnection.connect(database_url, autocommit=True) as listening,
        await psycopg.AsyncConnection.connect(
            database_url, autocommit=True, options=connection_options("streams")
        ) as asking,
    ):
        await listening.execute(statement("ops.bench", "listen_planned").encode())

        async def look() -> None:
            since = datetime.now(UTC)
            async for _ in listening.notifies():
                found = await (
                    await asking.execute(
                        statement("ops.bench", "decided_since").encode(), {"since": since}, prepare=True
                    )
                ).fetchall()
                now = datetime.now(UTC)
                for trade_id, _ in found:
                    first.setdefault(trade_id, now)
                # A transaction decided earlier may commit later than this look; more would cost what is measured.
                since = max(since, now - timedelta(seconds=0.3))

        looking = asyncio.create_task(look())
        try:
            yield first
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)


async def _until_over(asking: psycopg.AsyncConnection[DictRow]) -> list[DictRow]:
    """Each trade's times, once all orders have arrived, or after a minute."""
    until = time.monotonic() + SETTLED_SECONDS
    expected = RATE * (WARM_SECONDS + MEASURED_SECONDS)
    while True:
        rows = await _rows(asking, "way")
        done = sum(row["orders"] == row["copies"] for row in rows)
        if done == expected or time.monotonic() > until:
            return rows
        await asyncio.sleep(0.5)


def _document(
    trades: list[DictRow],
    committed: Mapping[str, datetime],
    late: list[float],
    alone: RoundTrips,
) -> dict[str, Any]:
    first = min(row["appended"] for row in trades) + timedelta(seconds=WARM_SECONDS)
    measured = [row for row in trades if row["appended"] >= first]
    sent = RATE * (WARM_SECONDS + MEASURED_SECONDS)
    latency = {
        "append_to_committed": _ms(measured, committed),
        "append_to_posted": _ms(measured, {row["trade_id"]: row["posted"] for row in measured}),
        "append_to_wire": _ms(measured, {row["trade_id"]: row["arrived"] for row in measured}),
    }
    return {
        "trades_per_second": RATE,
        "followers_per_trade": FOLLOWERS_EACH,
        "trades": sent,
        "trades_seen_committed": len(committed),
        "orders_that_arrived": sum(row["orders"] for row in trades),
        "latency_ms": {name: percentiles(samples) for name, samples in latency.items()},
        "until_stage_ms": {
            stage: percentiles(_ms(measured, {row["trade_id"]: row[stage] for row in measured}))
            for stage in STAGES
        },
        "must_ms": {name: dict(zip(("p50", "p99"), both, strict=True)) for name, both in MUST_MS.items()},
        "sender_late_ms": percentiles(late[RATE * WARM_SECONDS :]),
        "alone_ms": {
            "kafka_sent_and_confirmed": percentiles(alone.kafka),
            "postgres_question": percentiles(alone.postgres),
            "postgres_commit": percentiles(alone.commit),
        },
    }


def _ms(trades: list[DictRow], moments: Mapping[str, Any]) -> list[float]:
    found = ((row["appended"], moments.get(row["trade_id"])) for row in trades)
    return [(moment - appended).total_seconds() * 1_000 for appended, moment in found if moment is not None]


def _cpu_seconds(running: Processes) -> dict[str, float]:
    found = {}
    for name, program in running.programs.items():
        times = psutil.Process(program.pid).cpu_times()
        found[name] = times.user + times.system
    return found


def _resident_mb(running: Processes) -> dict[str, int]:
    return {
        name: psutil.Process(program.pid).memory_info().rss >> 20
        for name, program in running.programs.items()
    }


async def _rows(asking: psycopg.AsyncConnection[DictRow], name: str) -> list[DictRow]:
    return await (await asking.execute(statement("ops.bench", name).encode())).fetchall()


def _token(number: int) -> str:
    return str(10**70 + number)


def _trade(number: int) -> TradeSeen:
    tx_hash = f"0x{number + 1:064x}"
    return TradeSeen(
        trade_id=f"{tx_hash}-0",
        source=Source.GENERATED,
        wallet=wallet(number % LEADERS),
        side=Side.BUY,
        token_id=_token(number // LEADERS % TOKENS),
        size=Decimal(100),
        price=Decimal("0.50"),
        usdc=Decimal(50),
        tx_hash=tx_hash,
        traded_at=datetime.now(UTC),
    )


def _text(document: dict[str, Any]) -> str:
    lines = [
        f"{document['trades_per_second']} trades/s, {document['followers_per_trade']} follower(s) each: "
        f"{document['orders_that_arrived']:,} orders of {document['trades']:,} trades arrived"
    ]
    for group in ("latency_ms", "until_stage_ms", "alone_ms"):
        for name, found in document[group].items():
            must = document["must_ms"].get(name)
            wanted = f" (must: p50 ≤ {must['p50']}, p99 ≤ {must['p99']})" if must else ""
            lines.append(f"  {name.replace('_', ' '):<26} {_spread(found)}{wanted}")
    lines.append(f"  {'sender late':<26} {_spread(document['sender_late_ms'])}")
    busy = ", ".join(f"{name} {share:.2f}" for name, share in document["cores_busy"].items())
    lines.append(f"  cores busy: {busy}; load of the machine {document['machine_busy']}")
    resident = ", ".join(f"{name} {mb} MB" for name, mb in document["resident_mb"].items())
    lines.append(f"  resident: {resident} (must: ≤ {document['must_resident_mb']})")
    return "\n".join(lines)


def _spread(found: Mapping[str, float] | None) -> str:
    if found is None:
        return "no sample"
    return " · ".join(f"{name} {value:.1f} ms" for name, value in found.items())
