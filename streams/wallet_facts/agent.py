"""wallet_facts: what people see of a wallet before they follow it, worked out anew round after round.

It reads no topic and stands beside the way of a trade: a round takes a few wallets, those without facts first, then the
oldest, each in a transaction of its own. A wallet that fails waits longer each time and holds up no other; a database
that fails is asked again after longer and longer pauses. A fault never costs the process.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from typing import Final

import psycopg
import structlog

from streams.kafka.patience import PASSING, said
from streams.tables.asking import Connection, ask
from streams.tables.pool import Pool
from streams.wallet_facts.facts import Traded, row_of
from streams.wallet_facts.results import Outcome, results
from streams.wallet_facts.set_aside import SetAside, pause_after

log = structlog.get_logger()

DAYS: Final = 30
# Positions are followed from their start to their end at most so far back: most markets last weeks.
LOOKBACK_DAYS: Final = 90
# A round is short, so that its connection is soon free for a stage; twenty wallets take some 100 ms.
WALLETS_A_ROUND: Final = 20


class WalletFacts:
    """Keeps ``wallet_facts``. ``look_seconds``: pause between rounds; ``renew_seconds``: facts are not worked out anew
    before they are so old."""

    def __init__(
        self,
        pool: Pool,
        *,
        look_seconds: float,
        renew_seconds: float,
        now: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pool = pool
        self._look_seconds = look_seconds
        self._renew_seconds = renew_seconds
        self._now = now
        self._monotonic = monotonic
        self._aside = SetAside()

    async def run(self) -> None:
        """Round after round until it is cancelled."""
        failed = 0
        while True:
            try:
                more = await self.round()
                failed = 0
            except (*PASSING, psycopg.Error) as fault:
                log.warning("wallet_facts_retry", fault=said(fault))
                more, failed = False, failed + 1
            pause = max(self._look_seconds, pause_after(failed)) if failed else self._look_seconds
            await asyncio.sleep(0 if more else pause)

    async def round(self) -> bool:
        """Renew the facts of some wallets; whether there may be more that are due. A fault that may pass ends the round
        with its wallet set aside: its question alone may be too much."""
        async with self._pool.connection() as connection:
            wallets = await self._due(connection)
        for wallet in wallets:
            try:
                async with self._pool.connection() as connection:
                    await self.renew(connection, wallet)
            except psycopg.Error as fault:
                waits = self._aside.put(wallet, self._monotonic())
                log.error("wallet_facts_failed", wallet=wallet, waits_seconds=waits, fault=said(fault))
                if isinstance(fault, PASSING):
                    raise
            else:
                self._aside.done(wallet)
        return len(wallets) == WALLETS_A_ROUND

    async def renew(self, connection: Connection, wallet: str) -> None:
        """Work out and keep the facts of one wallet."""
        about = {"wallet": wallet, "days": DAYS, "lookback_days": LOOKBACK_DAYS}
        found = await ask(
            connection,
            [
                ("wallet_facts/trading_facts", about),
                ("wallet_facts/bought_by_category", about),
                ("wallet_facts/outcomes_traded", about),
            ],
        )
        (counted,) = found["wallet_facts/trading_facts"]
        bought = [(name, usdc) for name, usdc in found["wallet_facts/bought_by_category"]]
        came_to = results(Outcome(*row) for row in found["wallet_facts/outcomes_traded"])
        row = row_of(wallet, Traded(*counted), bought, came_to, days=DAYS, now=self._now())
        await ask(connection, [("wallet_facts/keep_facts", row)])

    async def _due(self, connection: Connection) -> list[str]:
        """Wallets without facts, then those whose facts are the oldest; without those set aside."""
        aside = self._aside.waiting(self._monotonic())
        unknown = {"most": WALLETS_A_ROUND, "aside": aside}
        found = await ask(connection, [("wallet_facts/unknown_wallets", unknown)])
        wallets = [str(wallet) for (wallet,) in found["wallet_facts/unknown_wallets"]]
        room = WALLETS_A_ROUND - len(wallets)
        if room:
            asked = {"most": room, "seconds": self._renew_seconds, "aside": aside}
            found = await ask(connection, [("wallet_facts/oldest_facts", asked)])
            wallets += [str(wallet) for (wallet,) in found["wallet_facts/oldest_facts"]]
        return wallets
