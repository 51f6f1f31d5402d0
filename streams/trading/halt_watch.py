"""While `halt` stands: operators are told every ten minutes, users of each SELL that waits once (SAFETY R13)."""

from __future__ import annotations

import time
from typing import Final

import structlog

from streams.tables.asking import ask
from streams.tables.epochs import check_held, holding
from streams.trading.desk import Desk

_log = structlog.get_logger("trading.halt_watch")
EVERY_SECONDS: Final = 1.0


class HaltWatch:
    """A pass each second. The critical log line is the page; the gauge says how many SELLs wait."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._told_at = float("-inf")

    async def watch(self) -> None:
        """Tell what is to be told now."""
        async with self._desk.pool.connection() as connection:
            found = (await ask(connection, [("trading/halted_sells", {})], commit=True))[
                "trading/halted_sells"
            ]
            if not found:
                self._told_at = float("-inf")
                self._desk.figures.halted_sells.set(0)
                self._desk.figures.halted.set(0)
                return
            since, who, note, sells = found[0]
            self._desk.figures.halted_sells.set(sells)
            self._desk.figures.halted.set(1)
            if sells:
                epoch = self._desk.epoch
                told = await ask(connection, [holding(epoch), ("trading/tell_halted_sells", {})])
                check_held(told, epoch)
        if time.monotonic() - self._told_at >= self._desk.settings.halt_told_seconds:
            self._told_at = time.monotonic()
            _log.critical("halted", since=since, who=who, note=note, sells_waiting=sells)
