"""A worker that the system stops, at whatever moment, keeps no newer one from beginning (DESIGN §8)."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg

from tests.trading.ground import Ground
from tests.waiting import eventually

# What the worker asks in a transaction of its own beside the bookings, as often as it can.
_BUSY: Final = """
import asyncio, sys
from schemas.enums import OrderState
from streams.tables import epochs, orders
from streams.tables.pool import open_pool

async def busy(url):
    pool = await open_pool(url, "trading", max_size=2)
    epoch = await epochs.take_epoch(pool, "stopped")
    print("begun", flush=True)
    while True:
        await epochs.beat(pool, epoch)
        await orders.look_before_post(pool, epoch, ["0x"], OrderState.SIGNED, clock_agrees=True)

asyncio.run(busy(sys.argv[1]))
"""
STOPS: Final = 60
# Far under what the database waits for a hanging transaction, and over what a busy machine makes of a commit.
FREE_SECONDS: Final = 3.0


@contextmanager
def busy_worker(database_url: str) -> Iterator[subprocess.Popen[str]]:
    """A process that beats and looks without pause; it has begun."""
    with subprocess.Popen(
        [sys.executable, "-c", _BUSY, database_url], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "begun\n"
            yield process
        finally:
            process.kill()


async def test_whoever_is_stopped_between_two_statements_holds_no_lock(ground: Ground) -> None:
    """Its beat and its last look are over with the one piece in which they leave: stopped sixty times,
    at any moment, and the newer worker could begin at once each time."""
    chance = random.Random(5)  # noqa: S311
    with (
        busy_worker(ground.database_url) as process,
        psycopg.connect(ground.database_url, autocommit=True) as newer,
    ):

        def free() -> bool:
            try:
                newer.execute("SELECT 1 FROM worker_epochs WHERE role = 'trading' FOR UPDATE NOWAIT")
            except psycopg.errors.LockNotAvailable:
                return False
            return True

        for _ in range(STOPS):
            # No waiting for anything: any moment will do.
            time.sleep(chance.uniform(0.001, 0.02))
            process.send_signal(signal.SIGSTOP)
            await eventually(free, FREE_SECONDS)
            process.send_signal(signal.SIGCONT)
        assert process.poll() is None
