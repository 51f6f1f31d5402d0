"""market_facts: what tokens are and what leaders are worth, from their compacted topics into their tables.

The highest version of a token wins whatever the order (SAFETY R23). Of a leader the values of a day are kept, of which
the highest counts (SAFETY R20).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

import pydantic

from schemas.enums import DeadLetterReason
from schemas.markets import LeaderValued, MarketSeen
from streams.kafka.guard import DeadMessage, Handled, Received
from streams.kafka.reading import faults
from streams.tables.markets import drop_old_leader_values, keep_leader_values, keep_markets
from streams.tables.pool import Pool

# A value from the future would count as fresh for longer than a day.
AHEAD_MAX: Final = timedelta(minutes=5)
DROP_EVERY: Final = timedelta(minutes=1)


class MarketFacts:
    """The stage as the guard sees it; `markets` is the full name of that topic, the other one is `leader_values`."""

    def __init__(
        self, pool: Pool, *, markets: str, leader_values_hours: int, now: Callable[[], datetime]
    ) -> None:
        self._pool = pool
        self._markets = markets
        self._leader_values_hours = leader_values_hours
        self._now = now
        self._dropped_at: datetime | None = None

    async def handle(self, batch: Sequence[Received]) -> Handled:
        """Keep the batch's facts in one transaction. A tombstone says nothing: facts are never unsaid."""
        markets: dict[str, MarketSeen] = {}
        values: list[LeaderValued] = []
        dead: list[DeadMessage] = []
        for received in batch:
            if received.value is None:
                continue
            fact = self._read(received, received.value)
            match fact:
                case DeadMessage():
                    dead.append(fact)
                case MarketSeen():
                    former = markets.get(fact.token_id)
                    if former is None or former.version < fact.version:
                        markets[fact.token_id] = fact
                case LeaderValued():
                    values.append(fact)
        await self._keep(list(markets.values()), values)
        return Handled(dead=dead)

    def _read(self, received: Received, value: bytes) -> MarketSeen | LeaderValued | DeadMessage:
        kind = MarketSeen if received.topic == self._markets else LeaderValued
        try:
            fact: MarketSeen | LeaderValued = kind.decode(value)
        except pydantic.ValidationError as fault:
            return DeadMessage(received, DeadLetterReason.UNREADABLE, faults(fault))
        about = fact.token_id if isinstance(fact, MarketSeen) else fact.wallet
        if (received.key or b"").decode("utf-8", "replace").lower() != about:
            return DeadMessage(received, DeadLetterReason.WRONG_KEY, f"the key must be {about}")
        if isinstance(fact, LeaderValued) and fact.taken_at - received.appended_at > AHEAD_MAX:
            detail = "taken_at is over 5 minutes ahead of the broker's clock"
            return DeadMessage(received, DeadLetterReason.IN_THE_FUTURE, detail)
        return fact

    async def _keep(self, markets: Sequence[MarketSeen], values: Sequence[LeaderValued]) -> None:
        if not markets and not values:
            return
        now = self._now()
        drop = self._dropped_at is None or now - self._dropped_at > DROP_EVERY
        async with self._pool.connection() as connection:
            await keep_markets(connection, markets)
            await keep_leader_values(connection, values)
            if drop:
                await drop_old_leader_values(connection, self._leader_values_hours)
        if drop:
            self._dropped_at = now
