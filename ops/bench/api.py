"""`polycool bench api`: a user's newest 20 copies of 2,000, one worker, beside a bare route that answers as many bytes.

Closed loop: as many as are answered. Open loop: 300 a second, each at its moment, its time counted from there. The load
comes from a process of its own; broker, database and all our processes share the machine with it.
"""

from __future__ import annotations

import asyncio
import os
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import httpx
import psutil

from ops.bench.ground import own_place
from ops.bench.http_load import Load, apply
from ops.bench.trades import wallet
from ops.demo.crowd import Follower, Following
from ops.demo.faces import acting, mint_of, open_faces
from ops.feed.door import Door, open_door
from ops.generator.events import Person
from ops.output import say
from ops.stack.ports import free_port
from ops.stack.processes import Processes
from schemas.allocations import AllocationSettings
from schemas.enums import AddressType, CopyMode, Side, Source
from schemas.markets import MarketSeen
from schemas.trades import TradeSeen
from streams.topology import MARKETS, TRADES, TopicNames

COPIES: Final = 2_000
TOKENS: Final = 20
CLOSED_CONNECTIONS: Final = 16
OPEN_CONNECTIONS: Final = 64
RATE: Final = 300.0
SECONDS: Final = 15.0
WARM_SECONDS: Final = 3.0
MUST_PER_SECOND: Final = 1_500
MUST_P99_MS: Final = 25
LIST: Final = "/v1/copy-orders?limit=20"
_WAIT_SECONDS: Final = 120.0
SETTINGS: Final = AllocationSettings(
    mode=CopyMode.FIXED_AMOUNT, fixed_amount_usdc=Decimal(2), budget_usdc=Decimal(50_000)
)


def run() -> tuple[dict[str, Any], str]:
    """Measure on a stack of its own; the document and the same as text."""
    # One user asks for all: the pace of a person is not what is measured.
    os.environ.setdefault("POLYCOOL_API_LOOKS_PER_SECOND", "1000000")
    os.environ.setdefault("POLYCOOL_API_LOOKS_AT_ONCE", "1000000")
    with own_place() as place:
        document = asyncio.run(_measure(place))
    return document, _text(document)


async def _measure(place: Path) -> dict[str, Any]:
    async with Processes(place, fresh=True) as running:
        environment = running.environment
        async with httpx.AsyncClient(base_url=environment["POLYCOOL_API_URL"], timeout=20) as http:
            headers = await _set_up(environment, http)
            body = (await http.get(LIST, headers=headers)).content
        port = int(environment["POLYCOOL_API_PORT"])
        figures: dict[str, Any] = {}
        pid = running.programs["api"].pid
        async with _bare(place, body) as (bare_port, bare_pid):
            for name, to, path, of in (("list", port, LIST, pid), ("bare", bare_port, "/bare", bare_pid)):
                say(f"{name}: {SECONDS:g} s closed, {SECONDS:g} s open loop")
                figures[name] = await _both(to, path, headers if name == "list" else {}, of)
        return figures | {
            "body_bytes": len(body),
            "rows": 20,
            "of": COPIES,
            "must": {"per_second": MUST_PER_SECOND, "p99_ms": MUST_P99_MS, "rate": RATE},
            "resident_mb": psutil.Process(pid).memory_info().rss >> 20,
            "machine_busy": round(psutil.getloadavg()[0], 1),
        }


async def _both(port: int, path: str, headers: dict[str, str], pid: int) -> dict[str, Any]:
    await apply(Load(port, path, headers, CLOSED_CONNECTIONS, WARM_SECONDS))
    before = _cpu_seconds(pid)
    closed = await apply(Load(port, path, headers, CLOSED_CONNECTIONS, SECONDS))
    # What a request costs the worker holds also on a machine that does much else meanwhile.
    spent = (_cpu_seconds(pid) - before) * 1_000 / max(1, closed["answered"])
    return {
        "closed": closed | {"worker_cpu_ms": round(spent, 3)},
        "open": await apply(Load(port, path, headers, OPEN_CONNECTIONS, SECONDS, RATE)),
    }


def _cpu_seconds(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


async def _set_up(environment: dict[str, str], http: httpx.AsyncClient) -> dict[str, str]:
    """One leader, one follower, and trades until the follower has so many copies; the follower's headers."""
    leader = wallet(0)
    async with (
        open_faces(environment, "bench") as faces,
        open_door(environment["POLYCOOL_KAFKA"], TopicNames()) as door,
    ):
        await faces.watch(Person("leader", leader, frozenset({AddressType.COPY_LEADER})))
        made = await faces.join(Follower("reader", (Following(leader, "bench", SETTINGS),)), "100000")
        await faces.until_ready(made)
        await _play(door, leader)
    headers = acting(mint_of(environment), made.user_id)
    async with asyncio.timeout(_WAIT_SECONDS):
        while True:
            summary = (await http.get("/v1/copy-orders/summary", headers=headers)).json()
            if summary.get("answered", 0) >= COPIES:
                return headers
            await asyncio.sleep(0.5)


async def _play(door: Door, leader: str) -> None:
    for number in range(TOKENS):
        market = MarketSeen(
            version=1, token_id=_token(number), market_id=f"0x{number + 1:064x}", tick=Decimal("0.01"),
            question="Will it rain in Lisbon tomorrow?", outcome="Yes",
        )  # fmt: skip
        await door.send(MARKETS, market.token_id, market)
    await door.confirm()
    for number in range(COPIES):
        tx_hash = f"0x{uuid.uuid4().hex * 2}"
        trade = TradeSeen(
            trade_id=f"{tx_hash}-0", source=Source.GENERATED, wallet=leader, side=Side.BUY,
            token_id=_token(number % TOKENS), size=Decimal(100), price=Decimal("0.50"), usdc=Decimal(50),
            tx_hash=tx_hash, traded_at=datetime.now(UTC),
        )  # fmt: skip
        await door.send(TRADES, leader, trade)
    await door.confirm()


def _token(number: int) -> str:
    return str(10**70 + number)


@asynccontextmanager
async def _bare(place: Path, body: bytes) -> AsyncIterator[tuple[int, int]]:
    port, kept = free_port(), place / "body.json"
    kept.write_bytes(body)
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ops.bench.bare_api", str(port), str(kept)
    )
    try:
        async with httpx.AsyncClient() as http, asyncio.timeout(20):
            while True:
                try:
                    await http.get(f"http://127.0.0.1:{port}/bare")
                    break
                except httpx.ConnectError:
                    await asyncio.sleep(0.1)
        yield port, child.pid
    finally:
        child.terminate()
        await child.wait()


def _text(document: dict[str, Any]) -> str:
    lines = [f"{document['rows']} of {document['of']:,} copies, {document['body_bytes']:,} bytes, one worker"]
    for name in ("list", "bare"):
        closed, opened = document[name]["closed"], document[name]["open"]
        spread = " · ".join(f"{share} {value:g} ms" for share, value in opened["ms"].items())
        lines.append(
            f"  {name:<5} {closed['per_second']:,.0f}/s closed (p99 {closed['ms']['p99']:g} ms, "
            f"{closed['worker_cpu_ms']:g} ms of the worker's processor) · "
            f"at {RATE:g}/s open: {spread} · failed {closed['failed'] + opened['failed']}"
        )
    lines.append(
        f"  must: ≥ {MUST_PER_SECOND:,}/s closed, p99 ≤ {MUST_P99_MS} ms open; api {document['resident_mb']} MB; "
        f"load of the machine {document['machine_busy']}"
    )
    return "\n".join(lines)
