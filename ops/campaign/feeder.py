"""Plays the deliveries: each in its time, through the door of its wallet, and counts what must be answered."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from ops.campaign.doors import TopicDoor, WebhookDoor
from ops.campaign.plan import Delivered, Delivery
from ops.demo.script import MarketCue, TradeCue
from ops.generator.events import Person
from schemas.enums import Source, TradeKind
from schemas.markets import LeaderValued
from schemas.trades import TradeSeen
from streams.topology import LEADER_VALUES, MARKETS, TRADES

_SECOND: Final = 1_000_000
GARBAGE: Final = b'{"schema_version":1,"trade_id":"\xff\xfe", "wallet": NaN'


@dataclass(slots=True)
class Fed:
    """What was delivered: messages by kind, and distinct trades that can be copied by wallet."""

    messages: Counter[Delivered] = field(default_factory=Counter)
    copyable: dict[str, set[str]] = field(default_factory=dict)
    by_webhook: int = 0


class Feeder:
    """One performance. A wallet's trades come through one door (SAFETY R10); ``by_webhook``: whose is the API's."""

    def __init__(self, topic: TopicDoor, webhook: WebhookDoor, by_webhook: frozenset[str]) -> None:
        self.fed = Fed()
        self.finished = False
        self._topic = topic
        self._webhook = webhook
        self._by_webhook = by_webhook
        self._made: dict[str, TradeSeen] = {}
        self._under_way: set[asyncio.Task[None]] = set()

    async def prepare(self, people: Sequence[Person], all_of_it: Sequence[Delivery]) -> list[Delivery]:
        """What leaders are worth and the markets that are there from the start, confirmed; returns what is left."""
        now = datetime.now(UTC)
        for person in people:
            if person.worth_usdc is not None:
                valued = LeaderValued(wallet=person.wallet, usdc=person.worth_usdc, taken_at=now)
                await self._topic.put(LEADER_VALUES, person.wallet, valued.encode())
        for delivery in all_of_it:
            if isinstance(delivery.cue, MarketCue) and delivery.at <= 0:
                await self._market(delivery.cue, now)
        return [each for each in all_of_it if not (isinstance(each.cue, MarketCue) and each.at <= 0)]

    async def play(self, rest: Sequence[Delivery]) -> None:
        """Deliver all, never waiting for an answer before the next is due; returns once everything was taken."""
        began, began_at = time.monotonic(), datetime.now(UTC)
        for number, delivery in enumerate(rest):
            wait = began + delivery.at / _SECOND - time.monotonic()
            if wait > 0:
                await asyncio.sleep(wait)
            self.fed.messages[delivery.how] += 1
            if isinstance(delivery.cue, MarketCue):
                self._begin(self._market(delivery.cue, began_at))
            else:
                self._begin(self._trade(delivery.cue, delivery.how, number))
        await self.taken()
        self.finished = True

    async def taken(self) -> None:
        """Return once everything begun was taken."""
        while self._under_way:
            await asyncio.gather(*self._under_way)

    def _begin(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _market(self, cue: MarketCue, began_at: datetime) -> None:
        market = cue.message(began_at, datetime.now(UTC))
        await self._topic.put(MARKETS, market.token_id, market.encode())

    async def _trade(self, cue: TradeCue, how: Delivered, number: int) -> None:
        trade = self._made.setdefault(cue.trade_id, cue.message(datetime.now(UTC)))
        if trade.kind is TradeKind.TRADE:
            self.fed.copyable.setdefault(trade.wallet, set()).add(trade.trade_id)
        if how is Delivered.GARBAGE:
            await self._topic.put(TRADES, trade.wallet, GARBAGE)
            return
        if how is Delivered.CONFLICT:
            twice = {"size": 2 * trade.size, "usdc": None if trade.usdc is None else 2 * trade.usdc}
            trade = trade.model_copy(update=twice)
        if trade.wallet in self._by_webhook:
            self.fed.by_webhook += 1
            await self._webhook.put(f"msg_{number}", trade.encode())
        else:
            seen = trade.model_copy(update={"source": Source.GENERATED})
            await self._topic.put(TRADES, seen.wallet, seen.encode())
