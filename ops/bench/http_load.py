"""A cheap load generator for one GET: raw connections that are kept, in a process of its own. `python -m` with JSON.

Closed loop: each connection asks again as soon as it is answered. Open loop: each request has its intended moment, and
its time counts from there, whatever became of those before (a server that stalls is not asked less).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, cast

import uvloop

_END_OF_HEAD: Final = b"\r\n\r\n"
_LENGTH: Final = b"content-length: "
# What is not answered by then is counted as failed.
_LAST_SECONDS: Final = 5.0


@dataclass(frozen=True)
class Load:
    """What is asked, how long, by how many connections, and at what rate (None: closed loop)."""

    port: int
    path: str
    headers: Mapping[str, str]
    connections: int
    seconds: float
    rate: float | None = None

    def request(self) -> bytes:
        """The bytes of one request."""
        lines = [f"GET {self.path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return "\r\n".join([*lines, "", ""]).encode()


class _Connection(asyncio.Protocol):
    """One request at a time; ``over`` is called with the intended moment and whether the answer was a 200."""

    def __init__(self, load: _Run) -> None:
        self._load = load
        self._transport: asyncio.Transport | None = None
        self._read = bytearray()
        self._whole = 0
        self._due = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are none of asyncio's classes.
        self._transport = cast("asyncio.Transport", transport)

    def ask(self, due: float) -> None:
        """Send the request; it was meant to go at ``due``."""
        assert self._transport is not None
        self._due = due
        self._transport.write(self._load.request)

    def data_received(self, data: bytes) -> None:
        self._read += data
        if not self._whole:
            head = self._read.find(_END_OF_HEAD)
            if head < 0:
                return
            begin = self._read.lower().find(_LENGTH, 0, head) + len(_LENGTH)
            self._whole = head + len(_END_OF_HEAD) + int(self._read[begin : self._read.find(b"\r", begin)])
        if len(self._read) >= self._whole:
            good = self._read.startswith(b"HTTP/1.1 200")
            self._read.clear()
            self._whole = 0
            self._load.answered(self, self._due, good=good)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # as asyncio calls it
        self._load.failed += 1


class _Run:
    def __init__(self, load: Load) -> None:
        self._load = load
        self.request = load.request()
        self.failed = 0
        self.spent: list[float] = []
        self._idle: deque[_Connection] = deque()
        self._due: deque[float] = deque()
        self._until = 0.0
        self._freed = asyncio.Event()

    async def run(self) -> dict[str, Any]:
        loop = asyncio.get_running_loop()
        opened = [
            (await loop.create_connection(lambda: _Connection(self), "127.0.0.1", self._load.port))[1]
            for _ in range(self._load.connections)
        ]
        began = time.perf_counter()
        self._until = began + self._load.seconds
        if self._load.rate is None:
            for connection in opened:
                connection.ask(time.perf_counter())
            await asyncio.sleep(self._load.seconds)
        else:
            self._idle.extend(opened)
            await self._arrive(self._load.rate, began)
        spent = time.perf_counter() - began
        failed = self.failed + len(self._due)
        return _figures(self.spent, spent, failed)

    async def _arrive(self, rate: float, began: float) -> None:
        for number in range(int(rate * self._load.seconds)):
            due = began + number / rate
            wait = due - time.perf_counter()
            if wait > 0:
                await asyncio.sleep(wait)
            if self._idle:
                self._idle.popleft().ask(due)
            else:
                self._due.append(due)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LAST_SECONDS):
                await self._all_idle()

    async def _all_idle(self) -> None:
        while len(self._idle) < self._load.connections:
            self._freed.clear()
            await self._freed.wait()

    def answered(self, connection: _Connection, due: float, *, good: bool) -> None:
        """One more answer; the connection asks again, or waits."""
        now = time.perf_counter()
        if good:
            self.spent.append(now - due)
        else:
            self.failed += 1
        if self._load.rate is None:
            if now < self._until:
                connection.ask(now)
        elif self._due:
            connection.ask(self._due.popleft())
        else:
            self._idle.append(connection)
            self._freed.set()


def _figures(spent: list[float], seconds: float, failed: int) -> dict[str, Any]:
    ordered = sorted(spent)

    def at(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1_000, 2) if ordered else 0.0

    return {
        "answered": len(ordered),
        "failed": failed,
        "per_second": round(len(ordered) / seconds, 1),
        "ms": {"p50": at(0.5), "p95": at(0.95), "p99": at(0.99), "max": at(1.0)},
    }


async def apply(load: Load) -> dict[str, Any]:
    """Put the load on from a process of its own; what it measured."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", __name__, json.dumps(asdict(load)), stdout=asyncio.subprocess.PIPE
    )
    said, _ = await child.communicate()
    found: dict[str, Any] = json.loads(said)
    return found


if __name__ == "__main__":
    print(json.dumps(uvloop.run(_Run(Load(**json.loads(sys.argv[1]))).run())))  # noqa: T201 (its answer)
