"""The only one that ends ``unknown``: by the order's hash, by its trades, by the same bytes again, by proof of absence.

Runs once before the worker is ready and then on a timer (DESIGN §4.6, §8; SAFETY R5, R11, R15).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from schemas.enums import OrderState, Reason, Side
from streams.tables import orders
from streams.tables.epochs import writing
from streams.tables.orders import Note, OpenOrder
from streams.trading.bookkeeper import Bookkeeper
from streams.trading.desk import Desk
from streams.trading.endings import Ending
from streams.trading.proof import Doubt, ProofRules, Step
from streams.trading.sender import Sender, job_of
from streams.trading.verdicts import fills_of_order
from streams.venues.trades import FillSeen
from streams.venues.venue import OrderSeen, OrderStatus, VenueFault
from streams.venues.wallets import TradingWallet

_log = structlog.get_logger("trading.reconciler")
# Trades are asked for from a minute before the order was signed: clocks differ.
_SINCE_MARGIN: Final = timedelta(seconds=60)
_DOUBTFUL: Final = (OrderState.UNKNOWN, OrderState.SUBMITTING, OrderState.ACCEPTED, OrderState.MATCHED)
_ARRIVED: Final = (OrderState.ACCEPTED, OrderState.MATCHED)
# A look at an open order, every so often (SAFETY R15).
_OPEN_LOOK_SECONDS: Final = 2.0


class Reconciler:
    """Looks up every order that is neither over nor in the sender's hands."""

    def __init__(self, desk: Desk, bookkeeper: Bookkeeper, sender: Sender) -> None:
        self._desk = desk
        self._bookkeeper = bookkeeper
        self._sender = sender
        settings = desk.settings
        self._rules = ProofRules(
            settings.proof_looks,
            settings.proof_seconds,
            settings.post_seconds,
            settings.repeat_seconds,
            settings.repeats_max,
        )
        self._doubts: dict[str, Doubt] = {}
        self._room = asyncio.Semaphore(settings.reconcile_concurrency)
        self._one_pass = asyncio.Lock()
        self._told: dict[str, str] | None = None

    async def doubt_the_dead(self) -> None:
        """At the start: what earlier workers posted without an answer is unknown."""
        async with writing(self._desk.pool, self._desk.epoch) as connection:
            await orders.doubt_orders_of_the_dead(connection, self._desk.epoch)

    async def explain(self, account_id: str | None) -> list[dict[str, object]]:
        """One pass that looks at every order in doubt now (of one account, or of all), with what was found of each and
        what follows."""
        async with self._one_pass:
            found = await orders.of_state(self._desk.pool, *_DOUBTFUL)
            told: dict[str, str] = {}
            self._told = told
            try:
                await self._look_at_all()
            finally:
                self._told = None
        return [
            {
                "order_hash": each.order_hash,
                "copy_order_id": each.copy_order_id,
                "account_id": each.account_id,
                "state": each.state.value,
                "seconds_since_post": round(each.seconds_since_post, 1),
                "verdict": told.get(
                    each.order_hash, "in the sender's hands, or its account's key is not open"
                ),
            }
            for each in found
            if account_id in (None, each.account_id)
        ]

    async def look_at_all(self) -> None:
        """One pass over all orders in doubt; signed ones that nobody holds go to the sender."""
        async with self._one_pass:
            await self._look_at_all()

    async def _look_at_all(self) -> None:
        found = await orders.of_state(self._desk.pool, OrderState.SIGNED, *_DOUBTFUL)
        strays = [each for each in found if not self._in_hand(each.order_hash)]
        doubtful = [each for each in strays if each.state is not OrderState.SIGNED and self._is_left(each)]
        await self._sender.put_open([each for each in strays if each.state is OrderState.SIGNED])
        self._show(doubtful)
        wallets = await self._desk.keyring.wallets(each.account_id for each in doubtful)
        known = [each for each in doubtful if each.account_id in wallets and each.venue in self._desk.venues]
        self._doubts = {
            name: doubt
            for name, doubt in self._doubts.items()
            if any(name == each.order_hash for each in found)
        }
        async with asyncio.TaskGroup() as looking:
            for each in known:
                looking.create_task(self._look_at(each, wallets[each.account_id]))

    def _in_hand(self, order_hash: str) -> bool:
        """Under way, or over with only the writing left: a look would find what is known, and double that writing."""
        return self._sender.holds(order_hash) or self._bookkeeper.knows_of(order_hash)

    def _is_left(self, order: OpenOrder) -> bool:
        """A POST of ours that is under way is in the sender's hands; one that is not was left by a fault."""
        return (
            order.state is not OrderState.SUBMITTING
            or order.seconds_since_post > self._desk.settings.post_seconds
        )

    def _show(self, doubtful: Sequence[OpenOrder]) -> None:
        self._desk.figures.unknown.set(len(doubtful))
        oldest = max((each.seconds_since_post for each in doubtful), default=0.0)
        self._desk.figures.oldest_unknown.set(oldest)

    async def _look_at(self, order: OpenOrder, wallet: TradingWallet) -> None:
        now = time.monotonic()
        doubt = self._doubts.setdefault(order.order_hash, Doubt(now - order.seconds_since_post))
        # What the exchange accepted it has: the same bytes can bring nothing but a second order (SAFETY R15).
        doubt.arrived |= order.state in _ARRIVED
        if order.state in _ARRIVED:
            due = now - doubt.last_look_at >= _OPEN_LOOK_SECONDS
        else:
            due = self._rules.look_is_due(doubt, now)
        if not due and self._told is None:
            if order.state is OrderState.UNKNOWN:
                await self._act(order, wallet, doubt)
            return
        try:
            async with self._room:
                seen, fills = await self._look(order, wallet)
        except VenueFault as fault:
            _log.warning("look_failed", order_hash=order.order_hash, fault=str(fault))
            self._tell(order, f"the exchange could not be read ({fault}); this proves nothing")
            return
        await self._judge(order, wallet, doubt, seen, fills)

    async def _look(
        self, order: OpenOrder, wallet: TradingWallet
    ) -> tuple[OrderSeen | None, tuple[FillSeen, ...]]:
        venue = self._desk.venues[order.venue]
        seen = await venue.look_up(order.order_hash, wallet)
        since = order.signed_at - _SINCE_MARGIN
        return seen, fills_of_order(
            await venue.fills(wallet, token_id=order.token_id, since=since), order.order_hash
        )

    async def _judge(
        self,
        order: OpenOrder,
        wallet: TradingWallet,
        doubt: Doubt,
        seen: OrderSeen | None,
        fills: tuple[FillSeen, ...],
    ) -> None:
        now = time.monotonic()
        if seen is not None and seen.status is OrderStatus.OPEN:
            doubt.last_look_at = now
            self._tell(order, "the exchange shows it open; it is cancelled once it has rested long enough")
            await self._rests(order, wallet, now - doubt.posted_at)
        elif fills and self._all_listed(order, seen, fills):
            _log.info("found", order_hash=order.order_hash, fills=len(fills))
            self._tell(order, f"matched: {len(fills)} trades of it are listed")
            await self._bookkeeper.commit(
                Ending(order.order_hash, OrderState.MATCHED, "found by its trades", fills)
            )
        elif seen is not None and seen.status is OrderStatus.ENDED and not seen.matched_shares and not fills:
            self._tell(order, "ended at the exchange without a fill")
            await self._bookkeeper.commit(
                Ending(order.order_hash, OrderState.KILLED, "the exchange shows it ended without a fill")
            )
        elif fills or (seen is not None) or order.state is OrderState.MATCHED:
            # It did match, in part at least; the rest of its trades is not listed yet.
            doubt.last_look_at = now
            self._tell(order, "it matched, and not all of its trades are listed yet")
        else:
            await self._nothing_seen(order, wallet, doubt, now)

    def _tell(self, order: OpenOrder, verdict: str) -> None:
        if self._told is not None:
            self._told[order.order_hash] = verdict

    async def _rests(self, order: OpenOrder, wallet: TradingWallet, seconds: float) -> None:
        if order.state is not OrderState.ACCEPTED:
            await self._bookkeeper.commit(
                Note(order.order_hash, OrderState.ACCEPTED, "the exchange shows it open")
            )
        if seconds >= self._desk.settings.rest_seconds:
            try:
                await self._desk.venues[order.venue].cancel(order.order_hash, wallet)
            except VenueFault as fault:
                _log.warning("cancel_failed", order_hash=order.order_hash, fault=str(fault))

    def _all_listed(self, order: OpenOrder, seen: OrderSeen | None, fills: tuple[FillSeen, ...]) -> bool:
        if order.venue_trade_ids and not set(order.venue_trade_ids) <= {fill.trade_id for fill in fills}:
            return False
        return seen is None or sum(fill.shares for fill in fills) >= seen.matched_shares

    async def _nothing_seen(self, order: OpenOrder, wallet: TradingWallet, doubt: Doubt, now: float) -> None:
        if order.state is OrderState.SUBMITTING:
            await self._bookkeeper.commit(
                Note(order.order_hash, OrderState.UNKNOWN, "the exchange does not show it")
            )
        if self._rules.counts(doubt, now):
            doubt.saw_nothing(now)
            async with writing(self._desk.pool, self._desk.epoch) as connection:
                await orders.count_look(connection, order.order_hash, doubt.looks)
        await self._act(order, wallet, doubt)

    async def _act(self, order: OpenOrder, wallet: TradingWallet, doubt: Doubt) -> None:
        now = time.monotonic()
        looks = f"{doubt.looks} of {self._rules.looks} looks showed nothing"
        step = self._rules.next_step(doubt, now, fresh=_fresh(order, datetime.now(UTC)))
        self._tell(order, f"{looks}: {_NEXT[step]}")
        if step is Step.GIVE_UP:
            _log.warning("not_found", order_hash=order.order_hash, looks=doubt.looks)
            await self._bookkeeper.commit(
                Ending(
                    order.order_hash, OrderState.KILLED, "five looks showed nothing", reason=Reason.NOT_FOUND
                )
            )
        elif step is Step.REPEAT:
            answer = await self._sender.repeat(job_of(order, wallet))
            doubt.posted_again(now)
            # Where the look before the POST forbids it, proof alone ends it (SAFETY R11).
            doubt.arrived = answer is None or answer.arrived


_NEXT: Final = {
    Step.WAIT: "unknown still",
    Step.REPEAT: "the same bytes go again, if the look before the POST lets them",
    Step.GIVE_UP: "it never arrived, unfilled",
}


def _fresh(order: OpenOrder, now: datetime) -> bool:
    return order.side is Side.SELL or (order.deadline is not None and now <= order.deadline)
