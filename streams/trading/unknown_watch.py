"""Whose order the exchange has not answered clearly for ten seconds is told that it is being checked (UX §3)."""

from __future__ import annotations

from typing import Final

from streams.tables.asking import ask
from streams.tables.epochs import check_held, holding
from streams.trading.desk import Desk

EVERY_SECONDS: Final = 1.0
TOLD_AFTER_SECONDS: Final = 10.0
"""Most doubts end sooner; a person need not hear of those."""


class UnknownWatch:
    """A pass each second; the copy's end takes the notice's place."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def watch(self) -> None:
        """Tell those who have waited long enough. Raises ``EpochLost``."""
        tell = ("trading/tell_unknown", {"seconds": TOLD_AFTER_SECONDS})
        async with self._desk.pool.connection() as connection:
            epoch = self._desk.epoch
            check_held(await ask(connection, [holding(epoch), tell]), epoch)
