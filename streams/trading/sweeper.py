"""What nothing else would end: overdue plans, plans of ended followings and closed markets, what waited too long."""

from __future__ import annotations

from typing import Any, Final

from psycopg.rows import dict_row

from schemas.enums import CopyState, Reason
from schemas.unsent_causes import UnsentCause
from streams.tables import bookings
from streams.tables.epochs import writing
from streams.tables.queries import query
from streams.trading.bookkeeper import follow_up
from streams.trading.claiming import Claiming
from streams.trading.desk import Desk
from streams.trading.terms import PlanEnd

_MOST: Final = 500
_CAUSES: Final = {
    Reason.FOLLOWING_ENDED: "the following has ended",
    Reason.MARKET_CLOSED: "the market has closed",
    Reason.TOO_OLD: UnsentCause.NOT_IN_TIME,
}


class Sweeper:
    """A pass each second: the net under what happens in the transaction that should have done it."""

    def __init__(self, desk: Desk, claiming: Claiming) -> None:
        self._desk = desk
        self._claiming = claiming

    async def sweep(self) -> None:
        """End what is over; decide what waits behind no BUY any more; end what was closing and holds nothing."""
        ends = await self._over()
        if ends:
            await self._claiming.end(ends)
        names = await self._unattended()
        if names:
            async with writing(self._desk.pool, self._desk.epoch) as connection:
                locked = await bookings.lock(connection, allocation_ids=names)
                await follow_up(connection, [], locked, self._desk.now(), self._desk.decide_waiting)

    async def _over(self) -> list[PlanEnd]:
        async with (
            self._desk.pool.connection() as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            await cursor.execute(
                query("trading/plans_that_are_over"),
                {"grace": self._desk.settings.overdue_seconds, "most": _MOST},
            )
            return [_end_of(row) for row in await cursor.fetchall()]

    async def _unattended(self) -> list[str]:
        async with self._desk.pool.connection() as connection:
            found = await connection.execute(query("trading/allocations_to_attend"), {"most": _MOST})
            return [str(row[0]) for row in await found.fetchall()]


def _end_of(row: dict[str, Any]) -> PlanEnd:
    reason = Reason(row["reason"])
    if row["attempts"] > 0:
        state = CopyState.UNFILLED
    else:
        state = CopyState.EXPIRED if reason is Reason.TOO_OLD else CopyState.SKIPPED
    return PlanEnd(row["copy_order_id"], state, _CAUSES[reason], reason)
