"""The paper exchange's process: served by uvicorn on one event loop."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
import uvloop

from ops.paper.assembly import exchange
from ops.paper.settings import PaperSettings
from streams.logs import say_ready, set_up_logs

_GRACE_SECONDS = 5


async def serve(settings: PaperSettings) -> None:
    """Serve until SIGINT or SIGTERM; says ``ready`` with the port once it answers."""
    async with exchange(settings) as (app, tasks):
        server = _Server(
            uvicorn.Config(
                app,
                host=settings.paper_host,
                port=settings.paper_port,
                http="httptools",
                ws="websockets-sansio",
                ws_ping_interval=None,
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                date_header=False,
                timeout_graceful_shutdown=_GRACE_SECONDS,
            )
        )
        # A writer that fell over answers nobody any more: then the process ends with its error.
        for task in tasks:
            task.add_done_callback(lambda _: server.stop())
        await server.serve()
        for task in tasks:
            if task.done():
                await task


def run(settings: PaperSettings) -> None:
    """The process: returns when it was told to stop."""
    set_up_logs("paper")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(settings))


class _Server(uvicorn.Server):
    """Uvicorn's server that leaves signals to us, so that what is open gets closed before the process ends."""

    def stop(self) -> None:
        """End after the requests under way."""
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """SIGINT and SIGTERM end the serving; they are not raised again afterwards."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.stop)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then say where."""
        await super().startup(sockets=sockets)
        if self.started:
            port = self.servers[0].sockets[0].getsockname()[1]
            say_ready(host=self.config.host, port=port)


if __name__ == "__main__":
    run(PaperSettings())
