"""`polycool up`: everything on this machine, until Ctrl-C."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from typing import Annotated, NoReturn

import typer

from ops.demo.keys import in_a_terminal
from ops.exits import DONE, INTERRUPTED
from ops.figures.look_on import look_on
from ops.output import answer, current, say
from ops.stack.place import stack_directory
from ops.stack.ports import free_port
from ops.stack.processes import BOT, BOT_TOKEN, NAMES, Processes, State

LOOK_SECONDS = 0.2
# Known from the start, so that `status` beside it finds each stage's own figures.
LOOPBACK_DOORS = ("POLYCOOL_STREAMS_HTTP_PORT", "POLYCOOL_TRADING_HTTP_PORT", "POLYCOOL_BOT_HTTP_PORT")


def command(
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Throw away the data of earlier runs first.")
    ] = False,
) -> int:
    """Start broker, database, paper exchange, streams, trading, api and (with a token) bot; Ctrl-C ends in order."""
    return asyncio.run(_up(fresh=fresh))


async def _up(*, fresh: bool) -> int:
    began = time.monotonic()
    ending = asyncio.current_task()
    assert ending is not None, "runs in a task"
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # The block below then ends everything in order; a second signal hurries it.
        asyncio.get_running_loop().add_signal_handler(sign, ending.cancel)
    code = INTERRUPTED
    with contextlib.suppress(asyncio.CancelledError):
        doors = {name: os.environ.get(name) or str(free_port()) for name in LOOPBACK_DOORS}
        with_bot = bool(os.environ.get(BOT_TOKEN))
        if not with_bot:
            say(f"{BOT:<18} not started: {BOT_TOKEN} is not set")
        names = (*NAMES, BOT) if with_bot else NAMES
        async with Processes(
            stack_directory(), fresh=fresh, names=names, settings=doors, report=_report
        ) as processes:
            code = DONE
            _tell_ready(processes, time.monotonic() - began)
            if in_a_terminal() and not current().as_json:
                await look_on(processes)
            else:
                await _tell_changes(processes)
    return code


def _tell_ready(processes: Processes, seconds: float) -> None:
    api, place = processes.environment["POLYCOOL_API_URL"], processes.stack.directory
    answer(
        {"event": "ready", "seconds": round(seconds, 2), "api": api, "directory": str(place)},
        f"ready in {seconds:.1f} s · api {api} · data and logs in {place} · Ctrl-C ends",
    )


def _report(name: str, seconds: float) -> None:
    say(f"{name:<18} {seconds:4.1f} s")


async def _tell_changes(processes: Processes) -> NoReturn:
    told = 0
    given_up: set[str] = set()
    while True:
        for restart in processes.restarts[told:]:
            say(f"{restart.name} ended with {restart.exit_code} and is started again")
        told = len(processes.restarts)
        for name, program in processes.programs.items():
            if processes.state_of(name) is State.FAILED and name not in given_up:
                given_up.add(name)
                say(f"{name} was given up: it does not stay up; its words are in {program.log}")
        await asyncio.sleep(LOOK_SECONDS)
