"""Exit orders on their way out: what a reversed sale or a late fill left is sold, without a copy order (SAFETY R6)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import structlog

from schemas.enums import CopyState, Reason
from schemas.enums import Venue as VenueName
from schemas.money import plain
from streams.tables import bookings, exits
from streams.tables.epochs import writing
from streams.tables.plans import NewOrder
from streams.trading.attempts import at_tick
from streams.trading.bookkeeper import follow_up
from streams.trading.claiming import jobs_of
from streams.trading.desk import Desk
from streams.trading.sender import Sender
from streams.trading.terms import PlanEnd, signed_order
from streams.venues.venue import VenueFault

_log = structlog.get_logger("trading.exit_orders")
_MOST: Final = 200


class ExitOrders:
    """Claims, signs and stores them as plans of copy orders are, and ends those that can have no order."""

    def __init__(self, desk: Desk, sender: Sender) -> None:
        self._desk = desk
        self._sender = sender

    async def send(self) -> None:
        """One pass: end what is over, sign what is due, hand it to the sender."""
        await self._end_over()
        bids = await self._best_bids()
        async with writing(self._desk.pool, self._desk.epoch) as connection:
            taken = await exits.claim(connection, self._desk.venue_names, [token for _, token in bids], _MOST)
            wallets = await self._desk.keyring.wallets(plan.account_id for plan in taken)
            made: list[NewOrder] = []
            ends: list[dict[str, Any]] = []
            for plan in taken:
                if plan.account_id in wallets:
                    bid = bids.get((plan.venue.value, plan.token_id))
                    now_at = at_tick(plan, self._desk.venues[plan.venue].tick_now(plan.token_id))
                    order = signed_order(now_at, wallets[plan.account_id], bid)
                    if isinstance(order, PlanEnd):
                        ends.append(_end_row(order, plan.allocation_id))
                    else:
                        made.append(order)
            if made:
                await exits.store(connection, self._desk.epoch, made)
        if ends:
            await self._end(ends)
        self._sender.put(jobs_of(made, wallets, datetime.now(UTC)))

    async def _best_bids(self) -> dict[tuple[str, str], Decimal | None]:
        wanted = await exits.tokens_to_look_at(self._desk.pool, self._desk.venue_names, _MOST)
        found: dict[tuple[str, str], Decimal | None] = {}
        for venue, token_id in wanted:
            try:
                found[venue, token_id] = await self._desk.venues[VenueName(venue)].best_bid(token_id)
            except VenueFault as fault:
                _log.warning("book_not_read", token_id=token_id, fault=str(fault))
        return found

    async def _end_over(self) -> None:
        over = await exits.over(self._desk.pool, _MOST)
        if over:
            await self._end([_over_row(row) for row in over])

    async def _end(self, ends: Sequence[dict[str, Any]]) -> None:
        async with writing(self._desk.pool, self._desk.epoch) as connection:
            locked = await bookings.lock(connection, allocation_ids=[row["allocation_id"] for row in ends])
            ended = await exits.end(connection, ends)
            await bookings.write(connection, "insert_notification", [_notice(row) for row in ended])
            await follow_up(connection, [], locked, self._desk.now(), self._desk.decide_waiting)
        for row in ended:
            _log.info("exit_order", **{name: row[name] for name in ("exit_order_id", "state", "reason")})


def _over_row(row: dict[str, Any]) -> dict[str, Any]:
    closed = row["reason"] == Reason.MARKET_CLOSED
    return {
        "exit_order_id": row["exit_order_id"],
        "allocation_id": row["allocation_id"],
        "state": (CopyState.UNFILLED if row["attempts"] else CopyState.SKIPPED).value,
        "reason": row["reason"],
        "reject_reason": None,
        "cause": "the market has closed" if closed else "the following has ended",
    }


def _end_row(end: PlanEnd, allocation_id: str) -> dict[str, Any]:
    return {
        "exit_order_id": end.copy_order_id,
        "allocation_id": allocation_id,
        "state": end.state.value,
        "reason": end.reason.value if end.reason else None,
        "reject_reason": end.reject_reason.value if end.reject_reason else None,
        "cause": end.cause,
    }


def _notice(row: dict[str, Any]) -> dict[str, object]:
    body = {
        name: row[name]
        for name in (
            "copy_order_id",
            "allocation_id",
            "token_id",
            "state",
            "reason",
            "reject_reason",
            "cause_kind",
        )
    } | {
        "shares": plain(row["filled_shares"]),
        "usdc": plain(row["filled_usdc"]),
        "wanted": plain(row["shares"]),
    }
    return {
        "user_id": row["user_id"],
        "kind": f"exit_{row['state']}",
        "event": row["exit_order_id"],
        "body": body,
    }
