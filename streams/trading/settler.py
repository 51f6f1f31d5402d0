"""Matched is not settled: fills are followed to the chain, and what comes late is booked too (DESIGN §8, SAFETY R5)."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

import psycopg
import structlog

from schemas.enums import OrderState
from schemas.enums import Venue as VenueName
from streams.tables import settlements
from streams.tables.epochs import EpochLost, writing
from streams.tables.settlements import OrderToSettle
from streams.trading.bookkeeper import Bookkeeper
from streams.trading.desk import Desk
from streams.trading.endings import Ending
from streams.trading.reversals import Reversals
from streams.trading.verdicts import fills_of_order
from streams.venues.trades import FillSeen, Settlement
from streams.venues.venue import VenueFault

_log = structlog.get_logger("trading.settler")
_SINCE_MARGIN: Final = timedelta(seconds=60)
# Proof of absence rests on the exchange's answers being true after 45 s; for half an hour they are checked again.
_LATE_WITHIN_SECONDS: Final = 1_800.0
_LATE_EVERY_SECONDS: Final = 20.0
# What has not settled yet is looked at again after this, so that it does not stand before the others.
_AGAIN_SECONDS: Final = 5.0


class Settler:
    """One look at an account's trades serves all its orders."""

    def __init__(self, desk: Desk, bookkeeper: Bookkeeper, busy: Callable[[], bool]) -> None:
        """``busy``: POSTs wait; then this waits too, for settlement is in no hurry."""
        self._desk = desk
        self._busy = busy
        self._bookkeeper = bookkeeper
        self._reversals = Reversals(desk)
        self._seen: dict[str, float] = {}
        self._late_seen: dict[str, float] = {}

    async def follow(self) -> None:
        """One pass over matched orders that are old enough to have settled."""
        settings = self._desk.settings
        now, rung = time.monotonic(), self._desk.bell.take()
        self._seen = {name: until for name, until in self._seen.items() if until > now and name not in rung}
        due = await settlements.to_settle(
            self._desk.pool, settings.settle_after_seconds, settings.settle_most, list(self._seen)
        )
        for rows, fills in await self._looked_up(due):
            hashes = [row.order_hash for row in rows]
            self._seen |= dict.fromkeys(hashes, now + _AGAIN_SECONDS)
            known = {row.order_hash for row in rows}
            own = [fill for fill in fills if fill.order_hash in known]
            await self._take_back(own)
            statuses = [
                (f"{fill.trade_id}:{fill.order_hash}", fill.status.value)
                for fill in own
                if fill.status is not Settlement.FAILED
            ]
            async with writing(self._desk.pool, self._desk.epoch) as connection:
                settled = await settlements.note(connection, statuses, hashes)
            self._desk.figures.settled.labels("settled").inc(settled)
        await self._look_for_late_fills()

    async def _look_for_late_fills(self) -> None:
        """Of the orders ended by proof of absence those not looked at a moment ago, so that an outage's thousand are
        all looked at in turn."""
        now = time.monotonic()
        self._late_seen = {name: until for name, until in self._late_seen.items() if until > now}
        due = await settlements.not_found(
            self._desk.pool, _LATE_WITHIN_SECONDS, self._desk.settings.settle_most, list(self._late_seen)
        )
        for rows, fills in await self._looked_up(due):
            self._late_seen |= dict.fromkeys((row.order_hash for row in rows), now + _LATE_EVERY_SECONDS)
            hashes = {row.order_hash for row in rows}
            await self._take_back([fill for fill in fills if fill.order_hash in hashes])
            for row in rows:
                own = fills_of_order(fills, row.order_hash)
                if own:
                    _log.warning("late_fill", order_hash=row.order_hash, fills=len(own))
                    self._bookkeeper.submit(
                        Ending(row.order_hash, OrderState.MATCHED, "a fill came after the end", own)
                    )

    async def _take_back(self, fills: Sequence[FillSeen]) -> None:
        """What failed on the chain goes back; what goes wrong with one account's stops no other's."""
        failed = [fill for fill in fills if fill.status is Settlement.FAILED]
        if not failed:
            return
        try:
            await self._reversals.take_back(failed)
        except (psycopg.OperationalError, EpochLost):
            raise
        except Exception:
            self._desk.figures.booking_failed.inc()
            _log.exception("take_back_failed", order_hashes=sorted({fill.order_hash for fill in failed}))

    async def _looked_up(
        self, due: Sequence[OrderToSettle]
    ) -> list[tuple[list[OrderToSettle], Sequence[FillSeen]]]:
        by_account: defaultdict[tuple[VenueName, str], list[OrderToSettle]] = defaultdict(list)
        for row in due:
            if row.venue in self._desk.venues:
                by_account[row.venue, row.account_id].append(row)
        wallets = await self._desk.keyring.wallets(account for _, account in by_account)
        found: list[tuple[list[OrderToSettle], Sequence[FillSeen]]] = []
        for (venue, account), rows in by_account.items():
            if account not in wallets:
                continue
            if self._busy():
                break
            since = min(row.signed_at for row in rows) - _SINCE_MARGIN
            try:
                fills = await self._desk.venues[venue].fills(wallets[account], token_id=None, since=since)
            except VenueFault as fault:
                _log.warning("settlement_not_read", account_id=account, fault=str(fault))
                continue
            found.append((rows, fills))
        return found
