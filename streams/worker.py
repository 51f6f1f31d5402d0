"""The process `polycool streams`: every stage of the way but the exchange, assembled here by name.

Read streams/topology.py for the order of the data. A fault that leaves nothing to do but to end ends the process at
once and acknowledges nothing: what was in hand comes again.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import sys
import tempfile
import threading
from typing import Final, NoReturn

import structlog
import uvloop

from streams.kafka.app import WrongGround, check_versions, make_app
from streams.logs import say_ready, set_up_logs
from streams.parts import Parts
from streams.settings import StreamsSettings
from streams.tables.pool import open_pool

log = structlog.get_logger()

FIRST: Final = asyncio.FIRST_COMPLETED
MISSING: Final = 3
CRASHED: Final = 70
# Batches in hand are finished and committed at a stop; a hung one must not keep the process for ever.
STOP_SECONDS: Final = 20.0
# A trade with 1,000 followers makes some 10,000 objects that live for a tenth of a second; the collector need not look
# through them ten times meanwhile. Its second look comes after four such crowds: after twenty it took 36 ms.
COLLECT_EVERY: Final = (10_000, 4, 50)
# Faust reads from the broker in a thread of its own, which needs Python's lock several times for each message: by
# default it waits 5 ms for it each time, while decisions are taken.
SWITCH_SECONDS: Final = 0.0005


def run(settings: StreamsSettings) -> None:
    """Run until SIGTERM or SIGINT. Ends the process with 3 on wrong ground, with 70 after a crash."""
    sys.setswitchinterval(SWITCH_SECONDS)
    set_up_logs("streams", logging.getLevelNamesMapping()[settings.log_level.upper()])
    try:
        check_versions()
        with (
            tempfile.TemporaryDirectory(prefix="polycool-streams-") as place,
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        ):
            runner.run(_live(settings, place))
    except WrongGround as wrong:
        log.critical("wrong_ground", fault=str(wrong))
        sys.exit(MISSING)


def crash(fault: BaseException) -> NoReturn:
    """End now, with nothing acknowledged."""
    log.critical("crash", exc_info=fault)
    sys.stdout.flush()
    os._exit(CRASHED)


async def _live(settings: StreamsSettings, place: str) -> None:
    stopping = asyncio.Event()
    for which in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(which, stopping.set)
    pool = await open_pool(
        settings.database_url.get_secret_value(), "streams", max_size=settings.database_connections
    )
    parts = Parts(settings, make_app(settings, place), pool, crash)
    try:
        await parts.start()
        starting = asyncio.create_task(parts.app.start())
        stopped = asyncio.create_task(stopping.wait())
        await asyncio.wait({starting, stopped}, return_when=FIRST)
        if starting.done():
            starting.result()
            parts.relay_outbox()
            await asyncio.wait({asyncio.create_task(parts.roles.ready.wait()), stopped}, return_when=FIRST)
            gc.collect()
            gc.freeze()  # what the modules made lives as long as the process
            gc.set_threshold(*COLLECT_EVERY)
            say_ready(http_port=parts.loopback.port, pid=os.getpid())
            await parts.app.wait(stopped)
        if parts.app.crashed:
            crash(parts.app.crash_reason or RuntimeError("Faust has crashed"))
    finally:
        _end_by_force_after(STOP_SECONDS)
        await parts.stop()
        await pool.close()


def _end_by_force_after(seconds: float) -> None:
    timer = threading.Timer(seconds, os._exit, [CRASHED])
    timer.daemon = True
    timer.start()
