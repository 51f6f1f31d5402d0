"""Grades signals when their time has come, and keeps what that says of each wallet; off the way of a trade.

All it knows is in the tables: after a restart it goes on, and no signal is graded twice. It asks for the prices it will
need by wishing them, as a person does who looks.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

import psycopg
import structlog

from streams.kafka.patience import PASSING, said
from streams.smart_trader.grading import SIGNALS_COUNTED, Due, Grade, Horizon, grade, score
from streams.tables.asking import Connection, ask
from streams.tables.pool import Pool

log = structlog.get_logger()
# What is due waits for its price at most some minutes; a fresh signal's price is looked at by people.
WISHES_MOST: Final = 200
GRADES_MOST: Final = 500
# Ends are looked for among all signals that have none yet: once a minute is soon enough.
ENDS_EVERY_ROUNDS: Final = 12


class Scorekeeper:
    """Keeps ``signal_grades`` and ``wallet_scores``; ``look_seconds`` is the pause between rounds."""

    def __init__(self, pool: Pool, *, look_seconds: float) -> None:
        self._pool = pool
        self._look_seconds = look_seconds
        self._rounds = 0

    async def run(self) -> None:
        """Round after round until it is cancelled; a fault costs a round."""
        while True:
            try:
                await self.round(ends=self._rounds % ENDS_EVERY_ROUNDS == 0)
            except PASSING as fault:
                log.warning("scorekeeper_retry", fault=said(fault))
            except psycopg.Error as fault:
                log.error("scorekeeper_failed", fault=said(fault))
            self._rounds += 1
            await asyncio.sleep(self._look_seconds)

    async def round(self, *, ends: bool) -> int:
        """Wish prices, grade what is due (with ``ends`` also what has ended); how many grades were kept."""
        async with self._pool.connection() as connection:
            await ask(connection, [("smart_trader/wish_prices", {"most": WISHES_MOST})])
        async with self._pool.connection() as connection:
            names = ["smart_trader/grades_due", *(["smart_trader/ends_due"] if ends else [])]
            found = await ask(connection, [(name, {"most": GRADES_MOST}) for name in names])
            rows = [row for name in names for row in found[name]]
            grades = list(_grades(rows))
            if grades:
                await self._keep(connection, grades)
        return len(grades)

    async def _keep(self, connection: Connection, grades: Sequence[Grade]) -> None:
        await ask(
            connection,
            [
                (
                    "smart_trader/keep_grades",
                    {
                        "signal_ids": [one.signal_id for one in grades],
                        "horizons": [one.horizon.value for one in grades],
                        "wallets": [one.wallet for one in grades],
                        "due_at": [one.due_at for one in grades],
                        "graded_at": [one.graded_at for one in grades],
                        "prices": [one.price for one in grades],
                        "gross": [one.gross_usdc for one in grades],
                        "net": [one.net_usdc for one in grades],
                    },
                )
            ],
        )
        for wallet in sorted({one.wallet for one in grades}):
            await self._score(connection, wallet)

    async def _score(self, connection: Connection, wallet: str) -> None:
        name = "smart_trader/last_grades"
        rows = (await ask(connection, [(name, {"wallet": wallet, "most": SIGNALS_COUNTED})]))[name]
        by = {
            horizon: [(gross, net) for at, gross, net in rows if at == horizon.value] for horizon in Horizon
        }
        hour, day, end = (score(by[horizon]) for horizon in Horizon)
        kept = {
            "wallet": wallet,
            "signals": len(by[Horizon.DAY]),
            "after_1h": hour.gross_usdc,
            "after_24h": day.gross_usdc,
            "after_24h_net": day.net_usdc,
            "at_end": end.gross_usdc,
            "at_end_net": end.net_usdc,
        }
        await ask(connection, [("smart_trader/keep_score", kept)])


def _grades(rows: Iterable[tuple[object, ...]]) -> Iterable[Grade]:
    for *due, now in rows:
        assert isinstance(now, datetime)
        signal_id, wallet, horizon, *rest = due
        graded = grade(Due(signal_id, wallet, Horizon(str(horizon)), *rest), now)  # type: ignore[arg-type]
        if graded is not None:
            yield graded
