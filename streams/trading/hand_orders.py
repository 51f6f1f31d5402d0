"""Orders by hand on their way: quotes answered, orders decided under the account's lock, then as every plan (UX N4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final

import structlog

from schemas.enums import CopyState, Reason
from streams.tables import bookings, hands
from streams.tables.epochs import writing
from streams.tables.hands import QuoteAsked
from streams.tables.plans import NewOrder
from streams.trading.by_hand import Quoted, decide, quote
from streams.trading.claiming import jobs_of
from streams.trading.desk import Desk
from streams.trading.markets_told import MarketsTold
from streams.trading.sender import Sender
from streams.trading.terms import PlanEnd, signed_order
from streams.venues.venue import BookSeen, VenueFault

_log = structlog.get_logger("trading.hand_orders")
_MOST: Final = 100
# Whoever asked for a quote waits three seconds; then nobody reads it.
_QUOTE_WITHIN_SECONDS: Final = 5.0
QUOTE_SECONDS: Final = 30.0
"""How long a quote holds (UX §5)."""


class HandOrders:
    """Quotes and orders that people ask for themselves."""

    def __init__(self, desk: Desk, sender: Sender, told: MarketsTold) -> None:
        self._desk = desk
        self._sender = sender
        self._told = told

    async def send(self) -> None:
        """One pass: answer quotes, decide, end what is over, sign what is planned and hand it to the sender."""
        if not await hands.pending(self._desk.pool, _QUOTE_WITHIN_SECONDS):
            return
        await self._answer_quotes()
        for name, account_id, allocation_id in await hands.waiting(
            self._desk.pool, self._desk.venue_names, _MOST
        ):
            await self._decide(name, account_id, allocation_id)
        over = await hands.over(self._desk.pool, _MOST)
        if over:
            await self._end([_over_row(row) for row in over])
        await self._sign()

    async def _answer_quotes(self) -> None:
        asked = await hands.quotes_asked(
            self._desk.pool, self._desk.venue_names, _QUOTE_WITHIN_SECONDS, _MOST
        )
        if not asked:
            return
        rows = [_quote_row(each, quote(each, await self._book(each))) for each in asked]
        async with writing(self._desk.pool, self._desk.epoch) as connection:
            await hands.answer_quotes(connection, rows, QUOTE_SECONDS)

    async def _book(self, asked: QuoteAsked) -> BookSeen | None:
        try:
            await self._told.tell({asked.token_id: asked.market_version})
            return await self._desk.venues[asked.venue].book(asked.token_id)
        except VenueFault as fault:
            _log.warning("book_not_read", token_id=asked.token_id, fault=str(fault))
            return None

    async def _decide(self, name: str, account_id: str, allocation_id: str | None) -> None:
        async with writing(self._desk.pool, self._desk.epoch) as connection:
            await bookings.lock(
                connection,
                allocation_ids=[] if allocation_id is None else [allocation_id],
                account_ids=[account_id],
            )
            case = await hands.load_case(connection, name)
            if case is None:
                return
            decision = decide(case)
            await hands.decide(
                connection,
                {
                    "manual_order_id": name,
                    "state": decision.state.value,
                    "reason": decision.reason.value if decision.reason else None,
                    "cause": decision.cause,
                    "reserve_usdc": decision.reserve_usdc,
                    "decided_value": decision.value,
                    "decided_limit": decision.limit,
                },
            )
        _log.info("hand_decided", manual_order_id=name, state=decision.state, reason=decision.reason)

    async def _sign(self) -> None:
        made: list[NewOrder] = []
        ends: list[dict[str, Any]] = []
        async with writing(self._desk.pool, self._desk.epoch) as connection:
            taken = await hands.claim(connection, self._desk.venue_names, _MOST)
            if not taken:
                return
            wallets = await self._desk.keyring.wallets(plan.account_id for plan in taken)
            for plan in taken:
                if plan.account_id in wallets:
                    order = signed_order(plan, wallets[plan.account_id], None)
                    if isinstance(order, PlanEnd):
                        ends.append(_end_row(order))
                    else:
                        made.append(order)
            if made:
                await hands.store(connection, self._desk.epoch, made)
        if ends:
            await self._end(ends)
        self._sender.put(jobs_of(made, wallets, datetime.now(UTC)))

    async def _end(self, ends: Sequence[dict[str, Any]]) -> None:
        async with writing(self._desk.pool, self._desk.epoch) as connection:
            ended = await hands.end(connection, ends)
        for row in ended:
            _log.info("hand_order", **row)


def _quote_row(asked: QuoteAsked, found: Quoted | Reason) -> dict[str, object]:
    row: dict[str, object] = {"quote_id": asked.quote_id, "refusal": None}
    return row | ({"refusal": found.value} if isinstance(found, Reason) else asdict(found))


def _over_row(row: dict[str, Any]) -> dict[str, Any]:
    closed = row["reason"] == Reason.MARKET_CLOSED
    first = CopyState.SKIPPED if closed else CopyState.EXPIRED
    return {
        "manual_order_id": row["manual_order_id"],
        "state": (CopyState.UNFILLED if row["attempts"] else first).value,
        "reason": row["reason"],
        "reject_reason": None,
        "cause": "the market has closed" if closed else "its quote was no longer good",
    }


def _end_row(end: PlanEnd) -> dict[str, Any]:
    return {
        "manual_order_id": end.copy_order_id,
        "state": end.state.value,
        "reason": end.reason.value if end.reason else None,
        "reject_reason": end.reject_reason.value if end.reject_reason else None,
        "cause": end.cause,
    }
