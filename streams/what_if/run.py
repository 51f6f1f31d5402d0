"""A run: events in the order listed, each trade decided, filled and booked for each allocation before the next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal

from schemas.allocations import AllocationSettings
from schemas.enums import AllocationState, CopyState, Side, TradeKind
from schemas.money import ZERO, nearest_micro
from schemas.trades import TradeSeen
from streams.classify.ledger import NOTHING, Position, Step, Verdict, fold, fold_undone, verdict
from streams.copy_execution.circumstances import Circumstances, circumstances
from streams.copy_execution.decision import Decision
from streams.copy_execution.flood import Counting
from streams.copy_execution.inputs import LeaderValue, Market, Switches, Trade
from streams.what_if.events import (
    BuysSwitched,
    Event,
    LeaderValueSeen,
    MarketClosed,
    MarketResolved,
    NewVersion,
)
from streams.what_if.fill_models import Fills
from streams.what_if.following import Following


@dataclass(frozen=True, slots=True)
class CopyOutcome:
    """One copy order: what was decided, and how its order ended (None without one)."""

    trade_id: str
    allocation_id: str
    decision: Decision
    outcome: CopyState | None


@dataclass(frozen=True, slots=True)
class Told:
    """A follower is told that the leader's position ended without a trade (RULES §6)."""

    trade_id: str
    allocation_id: str


@dataclass(slots=True)
class Run:
    """The state of a run. ``now`` of a trade is when it happened, and ``delay`` later."""

    followings: list[Following]
    markets: dict[str, Market]
    leader_values: dict[str, LeaderValue]
    fills: Fills
    delay: timedelta
    switches: Switches = field(default_factory=Switches)
    told: list[Told] = field(default_factory=list)
    _positions: dict[tuple[str, str], Position] = field(default_factory=dict)
    _known: dict[tuple[str, str], bytes] = field(default_factory=dict)
    _moves: dict[tuple[str, str], tuple[str, Step]] = field(default_factory=dict)
    _numbers: dict[str, int] = field(default_factory=dict)
    _floods: Counting = field(default_factory=Counting)
    _by_leader: dict[str, list[Following]] = field(default_factory=dict)
    _closing: bool = False

    def __post_init__(self) -> None:
        for following in self.followings:
            self._by_leader.setdefault(following.allocation.leader, []).append(following)
            self._closing |= following.allocation.state is AllocationState.CLOSING

    def begin_with(self, wallet: str, held: Mapping[str, Decimal]) -> None:
        """What a leader holds (shares by token) before the first event."""
        for token_id, shares in held.items():
            self._positions[wallet, token_id] = Position(nearest_micro(shares))

    def take(self, event: Event) -> list[CopyOutcome]:
        """Let one event happen; the copy orders it yielded, in the order of the allocations."""
        outcomes: list[CopyOutcome] = []
        match event:
            case TradeSeen():
                outcomes = self._trade(event)
            case NewVersion():
                self._new_version(event)
            case MarketClosed():
                self._close(event.market_id, closed=event.closed)
            case LeaderValueSeen():
                self.leader_values[event.wallet] = LeaderValue(event.usdc, event.taken_at)
            case BuysSwitched():
                self.switches = Switches(buys_stopped=event.stopped)
            case MarketResolved():
                self._resolve(event)
        if self._closing:
            self._end_closed()
        return outcomes

    def _trade(self, message: TradeSeen) -> list[CopyOutcome]:
        followers = self._by_leader.get(message.wallet)
        if followers is None or not self._is_new(message):
            return []
        step = self._fold(message)
        if step is None:
            return []
        self._tell_flat(message, step, followers)
        number = self._numbers[message.wallet] = self._numbers.get(message.wallet, 0) + 1
        seen = self._circumstances(message, step, number)
        return [outcome for following in followers if (outcome := self._copy(seen, following)) is not None]

    def _fold(self, message: TradeSeen) -> Step | None:
        """Move the leader's position; None for an ``undone`` that names nothing known (a dead letter on the way)."""
        token_id, undone = message.token_id, None
        if message.undoes is not None:
            undone = self._moves.pop((message.wallet, message.undoes), None)
            if undone is None:
                return None
            token_id = undone[0]
        key = (message.wallet, token_id)
        former, happened_at = self._positions.get(key, NOTHING), message.traded_at
        if undone is None:
            step = fold(former, message.kind, message.side, message.size, happened_at)
        else:
            step = fold_undone(former, undone[1].before, undone[1].after, happened_at)
        self._positions[key] = step.position
        self._moves[message.wallet, message.trade_id] = (token_id, step)
        return step

    def _is_new(self, message: TradeSeen) -> bool:
        key, content = (message.wallet, message.trade_id), message.content_hash()
        if verdict(self._known.get(key), content) is not Verdict.APPLIED:
            return False
        self._known[key] = content
        return True

    def _tell_flat(self, message: TradeSeen, step: Step, followers: Iterable[Following]) -> None:
        if not step.leaves_flat:
            return
        for following in followers:
            following.books.leader_is_flat(message.token_id)
            if (
                step.ended
                and message.kind is not TradeKind.TRADE
                and message.token_id in following.books.lots
            ):
                self.told.append(Told(message.trade_id, following.allocation.allocation_id))

    def _circumstances(self, message: TradeSeen, step: Step, number: int) -> Circumstances:
        trade = Trade(
            trade_id=message.trade_id,
            wallet=message.wallet,
            side=message.side,
            token_id=message.token_id,
            size=nearest_micro(message.size),
            price=message.price if message.price is not None else ZERO,
            usdc=nearest_micro(message.usdc) if message.usdc is not None else ZERO,
            traded_at=message.traded_at,
            kind=message.kind,
            order_hash=message.order_hash,
            leader_before=step.before,
            burst_started_at=step.burst_started_at,
            number=number,
            source=message.source,
        )
        return circumstances(
            trade,
            message.traded_at + self.delay,
            self.markets.get(message.token_id),
            self.leader_values.get(message.wallet),
            self.switches,
            flood=self._floods.take(trade.wallet, trade.traded_at) if _counts(trade) else None,
        )

    def _copy(self, seen: Circumstances, following: Following) -> CopyOutcome | None:
        decision = following.decide(seen)
        if decision is None:
            return None
        outcome = following.carry_out(decision, seen, self.fills)
        return CopyOutcome(seen.trade.trade_id, following.allocation.allocation_id, decision, outcome)

    def _new_version(self, event: NewVersion) -> None:
        for following in self.followings:
            allocation = following.allocation
            if allocation.allocation_id == event.allocation_id:
                following.allocation = replace(
                    allocation,
                    state=AllocationState(str(event.changes.get("state", allocation.state))),
                    settings=_changed(allocation.settings, event.changes),
                )
                self._closing |= following.allocation.state is AllocationState.CLOSING

    def _close(self, market_id: str, *, closed: bool) -> None:
        for token_id, market in self.markets.items():
            if market.market_id == market_id:
                self.markets[token_id] = replace(market, closed=closed)

    def _resolve(self, event: MarketResolved) -> None:
        self._close(event.market_id, closed=True)
        for following in self.followings:
            for token_id, payout in event.payouts.items():
                following.settle(token_id, payout)

    def _end_closed(self) -> None:
        for following in self.followings:
            closing = following.allocation.state is AllocationState.CLOSING
            if closing and not following.books.lots and not following.books.open_buys:
                following.allocation = replace(following.allocation, state=AllocationState.ENDED)


def _counts(trade: Trade) -> bool:
    """Whether a flood could be made of it (SAFETY R27)."""
    return trade.kind is TradeKind.TRADE and trade.side is Side.BUY


def _changed(settings: AllocationSettings, changes: Mapping[str, object]) -> AllocationSettings:
    fields = {name: value for name, value in changes.items() if name in AllocationSettings.model_fields}
    return AllocationSettings.model_validate(settings.model_dump() | fields)
