"""A small TCP proxy between our processes and what they speak with: it delays, cuts, and refuses, when it is told."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

_CHUNK: Final = 65_536


class Proxy:
    """Passes bytes on, both ways. ``delay_seconds`` is added to each piece; ``refuses``: no new connection."""

    def __init__(self, host: str, port: int) -> None:
        self.delay_seconds = 0.0
        self.refuses = False
        self.passed = 0
        self._target = (host, port)
        self._writers: set[asyncio.StreamWriter] = set()
        self._under_way: set[asyncio.Task[None]] = set()

    def cut(self) -> int:
        """End every connection at once, in the middle of whatever is said; how many there were."""
        count = len(self._writers)
        for writer in list(self._writers):
            writer.transport.abort()
        return count

    def heal(self) -> None:
        """Pass everything on as it comes."""
        self.delay_seconds, self.refuses = 0.0, False

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        task = asyncio.current_task()
        assert task is not None
        self._under_way.add(task)
        try:
            if not self.refuses:
                await self._pass_on(reader, writer)
        finally:
            self._under_way.discard(task)
            writer.transport.abort()

    async def close(self) -> None:
        """End everything that is under way."""
        self.cut()
        for task in list(self._under_way):
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            there, back = await asyncio.open_connection(*self._target)
            ends = {writer, back}
            self._writers |= ends
            try:
                async with asyncio.TaskGroup() as both:
                    both.create_task(self._one_way(reader, back))
                    both.create_task(self._one_way(there, writer))
            finally:
                self._writers -= ends
                back.transport.abort()

    async def _one_way(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while piece := await source.read(_CHUNK):
                if self.delay_seconds:
                    await asyncio.sleep(self.delay_seconds)
                sink.write(piece)
                await sink.drain()
                self.passed += len(piece)
        sink.transport.abort()


@asynccontextmanager
async def open_proxy(host: str, port: int) -> AsyncIterator[tuple[Proxy, int]]:
    """A proxy in front of this address, and the port of the loopback that it listens on."""
    proxy = Proxy(host, port)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    try:
        yield proxy, server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await proxy.close()
