"""Reading server-sent events as a browser does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from tests.api.conftest import Face


@dataclass(frozen=True)
class Heard:
    """An event: its name, its id where it has one, its data."""

    name: str
    id: str | None
    data: dict[str, Any]


class Stream:
    """An open stream."""

    def __init__(self, lines: AsyncIterator[str]) -> None:
        self._lines = lines
        self.last_id: str | None = None

    async def next(self, seconds: float = 20.0) -> Heard:
        """The next event, which must come within so long."""
        async with asyncio.timeout(seconds):
            return await self._next()

    async def _next(self) -> Heard:
        fields: dict[str, str] = {}
        async for line in self._lines:
            if not line and "data" in fields:
                self.last_id = fields.get("id", self.last_id)
                return Heard(fields.get("event", "message"), fields.get("id"), json.loads(fields["data"]))
            name, _, value = line.partition(": ")
            fields[name] = value
        raise AssertionError("the stream has ended")

    async def until(self, *names: str) -> Heard:
        """The next event of one of these names."""
        while True:
            heard = await self.next()
            if heard.name in names:
                return heard

    async def several(self, count: int, *names: str) -> list[Heard]:
        """The next so many events of these names."""
        return [await self.until(*names) for _ in range(count)]


@asynccontextmanager
async def listening(
    face: Face, path: str, user: str | None = None, after: str | None = None
) -> AsyncIterator[Stream]:
    """A stream that is open; anything but 200 fails the test."""
    headers = face.acting(user) if user else {}
    if after is not None:
        headers["Last-Event-ID"] = after
    async with face.http.stream("GET", path, headers=headers, timeout=httpx.Timeout(30)) as answer:
        if answer.status_code != 200:
            await answer.aread()
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].startswith("text/event-stream")
        yield Stream(answer.aiter_lines())
