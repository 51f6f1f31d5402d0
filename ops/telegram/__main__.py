"""`python -m ops.telegram`: the local server until it is interrupted; its page is a person's chat."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import signal

from ops.exits import DONE
from ops.output import say
from ops.telegram.limits import Pace
from ops.telegram.server import TelegramServer


def main(arguments: list[str] | None = None) -> int:
    """Serve."""
    parser = argparse.ArgumentParser(prog="python -m ops.telegram", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8020, help="0 takes a free one")
    parser.add_argument("--no-limits", action="store_true", help="without Telegram's flood limits")
    chosen = parser.parse_args(arguments)
    pace = None if chosen.no_limits else Pace()
    asyncio.run(_serve(TelegramServer(host=chosen.host, port=chosen.port, pace=pace)))
    return DONE


async def _serve(server: TelegramServer) -> None:
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    async with server:
        print(json.dumps({"event": "ready", "url": server.url}), flush=True)  # noqa: T201
        say(f"a bot's address is {server.url}/bot; the page of a person is {server.url}/")
        with contextlib.suppress(asyncio.CancelledError):
            await ended.wait()


if __name__ == "__main__":
    raise SystemExit(main())
