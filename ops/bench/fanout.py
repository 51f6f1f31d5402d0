"""`polycool bench fanout`: one trade of a leader with 1,000 and with 10,000 followers, through the real processes.

Followers are made through the API, the trade goes onto the topic, and the whole stack runs: classify, copy_execution,
trading, the paper exchange. Measured from the broker's append time until all copy orders are committed (the database's
notice of it) and until the last order is signed and stored.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg.rows import DictRow, dict_row

from ops.bench.floors import floors
from ops.bench.ground import own_place
from ops.bench.trades import wallet
from ops.demo.crowd import Follower, Following
from ops.demo.faces import Faces, open_faces
from ops.feed.door import Door, open_door
from ops.generator.events import Person
from ops.output import say
from ops.stack.processes import Processes
from ops.statements import statement
from schemas.allocations import AllocationSettings
from schemas.enums import AddressType, CopyMode, Side, Source
from schemas.markets import MarketSeen
from schemas.trades import TradeSeen
from streams.topology import MARKETS, TRADES, TopicNames

SIZES: Final = (1_000, 10_000)
# The first trade of a leader finds cold caches everywhere and does not count.
ROUNDS: Final = {1_000: 6, 10_000: 3}
MUST_COMMIT_MS: Final = 120
MUST_SIGN_MS: Final = 500
# Ten thousand accounts are opened at some 100 a second; a round's 10,000 orders are posted one by one.
SETUP_SECONDS: Final = 900.0
ROUND_SECONDS: Final = 180.0
LOOK_SECONDS: Final = 0.1
PAPER_USDC: Final = "100000"
SETTINGS: Final = AllocationSettings(
    mode=CopyMode.FIXED_AMOUNT,
    fixed_amount_usdc=Decimal(2),
    budget_usdc=Decimal(50_000),
    max_loss_usdc=Decimal(50_000),
)


def run() -> tuple[dict[str, Any], str]:
    """Measure all sizes on one stack; the document and the same as text."""
    with own_place() as place:
        document = asyncio.run(_measure(place, SIZES))
    return document, _text(document)


async def _measure(place: Path, sizes: Sequence[int]) -> dict[str, Any]:
    async with Processes(place, fresh=True) as running:
        environment, names = running.environment, TopicNames()
        database = environment["POLYCOOL_DATABASE_URL"]
        async with (
            open_faces(environment, "bench") as faces,
            open_door(environment["POLYCOOL_KAFKA"], names) as door,
            await psycopg.AsyncConnection.connect(database, autocommit=True, row_factory=dict_row) as looking,
            await psycopg.AsyncConnection.connect(database, autocommit=True) as listening,
        ):
            await listening.execute(statement("ops.bench", "listen_planned").encode())
            stage = Fanout(faces, door, looking, listening)
            document: dict[str, Any] = {}
            for number, size in enumerate(sizes):
                document[str(size)] = await stage.measure(wallet(number), size)
            trade_id = stage.trades[sizes[0]]
        document["floors"] = await asyncio.to_thread(
            floors, environment["POLYCOOL_KAFKA"], names, database, trade_id
        )
        return document


class Fanout:
    """A leader at a time: his followers made, then his trades, each awaited to its end before the next."""

    def __init__(
        self,
        faces: Faces,
        door: Door,
        looking: psycopg.AsyncConnection[DictRow],
        listening: psycopg.AsyncConnection[Any],
    ) -> None:
        self._faces = faces
        self._door = door
        self._looking = looking
        self._listening = listening
        self._tokens = 0
        self.trades: dict[int, str] = {}

    async def measure(self, leader: str, followers: int) -> dict[str, Any]:
        """What one trade of this leader, followed by so many, takes; the median of the rounds and the slowest."""
        say(f"{followers} followers of one leader are made")
        began = time.monotonic()
        await self._follow(leader, followers)
        say(f"{followers} followers made in {time.monotonic() - began:.0f} s")
        rounds = [await self._round(leader, followers) for _ in range(ROUNDS[followers])][1:]
        committed = [each["committed_ms"] for each in rounds]
        signed = [each["signed_ms"] for each in rounds]
        return {
            "rounds": rounds,
            "committed_ms": _spread(committed),
            "signed_ms": _spread(signed),
            "committed_us_per_follower": round(statistics.median(committed) * 1_000 / followers, 1),
            "signed_us_per_follower": round(statistics.median(signed) * 1_000 / followers, 1),
        }

    async def _follow(self, leader: str, followers: int) -> None:
        roles = frozenset({AddressType.COPY_LEADER})
        await self._faces.watch(Person(f"leader of {followers}", leader, roles))
        await asyncio.gather(
            *(
                self._faces.join(
                    Follower(f"f{followers}-{number}", (Following(leader, "bench", SETTINGS),)), PAPER_USDC
                )
                for number in range(followers)
            )
        )
        until = time.monotonic() + SETUP_SECONDS
        while (await self._row("accounts_not_ready"))["count"]:
            assert time.monotonic() < until, "the accounts were not opened in time"
            await asyncio.sleep(LOOK_SECONDS)
        while not (await self._row("role_reads_of", wallets=[leader]))["count"]:
            assert time.monotonic() < until, "the role was not read in time"
            await asyncio.sleep(LOOK_SECONDS)

    async def _round(self, leader: str, followers: int) -> dict[str, Any]:
        token = await self._new_market()
        trade = _trade(leader, token, self._tokens)
        self.trades[followers] = trade.trade_id
        heard = asyncio.create_task(self._committed(leader, trade.trade_id))
        sent: Any = await (await self._door.send(TRADES, leader, trade))
        committed = await asyncio.wait_for(heard, ROUND_SECONDS)
        appended = sent.timestamp / 1_000
        found = await self._until_over(trade.trade_id, followers)
        assert found["copy_orders"] == found["planned"] == followers, f"not every follower copies: {found}"
        return {
            "committed_ms": _ms(committed - appended),
            "signed_ms": _ms(found["signed"].timestamp() - appended),
            "posted_ms": _ms(found["posted"].timestamp() - appended),
            **{
                f"{stage}_ms": _ms(datetime.fromisoformat(found[stage]).timestamp() - appended)
                for stage in ("classified", "received", "locked")
            },
        }

    async def _committed(self, leader: str, trade_id: str) -> float:
        """When the notice came with which the trade was decided for all: of the first ones, or of a trade before it,
        there may be others."""
        named = {"leader": leader, "trade_id": trade_id}
        async for _ in self._listening.notifies():
            heard = time.time()
            found = await self._looking.execute(statement("ops.bench", "decided").encode(), named)
            if await found.fetchone() is not None:
                return heard
        raise AssertionError("the database has closed the connection")

    async def _until_over(self, trade_id: str, followers: int) -> DictRow:
        until = time.monotonic() + ROUND_SECONDS
        while True:
            found = await self._row("fanned_out", trade_id=trade_id)
            if found["orders"] >= followers and not found["still_open"]:
                return found
            assert time.monotonic() < until, f"the copies of {trade_id} have not ended: {found}"
            await asyncio.sleep(LOOK_SECONDS)

    async def _new_market(self) -> str:
        self._tokens += 1
        token = str(10**70 + self._tokens)
        market = MarketSeen(
            version=1, token_id=token, market_id=f"0x{self._tokens:064x}", tick=Decimal("0.01")
        )
        await (await self._door.send(MARKETS, token, market))
        until = time.monotonic() + ROUND_SECONDS
        while (await self._row("markets_known"))["count"] < self._tokens:
            assert time.monotonic() < until, "the market was not known in time"
            await asyncio.sleep(LOOK_SECONDS)
        return token

    async def _row(self, name: str, **parameters: object) -> DictRow:
        found = await (
            await self._looking.execute(statement("ops.bench", name).encode(), parameters)
        ).fetchone()
        assert found is not None
        return found


def _trade(leader: str, token: str, number: int) -> TradeSeen:
    return TradeSeen(
        trade_id=f"0x{number:064x}-0",
        source=Source.GENERATED,
        wallet=leader,
        side=Side.BUY,
        token_id=token,
        size=Decimal(1_000),
        price=Decimal("0.5"),
        usdc=Decimal(500),
        traded_at=datetime.now(UTC),
    )


def _ms(seconds: float) -> float:
    return round(seconds * 1_000, 1)


def _spread(values: Sequence[float]) -> dict[str, float]:
    return {"p50": statistics.median(values), "min": min(values), "max": max(values)}


def _text(document: dict[str, Any]) -> str:
    lines = []
    for size in SIZES:
        figures = document[str(size)]
        committed, signed = figures["committed_ms"], figures["signed_ms"]
        lines.append(
            f"{size:,} followers: all durable after {committed['p50']:.0f} ms (best {committed['min']:.0f}), "
            f"all signed after {signed['p50']:.0f} ms (best {signed['min']:.0f}); per follower "
            f"{figures['committed_us_per_follower']:.0f} µs and {figures['signed_us_per_follower']:.0f} µs"
        )
    lines.append(f"must be, with 1,000: durable ≤ {MUST_COMMIT_MS} ms, signed ≤ {MUST_SIGN_MS} ms")
    lines.append("floors: " + ", ".join(f"{name} {value}" for name, value in document["floors"].items()))
    return "\n".join(lines)
