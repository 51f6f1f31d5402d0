"""The loopback HTTP of a process without a face: /livez, /readyz, /metrics."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

HOST: Final = "127.0.0.1"

Complaint = Callable[[], str | None]
"""None when all is well, else one sentence."""


class Loopback:
    """A small server for the machine itself; it says nothing about people or money."""

    def __init__(self, port: int, registry: CollectorRegistry, *, alive: Complaint, ready: Complaint) -> None:
        self._wanted = port
        self._registry = registry
        self._alive = alive
        self._ready = ready
        self._runner: web.AppRunner | None = None
        self.port = 0

    async def start(self) -> None:
        """Listen; `port` is then the one that was taken. Raises OSError when it is in use."""
        site = web.Application()
        site.router.add_get("/livez", _answering(self._alive))
        site.router.add_get("/readyz", _answering(self._ready))
        site.router.add_get("/metrics", self._metrics)
        self._runner = web.AppRunner(site, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, self._wanted).start()
        self.port = int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _metrics(self, _request: web.Request) -> web.Response:
        return web.Response(
            body=generate_latest(self._registry), headers={"Content-Type": CONTENT_TYPE_LATEST}
        )


def _answering(complaint: Complaint) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def answer(_request: web.Request) -> web.StreamResponse:
        wrong = complaint()
        return web.Response(text=f"{wrong or 'ok'}\n", status=503 if wrong else 200)

    return answer
