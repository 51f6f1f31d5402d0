"""Work done again and again; passing faults are waited out, everything else ends the process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

import psycopg
import structlog

from streams.keys.providers import KeyRefused
from streams.venues.venue import VenueFault

_log = structlog.get_logger("trading.loops")
_PAUSE_SECONDS: Final = 0.5


def passing(fault: BaseException) -> bool:
    """Whether it is the fault of a database or an exchange that does not answer, or of one account's sealed row."""
    if isinstance(fault, BaseExceptionGroup):
        return all(passing(part) for part in fault.exceptions)
    return isinstance(fault, psycopg.OperationalError | VenueFault | KeyRefused)


def _of_the_database(fault: BaseException) -> bool:
    if isinstance(fault, BaseExceptionGroup):
        return any(_of_the_database(part) for part in fault.exceptions)
    return isinstance(fault, psycopg.OperationalError)


def database_away(fault: BaseException) -> bool:
    """Whether a database that does not answer is at fault, and nothing that would not pass."""
    return passing(fault) and _of_the_database(fault)


async def again_and_again(
    name: str,
    work: Callable[[], Awaitable[object]],
    pause_seconds: float,
    patience_seconds: float,
    over: Callable[[], bool],
) -> None:
    """Do the work, pause, do it again, until ``over``. A database that is silent for ``patience_seconds`` ends it with
    its fault."""
    failing_since: float | None = None
    while not over():
        try:
            await work()
            failing_since = None
        except Exception as fault:
            if not passing(fault):
                raise
            now = time.monotonic()
            failing_since = failing_since or now
            _log.warning("passing_fault", loop=name, fault=said_of(fault))
            if _of_the_database(fault) and now - failing_since > patience_seconds:
                raise
            await asyncio.sleep(_PAUSE_SECONDS)
            continue
        if pause_seconds:
            await asyncio.sleep(pause_seconds)


def said_of(fault: BaseException) -> str:
    """A fault, or each of a group, in one line."""
    if isinstance(fault, BaseExceptionGroup):
        return "; ".join(said_of(part) for part in fault.exceptions[:3])
    return f"{type(fault).__name__}: {fault}"[:300]
