"""Plans taken, signed and stored, before anything is posted (DESIGN §8)."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal

import structlog

from schemas.enums import CopyState, Side
from schemas.enums import Venue as VenueName
from streams.tables import bookings, plans
from streams.tables.epochs import writing
from streams.tables.plans import NewOrder
from streams.trading.attempts import at_tick
from streams.trading.bookkeeper import follow_up
from streams.trading.desk import Desk
from streams.trading.first_looks import FirstLooks
from streams.trading.plan_ends import end_plans
from streams.trading.terms import PlanEnd, signed_order
from streams.trading.waiting_line import Job
from streams.venues.orders import SignedBytes
from streams.venues.venue import VenueFault
from streams.venues.wallets import TradingWallet

_log = structlog.get_logger("trading.claiming")
_TOKENS_MOST = 50


class Claiming:
    """Turns planned copy orders into signed, stored orders that may go out."""

    def __init__(self, desk: Desk, first_looks: FirstLooks) -> None:
        self._desk = desk
        self._first_looks = first_looks
        self._looked_at = float("-inf")

    async def claim(self) -> list[tuple[Job, int]]:
        """The next batch, signed and committed: each job with its market's version; empty when idle."""
        bids = await self._due_bids()
        began = time.perf_counter()
        async with self._desk.pool.connection() as connection:
            taken = await plans.claim(
                connection,
                self._desk.epoch,
                self._desk.venue_names,
                [token for _, token in bids],
                self._desk.settings.claim_most,
            )
            if not taken:
                return []
            wallets = await self._desk.keyring.wallets(plan.account_id for plan in taken)
            made: list[NewOrder] = []
            ends: list[PlanEnd] = []
            for plan in taken:
                bid = bids.get((plan.venue.value, plan.token_id))
                if plan.account_id not in wallets:
                    continue
                if plan.side is Side.SELL and plan.former_attempt == 0:
                    look = self._first_looks.found(plan.venue, plan.token_id)
                    if look is None:
                        # It stays planned; the look wakes the next claim.
                        self._first_looks.ask(plan.venue, plan.token_id)
                        continue
                    bid = look.best_bid
                now_at = at_tick(plan, self._desk.venues[plan.venue].tick_now(plan.token_id))
                order = signed_order(now_at, wallets[plan.account_id], bid)
                ends.append(order) if isinstance(order, PlanEnd) else made.append(order)
            if made:
                await plans.store(connection, self._desk.epoch, made)
        self._desk.figures.sign_seconds.observe(time.perf_counter() - began)
        self._desk.figures.signed.inc(len(made))
        _tell_taken(made)
        if ends:
            await self.end(ends)
        return jobs_of(made, wallets, datetime.now(UTC))

    async def end(self, ends: Sequence[PlanEnd]) -> None:
        """End plans that go no further, under the locks in their order."""
        now = datetime.now(UTC)
        async with writing(self._desk.pool, self._desk.epoch) as connection:
            allocations = await bookings.lock(
                connection, copy_order_ids=[each.copy_order_id for each in ends]
            )
            ended = await end_plans(connection, ends, now)
            await follow_up(connection, [], allocations, now, self._desk.decide_waiting)
        for row in ended:
            _log.info(
                "copy_order",
                copy_order_id=row["copy_order_id"],
                trade_id=row["trade_id"],
                allocation_id=row["allocation_id"],
                side=row["side"],
                state=row["state"],
                reason=row["reason"],
                reject_reason=row["reject_reason"],
            )

    async def _due_bids(self) -> dict[tuple[str, str], Decimal | None]:
        """Later attempts are looked for a few times a second, so that first ones never wait for it."""
        if time.monotonic() - self._looked_at < self._desk.settings.poll_seconds:
            return {}
        self._looked_at = time.monotonic()
        return await self._best_bids()

    async def _best_bids(self) -> dict[tuple[str, str], Decimal | None]:
        """The best bid for each later attempt that is due; a book that cannot be read leaves its attempts for later."""
        async with self._desk.pool.connection() as connection:
            wanted = await plans.tokens_to_look_at(connection, self._desk.venue_names, _TOKENS_MOST)
        found: dict[tuple[str, str], Decimal | None] = {}
        for venue, token_id in wanted:
            try:
                found[venue, token_id] = await self._desk.venues[VenueName(venue)].best_bid(token_id)
            except VenueFault as fault:
                _log.warning("book_not_read", token_id=token_id, fault=str(fault))
        return found


def _tell_taken(made: Sequence[NewOrder]) -> None:
    """The line of each step from planned to submitting: said once it is committed, before anything is posted."""
    for order in made:
        _log.info(
            "copy_order",
            copy_order_id=order.plan.copy_order_id,
            allocation_id=order.plan.allocation_id,
            order_hash=order.order_hash,
            attempt=order.attempt,
            side=order.plan.side.value,
            state=CopyState.SUBMITTING.value,
            cause="its order is signed",
        )


def jobs_of(
    made: Sequence[NewOrder], wallets: Mapping[str, TradingWallet], now: datetime
) -> list[tuple[Job, int]]:
    """Orders signed a moment ago, each with the version of its market that the exchange must know."""
    return [
        (
            Job(
                SignedBytes(order.order_hash, order.body),
                wallets[order.plan.account_id],
                order.plan.venue,
                order.plan.side,
                order.plan.token_id,
                now,
                order.plan.deadline,
            ),
            order.plan.market_version,
        )
        for order in made
    ]
