"""The play itself: `generate` yields events for ever, in order of time. The same seed and rate give the same ones."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from random import Random
from typing import Final

from ops.generator.cast import Actor, cast
from ops.generator.events import Event, Listed, Repeated, Traded
from ops.generator.market import Market
from ops.generator.names import Names
from ops.generator.questions import QUESTIONS, round_question
from ops.generator.tempers import Deed, Holdings
from schemas.enums import Side, TradeKind
from schemas.money import MICRO

_SECOND: Final = 1_000_000
# A round of the series lasts so many trades: about 20 s at the demo's usual 20 a second.
ROUND_TRADES: Final = 400
# One trade in so many comes twice.
REPEATED_ONE_IN: Final = 50


@dataclass(frozen=True, slots=True)
class Place:
    """Where a fill stands: its time, and its number in its transaction."""

    at: int
    tx_hash: str
    number: int
    order_hash: str


class Play:
    """The state of one play."""

    def __init__(self, seed: int, per_second: float) -> None:
        self._chance = Random(seed)  # noqa: S311 (a play, not a secret)
        self._names = Names(seed)
        self._gap = max(1, round(_SECOND / per_second))
        self._actors = cast(self._names)
        self._turns = [actor for actor in self._actors for _ in range(actor.turns)]
        self._markets = [Market.of(question, self._names) for question in QUESTIONS]
        self._held: dict[str, Holdings] = defaultdict(dict)
        self._transactions, self._orders = count(), count()
        self._rounds = 0
        self._now = 0
        self._traded = 0

    def events(self) -> Iterator[Event]:
        """All events in order of time."""
        later: list[tuple[int, int, Event]] = []
        order = count()
        for event in self._made():
            heapq.heappush(later, (event.at, next(order), event))
            while later and later[0][0] <= self._now:
                yield heapq.heappop(later)[2]

    def _made(self) -> Iterator[Event]:
        """Events as they are thought of; a repetition may be told before its neighbours' turn."""
        for market in self._markets:
            yield from (market.listed(0, outcome) for outcome in (0, 1))
        yield from self._next_round()
        round_ends = ROUND_TRADES
        while True:
            for market in self._markets:
                if not market.ended and self._chance.randrange(3) == 0:
                    market.step(self._chance)
            actor = self._chance.choice(self._turns)
            for deed in actor.temper(self._chance, self._markets, self._held[actor.person.wallet]):
                yield from self._carried_out(actor, deed)
            if self._traded >= round_ends:
                yield from self._resolved()
                yield from self._next_round()
                round_ends += ROUND_TRADES

    def _carried_out(self, actor: Actor, deed: Deed) -> Iterator[Event]:
        """The deed as one or several fills, quick after each other, then a pause so that the rate holds. Up to three
        fills share a transaction; an order has one hash and may need several transactions."""
        parts = self._split(deed.hundredths, deed.fills)
        orders = [self._names.order(next(self._orders)) for _ in range(deed.orders)]
        tx_hash = ""
        for number, hundredths in enumerate(parts):
            if number % 3 == 0:
                tx_hash = self._names.transaction(next(self._transactions))
                self._move(deed, number)
            at = self._now + number * self._gap // 3
            event = self._fill(
                actor,
                deed,
                hundredths,
                Place(at, tx_hash, number % 3, orders[number * deed.orders // len(parts)]),
            )
            yield event
            if self._chance.randrange(REPEATED_ONE_IN) == 0:
                yield Repeated(at + self._chance.randrange(_SECOND // 20, 3 * _SECOND), event.trade_id)
        # Between half and one and a half of the even gap: the rate holds, the rhythm is no metronome's.
        self._now += len(parts) * (self._gap // 2 + self._chance.randrange(self._gap + 1))
        self._traded += len(parts)
        self._book(actor, deed)

    def _move(self, deed: Deed, number: int) -> None:
        """Whoever takes more than one transaction's worth moves the price."""
        if number > 0 and deed.kind is TradeKind.TRADE:
            self._markets[deed.market].push(deed.outcome, deed.side)

    def _fill(self, actor: Actor, deed: Deed, hundredths: int, place: Place) -> Traded:
        market = self._markets[deed.market]
        size = Decimal(hundredths) / 100
        trade = deed.kind is TradeKind.TRADE
        price = market.price(deed.outcome) if trade else None
        return Traded(
            at=place.at,
            lag=self._chance.randrange(_SECOND // 5, 2 * _SECOND),
            trade_id=f"{place.tx_hash}-{place.number}",
            kind=deed.kind,
            wallet=actor.person.wallet,
            side=deed.side,
            token_id=market.tokens[deed.outcome],
            size=size,
            price=price,
            usdc=None if price is None else (price * size).quantize(MICRO),
            tx_hash=place.tx_hash,
            order_hash=place.order_hash if trade else None,
        )

    def _book(self, actor: Actor, deed: Deed) -> None:
        held = self._held[actor.person.wallet]
        key = (deed.market, deed.outcome)
        after = held.get(key, 0) + (deed.hundredths if deed.side is Side.BUY else -deed.hundredths)
        if after > 0:
            held[key] = after
        else:
            held.pop(key, None)

    def _split(self, hundredths: int, fills: int) -> list[int]:
        """Uneven parts that add up to the whole; fewer where there is little to split."""
        fills = max(1, min(fills, hundredths // 100))
        cuts = sorted(self._chance.sample(range(1, hundredths), fills - 1)) if fills > 1 else []
        return [end - start for start, end in zip([0, *cuts], [*cuts, hundredths], strict=True)]

    def _next_round(self) -> Iterator[Listed]:
        self._rounds += 1
        market = Market.of(round_question(self._rounds), self._names)
        self._markets.append(market)
        yield from (market.listed(self._now, outcome) for outcome in (0, 1))

    def _resolved(self) -> Iterator[Listed]:
        market = self._markets[-1]
        market.ended = True
        winner = 0 if market.ticks * 2 >= market.top else 1
        yield from (market.listed(self._now, outcome, winner=winner) for outcome in (0, 1))


def generate(seed: int, per_second: float) -> Iterator[Event]:
    """Events of the play of this seed at about this many trades a second, for ever."""
    return Play(seed, per_second).events()
