"""A leader's stored trades played again for one follower's settings, twice: filled at our limit, and at the last price
seen. Pure: event time is the clock, and whoever asks says by ``told`` when it has taken too long."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Final

from schemas.allocations import AllocationSettings
from schemas.enums import CopyMode, CopyState, Side, TradeKind
from schemas.money import EXACT, ZERO, floor_micro
from schemas.trades import TradeSeen
from streams.copy_execution.inputs import Account, Allocation, LeaderValue, Market
from streams.what_if.events import Event, MarketResolved
from streams.what_if.fill_models import FillModel, fills_of
from streams.what_if.following import Following
from streams.what_if.run import CopyOutcome, Run

DELAY: Final = timedelta(seconds=3)
"""From the leader's trade to our decision: a little more than half of all copies take (UX S7)."""
TELL_EVERY: Final = 200
"""So many events between two looks of whoever waits: some ten milliseconds."""
_FOLLOWER: Final = "what-if"
_COPIED: Final = frozenset({CopyState.FILLED, CopyState.PARTIAL})
_ALWAYS_FRESH: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Resolved:
    """A market that ended, and what a share of each of its tokens paid."""

    at: datetime
    event: MarketResolved


@dataclass(frozen=True, slots=True)
class Past:
    """What is stored of a leader between two times. ``trades`` in order of arrival; ``held`` are his shares by token
    before them; ``resolved`` in order of time; ``left_out`` says that older trades of the time were too many."""

    trades: Sequence[TradeSeen]
    held: Mapping[str, Decimal]
    markets: Mapping[str, Market]
    resolved: Sequence[Resolved]
    payouts: Mapping[str, Decimal]
    value_usdc: Decimal | None
    cash_usdc: Decimal | None
    known_since: datetime | None
    left_out: bool


@dataclass(slots=True)
class Came:
    """What a run came to: copies of buys and sells, why buys were skipped, the most money at work, USDC."""

    buys: int = 0
    buys_copied: int = 0
    sells: int = 0
    sells_copied: int = 0
    skips: Counter[str] = field(default_factory=Counter)
    most_at_work_usdc: Decimal = ZERO
    fees_usdc: Decimal = ZERO
    result_usdc: Decimal = ZERO
    open_lots: int = 0
    unpriced: int = 0

    def count(self, copies: Sequence[CopyOutcome]) -> None:
        """Count the copy order of one trade."""
        for copy in copies:
            copied = copy.outcome in _COPIED
            if copy.decision.side is Side.BUY:
                self.buys += 1
                self.buys_copied += copied
                if copy.decision.reason is not None:
                    self.skips[copy.decision.reason] += 1
                elif not copied:
                    self.skips[CopyState.UNFILLED] += 1
            else:
                self.sells += 1
                self.sells_copied += copied


def replay(
    settings: AllocationSettings,
    leader: str,
    past: Past,
    model: FillModel,
    told: Callable[[int], None],
) -> Came:
    """One run. ``told`` hears how many events are done, every few of them; what it raises ends the run."""
    following = _following(settings, leader, past)
    run = Run(
        followings=[following],
        markets=dict(past.markets),
        leader_values={}
        if past.value_usdc is None
        else {leader: LeaderValue(past.value_usdc, _ALWAYS_FRESH)},
        fills=fills_of(model, past.trades),
        delay=DELAY,
    )
    run.begin_with(leader, past.held)
    came = Came()
    for number, event in enumerate(_events(past)):
        came.count(run.take(event))
        came.most_at_work_usdc = max(came.most_at_work_usdc, following.books.at_work_usdc)
        if number % TELL_EVERY == 0:
            told(number)
    _settle(came, following, past)
    return came


def start_cash(settings: AllocationSettings, cash_usdc: Decimal | None) -> Decimal:
    """The money a run begins with: what the person has, and at least the budget where one is named."""
    return max(cash_usdc or ZERO, settings.budget_usdc or ZERO)


def _following(settings: AllocationSettings, leader: str, past: Past) -> Following:
    beginning = datetime.min.replace(tzinfo=UTC)
    allocation = Allocation(_FOLLOWER, _FOLLOWER, leader, beginning, settings)
    return Following(allocation, Account(_FOLLOWER, start_cash(settings, past.cash_usdc)))


def _events(past: Past) -> Iterator[Event]:
    """Trades in order of arrival, each after the markets that had ended when it was made."""
    waiting = list(reversed(past.resolved))
    for trade in past.trades:
        while waiting and waiting[-1].at <= trade.traded_at:
            yield waiting.pop().event
        yield trade
    while waiting:
        yield waiting.pop().event


def _settle(came: Came, following: Following, past: Past) -> None:
    """What is left counts at its payout where the end is known, else at the last price seen."""
    prices = {trade.token_id: trade.price for trade in past.trades if trade.price is not None}
    left = ZERO
    for token_id, lot in following.books.lots.items():
        per_share = past.payouts.get(token_id, prices.get(token_id, ZERO))
        came.open_lots += 1
        worth = floor_micro(EXACT.multiply(lot.shares, per_share))
        left = EXACT.add(left, EXACT.subtract(worth, lot.cost_usdc))
    came.fees_usdc = following.fees_usdc
    came.result_usdc = EXACT.add(following.books.realised_usdc, left)


def needs_value(settings: AllocationSettings) -> bool:
    """Whether the leader's portfolio value decides how much is copied."""
    return settings.mode is CopyMode.PROPORTIONAL


def trades_of(past: Past) -> int:
    """How many of the messages are trades."""
    return sum(trade.kind is TradeKind.TRADE for trade in past.trades)
