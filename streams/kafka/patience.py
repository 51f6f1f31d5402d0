"""Passing faults: what they are, how long and how often something is tried again in place."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar

import psycopg
import structlog
from aiokafka.errors import KafkaError

log = structlog.get_logger()
T = TypeVar("T")

PASSING: Final = (psycopg.OperationalError, psycopg.InterfaceError, KafkaError, TimeoutError, ConnectionError)
# Two workers may both make up the same short name, or both insert a row that was not there: once or twice that is a
# race, more often it is a fault of the message.
COLLISIONS_MAX: Final = 5
FIRST_PAUSE_SECONDS: Final = 0.02
LONGEST_PAUSE_SECONDS: Final = 2.0


class OutOfPatience(Exception):
    """A passing fault did not pass before the deadline: the process must end, its messages come again."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long something is tried in all, and how long one try may take; seconds."""

    in_all: float = 30.0
    one_try: float = 10.0


async def patiently(
    name: str,
    attempt: Callable[[], Awaitable[T]],
    patience: Patience,
    *,
    monotonic: Callable[[], float] = time.monotonic,
    on_retry: Callable[[], None] = lambda: None,
) -> T:
    """Try until it works. Raises OutOfPatience when a passing fault stays, and at once any other fault."""
    deadline = monotonic() + patience.in_all
    pause, collisions = FIRST_PAUSE_SECONDS, 0
    while True:
        try:
            async with asyncio.timeout(patience.one_try):
                return await attempt()
        except psycopg.errors.UniqueViolation as fault:
            collisions += 1
            if collisions > COLLISIONS_MAX:
                raise
            log.info("collision", stage=name, fault=said(fault))
        except PASSING as fault:
            if monotonic() + pause > deadline:
                raise OutOfPatience(f"{name}: {said(fault)}") from fault
            log.warning("retry", stage=name, fault=said(fault), pause_seconds=round(pause, 3))
        on_retry()
        # Jitter: workers that lost the same database do not come back all at once.
        await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 (no secret hangs on it)
        pause = min(2 * pause, LONGEST_PAUSE_SECONDS)


def said(fault: BaseException) -> str:
    """The fault in one line, cut: details for people go into logs and dead letters."""
    return f"{type(fault).__name__}: {' '.join(str(fault).split())}"[:1_000]
