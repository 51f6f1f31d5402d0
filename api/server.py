"""The API's process."""

from __future__ import annotations

import socket
import sys
from types import FrameType
from typing import Final

import structlog
import uvicorn
import uvloop

from api.app import create_app
from api.logs import set_up_logs
from api.settings import Settings

# Requests under way may end; none waits longer than the broker's confirmation.
END_SECONDS: Final = 10


class _Server(uvicorn.Server):
    """Says `ready` once it listens, and ends in order at a signal instead of dying of it afterwards."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            structlog.get_logger().info("ready", host=self.config.host, port=self.config.port)
            sys.stdout.flush()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002  # as uvicorn calls it
        """A first signal lets requests end; a second one does not wait for them."""
        self.force_exit = self.should_exit
        self.should_exit = True


def run(settings: Settings) -> int:
    """Serve until SIGINT or SIGTERM; 0 when it ended in order, 1 when it could not start."""
    set_up_logs(settings.log_level)
    server = _Server(
        uvicorn.Config(
            create_app(settings),
            host=settings.api_host,
            port=settings.api_port,
            access_log=False,
            log_config=None,
            server_header=False,
            timeout_graceful_shutdown=END_SECONDS,
        )
    )
    uvloop.run(server.serve())
    return 0 if server.started else 1
