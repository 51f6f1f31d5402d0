"""Refusals of an account's own, in a row: its live BUYs pause, its owner is told (UX §3). SELLs never count (R1)."""

from __future__ import annotations

from typing import Final

import structlog

from schemas.enums import RejectReason, Side
from schemas.enums import Venue as VenueName
from streams.tables.asking import ask
from streams.tables.epochs import check_held, holding
from streams.trading.desk import Desk
from streams.trading.waiting_line import Job
from streams.venues.answers import Answer, Verdict

_log = structlog.get_logger("trading.refusals")
OWN: Final = frozenset(
    {
        RejectReason.NOT_ENOUGH,
        RejectReason.SIGNATURE,
        RejectReason.REGION,
        RejectReason.CLOSE_ONLY,
        RejectReason.BANNED,
        RejectReason.UNAUTHORIZED,
    }
)
"""What lies in the account, not in the market or in this one order."""


class Refusals:
    """Counts in the tables: a restart forgets nothing."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def count(self, job: Job, answer: Answer) -> bool:
        """Whether this refusal is one of the account's own."""
        refused = answer.verdict is Verdict.REJECTED and answer.reject_reason in OWN
        return refused and job.side is Side.BUY and job.venue is not VenueName.PAPER

    async def stop_if_too_many(self, job: Job) -> None:
        """After the refusal is booked: so many in a row stop the account's BUYs until somebody allows them again."""
        wanted = {
            "account_id": job.wallet.account_id,
            "most": self._desk.settings.refusals_most,
            "own": sorted(reason.value for reason in OWN),
        }
        async with self._desk.pool.connection() as connection:
            held = await ask(connection, [holding(self._desk.epoch)])
            check_held(held, self._desk.epoch)
            found = await ask(connection, [("trading/stop_refused_account", wanted)], commit=True)
        if found["trading/stop_refused_account"]:
            _log.warning("account_stopped", account_id=job.wallet.account_id, cause="refusals")
