"""Plays a script onto the topics in its own time, can be held, and keeps count of what it sent."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from typing import Final

from ops.demo.script import AgainCue, Cue, MarketCue, Script, TradeCue
from ops.feed.door import Door
from ops.generator.events import Person
from schemas.enums import AddressType, Source, TradeKind
from schemas.markets import LeaderValued
from schemas.trades import TradeSeen
from streams.topology import LEADER_VALUES, MARKETS, TRADES

_SECOND: Final = 1_000_000
# Messages that may still come a second time; a repetition follows within seconds.
REMEMBERED: Final = 5_000


@dataclass(slots=True)
class Sent:
    """What has been played: trades (repetitions apart), by role of their wallet; and those
    that can be copied, by leader."""

    trades: int = 0
    repeated: int = 0
    unwatched: int = 0
    by_role: Counter[AddressType] = field(default_factory=Counter)
    copyable: Counter[str] = field(default_factory=Counter)


class Player:
    """One performance. ``told`` hears of each trade with the time the broker gave it."""

    def __init__(
        self,
        door: Door,
        script: Script,
        source: Source,
        told: Callable[[TradeSeen, datetime], None] = lambda _trade, _appended: None,
    ) -> None:
        self.sent = Sent()
        self.finished = False
        self._door = door
        self._script = script
        self._source = source
        self._told = told
        self._roles: Mapping[str, frozenset[AddressType]] = {
            person.wallet: person.roles for person in script.people
        }
        self._remembered: dict[str, TradeSeen] = {}
        self._cues = script.cues
        self._going = asyncio.Event()
        self._going.set()
        self._held_since = 0.0
        self._late = 0.0

    @property
    def held(self) -> bool:
        """Whether it stands still."""
        return not self._going.is_set()

    def hold(self) -> None:
        """Stand still, or go on: nothing is caught up, everything that follows is later by as much."""
        if self.held:
            self._late += time.monotonic() - self._held_since
            self._going.set()
        else:
            self._held_since = time.monotonic()
            self._going.clear()

    async def prepare(self) -> int:
        """What leaders are worth, and the markets that are there from the start, confirmed; returns how many tokens."""
        for person in self._script.people:
            await self._worth(person)
        now = datetime.now(UTC)
        tokens = 0
        for cue in self._cues:
            if not isinstance(cue, MarketCue) or cue.at > 0:
                self._cues = chain([cue], self._cues)
                break
            await self._send(cue, now)
            tokens += 1
        await self._door.confirm()
        return tokens

    async def play(self) -> None:
        """All cues, each at its time; returns when the script ends. Raises BrokerAway."""
        began, began_at = time.monotonic(), datetime.now(UTC)
        for cue in self._cues:
            await self._going.wait()
            wait = began + self._late + cue.at / _SECOND - time.monotonic()
            if wait > 0:
                await asyncio.sleep(wait)
                await self._going.wait()
            await self._send(cue, began_at)
        await self._door.confirm()
        self.finished = True

    async def _worth(self, person: Person) -> None:
        if person.worth_usdc is not None:
            valued = LeaderValued(wallet=person.wallet, usdc=person.worth_usdc, taken_at=datetime.now(UTC))
            await self._door.send(LEADER_VALUES, person.wallet, valued)

    async def _send(self, cue: Cue, began_at: datetime) -> None:
        now = datetime.now(UTC)
        match cue:
            case TradeCue():
                trade = cue.message(now)
                # Nothing of the play happened before it began: the followers were not there yet.
                traded_at = max(trade.traded_at, began_at)
                trade = trade.model_copy(update={"source": self._source, "traded_at": traded_at})
                self._remember(trade)
                self._count(trade)
                await self._send_trade(trade)
            case AgainCue():
                if known := self._remembered.get(cue.trade_id):
                    self.sent.repeated += 1
                    await self._send_trade(known)
            case MarketCue():
                market = cue.message(began_at, now)
                await self._door.send(MARKETS, market.token_id, market)
                if market.payout is not None:
                    # What follows may be a redemption.
                    await self._door.confirm()

    async def _send_trade(self, trade: TradeSeen) -> None:
        sent = await self._door.send(TRADES, trade.wallet, trade)
        sent.add_done_callback(lambda done: self._appended(trade, done))

    def _appended(self, trade: TradeSeen, done: asyncio.Future[object]) -> None:
        if done.cancelled() or done.exception() is not None:
            return
        stamp = getattr(done.result(), "timestamp", None)
        if isinstance(stamp, int) and stamp > 0:
            self._told(trade, datetime.fromtimestamp(stamp / 1000, UTC))

    def _remember(self, trade: TradeSeen) -> None:
        self._remembered[trade.trade_id] = trade
        if len(self._remembered) > REMEMBERED:
            del self._remembered[next(iter(self._remembered))]

    def _count(self, trade: TradeSeen) -> None:
        self.sent.trades += 1
        roles = self._roles.get(trade.wallet, frozenset())
        self.sent.by_role.update(roles)
        self.sent.unwatched += not roles
        if AddressType.COPY_LEADER in roles and trade.kind is TradeKind.TRADE:
            self.sent.copyable[trade.wallet] += 1
