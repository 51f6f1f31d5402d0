"""What waits in the tables for somebody to take it further, as figures: looked at when Prometheus asks."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from api.database import OPERATOR
from api.doors import Doors
from api.health import AWAY

log = structlog.get_logger()
# Prometheus gives a process ten seconds for all its figures; a table that cannot be read has alerts of its own.
LOOK_SECONDS: Final = 1.0
NOT_KNOWN: Final = float("nan")


async def look(doors: Doors) -> None:
    """Put the ages of the oldest notice and message into the figures; not a number where the tables do not answer."""
    metrics = doors.metrics
    try:
        async with asyncio.timeout(LOOK_SECONDS), doors.database.transaction(OPERATOR) as transaction:
            row = await transaction.row("oldest_waiting")
    except (*AWAY, TimeoutError) as error:
        log.warning("waiting_not_looked_at", error=type(error).__name__)
        row = None
    metrics.oldest_notice.set(NOT_KNOWN if row is None else float(row["notice_seconds"]))
    metrics.oldest_message.set(NOT_KNOWN if row is None else float(row["message_seconds"]))
