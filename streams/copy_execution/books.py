"""An allocation's books, and what a decision does to them before the next one is taken (RULES §2).

Within one transaction several trades are decided one after the other; ``apply_decision`` leaves the books as the rows
will be, so that the next decision sees the reserve, the shares on sale and the lowered target of the one before.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from schemas.enums import CopyState, Reason
from schemas.money import EXACT, ZERO
from streams.copy_execution.decision import Decision
from streams.copy_execution.inputs import Account, Market, Trade


@dataclass(frozen=True, slots=True)
class Lot:
    """Shares held because of one allocation. ``selling_shares`` are in open SELLs; ``adds`` are the BUYs that added to
    it and are over; ``opened_traded_at`` is when the trade behind its first BUY happened and ``applied_number`` the
    highest number of a trade applied to it (SAFETY R18); ``market`` is what was known when it was bought (R30)."""

    market_id: str
    shares: Decimal
    cost_usdc: Decimal
    target_shares: Decimal
    adds: int = 0
    selling_shares: Decimal = ZERO
    opened_traded_at: datetime | None = None
    applied_number: int = 0
    market: Market | None = None


@dataclass(frozen=True, slots=True)
class OpenBuys:
    """The BUYs of one token whose end is not proven yet; ``overdue`` of them not even 10 s after their POST: they hold
    no SELL back any more (SAFETY R6)."""

    count: int
    reserved_usdc: Decimal
    overdue: int = 0


@dataclass(frozen=True, slots=True)
class Carried:
    """A wish kept for the leader's next buy of the token; ``since`` is ``now`` of its first part."""

    usdc: Decimal
    since: datetime


@dataclass(slots=True)
class Books:
    """The books of one allocation.

    The dicts need only the tokens, markets, orders and bursts the coming decisions ask about; ``at_work_usdc`` (cost of
    all open lots and reserves of all open BUYs), its part ``buys_reserved_usdc`` (those reserves, kept apart for
    people) and ``market_at_work`` (at work in a market) always cover all. ``day_spent_usdc`` is that of the day of
    ``now``; ``waiting_tokens`` have a copy order that still waits.
    """

    at_work_usdc: Decimal = ZERO
    realised_usdc: Decimal = ZERO
    day_spent_usdc: Decimal = ZERO
    lots: dict[str, Lot] = field(default_factory=dict)
    open_buys: dict[str, OpenBuys] = field(default_factory=dict)
    carried: dict[str, Carried] = field(default_factory=dict)
    market_at_work: dict[str, Decimal] = field(default_factory=dict)
    taken_orders: set[str] = field(default_factory=set)
    taken_bursts: set[tuple[str, datetime]] = field(default_factory=set)
    waiting_tokens: set[str] = field(default_factory=set)
    buys_reserved_usdc: Decimal = ZERO

    def put_to_work(self, market_id: str, usdc: Decimal) -> None:
        """Count ``usdc`` (negative: no longer) as money at work, in all and in its market."""
        self.at_work_usdc = EXACT.add(self.at_work_usdc, usdc)
        self.market_at_work[market_id] = EXACT.add(self.market_at_work.get(market_id, ZERO), usdc)

    def reserve(self, market_id: str, usdc: Decimal) -> None:
        """Count ``usdc`` (negative: given back) as the reserve of an open BUY, which is at work as well."""
        self.put_to_work(market_id, usdc)
        self.buys_reserved_usdc = EXACT.add(self.buys_reserved_usdc, usdc)

    def leader_is_flat(self, token_id: str) -> None:
        """A message of any kind left the leader flat: what was carried for the token dies (RULES §3)."""
        self.carried.pop(token_id, None)


def apply_decision(
    decision: Decision, trade: Trade, market: Market | None, account: Account, books: Books
) -> None:
    """Change ``books`` and ``account`` as the rows of this decision will; ``market`` is the one it was decided with."""
    if decision.state is CopyState.WAITING:
        books.waiting_tokens.add(trade.token_id)
    elif decision.target_shares is not None:
        _lower_target(decision, trade, books)
    elif decision.state is CopyState.PLANNED and market is not None:
        _hold_reserve(decision, trade, market, account, books)
    elif decision.reason is Reason.CARRIED:
        assert decision.carried_usdc is not None
        assert decision.carried_since is not None
        _carry(decision.carried_usdc, decision.carried_since, trade, books)
        _take_up(trade, books)


def _carry(usdc: Decimal, since: datetime, trade: Trade, books: Books) -> None:
    # A wish of less than a micro leaves nothing to keep.
    if usdc > 0:
        books.carried[trade.token_id] = Carried(usdc, since)


def _lower_target(decision: Decision, trade: Trade, books: Books) -> None:
    lot = books.lots[trade.token_id]
    assert decision.target_shares is not None
    books.lots[trade.token_id] = replace(
        lot,
        target_shares=decision.target_shares,
        selling_shares=EXACT.add(lot.selling_shares, decision.shares or ZERO),
        applied_number=max(lot.applied_number, trade.number),
    )


def _hold_reserve(decision: Decision, trade: Trade, market: Market, account: Account, books: Books) -> None:
    reserve = decision.reserve_usdc
    assert reserve is not None
    token_id = trade.token_id
    former = books.open_buys.get(token_id, OpenBuys(0, ZERO))
    books.open_buys[token_id] = OpenBuys(
        former.count + 1, EXACT.add(former.reserved_usdc, reserve), former.overdue
    )
    books.reserve(market.market_id, reserve)
    books.day_spent_usdc = EXACT.add(books.day_spent_usdc, reserve)
    account.reserved_usdc = EXACT.add(account.reserved_usdc, reserve)
    if account.live_day_room_usdc is not None:
        account.live_day_room_usdc = EXACT.subtract(account.live_day_room_usdc, reserve)
    books.carried.pop(token_id, None)
    lot = books.lots.get(token_id)
    if lot is not None:
        books.lots[token_id] = replace(lot, applied_number=max(lot.applied_number, trade.number))
    _take_up(trade, books)


def _take_up(trade: Trade, books: Books) -> None:
    if trade.order_hash is not None:
        books.taken_orders.add(trade.order_hash)
    if trade.burst_started_at is not None:
        books.taken_bursts.add((trade.token_id, trade.burst_started_at))
