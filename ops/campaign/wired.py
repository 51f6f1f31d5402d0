"""Everything on this machine with proxies in between: our processes reach the database and the exchange through them.

The campaign itself asks directly. Kafka's clients are told the broker's own address and are not led through one: the
broker is killed instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import urlsplit

from ops.campaign.proxy import Proxy, open_proxy
from ops.stack.processes import Processes


class WiredProcesses(Processes):
    """`wires` are there once it has started."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.wires: list[Proxy] = []
        self._wired: dict[str, str] = {}
        self._open = AsyncExitStack()

    def program_environment(self) -> Mapping[str, str]:
        """What our processes are started with."""
        return self._wired or self.environment

    async def stop(self) -> None:
        """End all of it, the proxies last."""
        await super().stop()
        await self._open.aclose()

    async def _start_programs(self) -> None:
        direct = self.environment
        database = await self._proxied(self.stack.database_tcp_url)
        paper = await self._proxied(direct["POLYCOOL_PAPER_URL"])
        self._wired = {**direct, "POLYCOOL_DATABASE_URL": database, "POLYCOOL_PAPER_URL": paper}
        # A program keeps what it was started with; everybody else goes on asking directly.
        self.environment = self._wired
        try:
            await super()._start_programs()
        finally:
            self.environment = direct

    async def _proxied(self, url: str) -> str:
        parts = urlsplit(url)
        assert parts.hostname is not None
        assert parts.port is not None
        proxy, port = await self._open.enter_async_context(open_proxy(parts.hostname, parts.port))
        self.wires.append(proxy)
        return parts._replace(netloc=parts.netloc.replace(f":{parts.port}", f":{port}")).geturl()
