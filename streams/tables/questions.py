"""What to ask the tables before deciding: of each follower only what the settings and the trades make matter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from schemas.allocations import AllocationSettings
from schemas.enums import CopyMode, Side, TradeKind, Venue
from schemas.trades import LeaderTraded
from streams.copy_execution.batch import AllocationRow
from streams.copy_execution.circumstances import LEADER_VALUE_LIFE
from streams.copy_execution.inputs import Market
from streams.tables.arrays import array
from streams.tables.asking import Question
from streams.tables.ground import Shared

SettingsOf = Mapping[str, AllocationSettings]
"""The settings in force, by allocation."""


@dataclass(slots=True)
class Asked:
    """Tokens, markets, orders and bursts that the coming decisions ask about, each behind its allocation, each once."""

    tokens: dict[tuple[str, str], None] = field(default_factory=dict)
    markets: dict[tuple[str, str], None] = field(default_factory=dict)
    orders: dict[tuple[str, str], None] = field(default_factory=dict)
    bursts: dict[tuple[str, str, datetime], None] = field(default_factory=dict)

    def add(
        self, allocation_id: str, message: LeaderTraded, settings: AllocationSettings, market: Market | None
    ) -> None:
        """This message is decided for this allocation."""
        self.tokens[allocation_id, message.token_id] = None
        if market is not None and settings.max_per_market_usdc is not None:
            self.markets[allocation_id, market.market_id] = None
        buying = message.kind is TradeKind.TRADE and message.side is Side.BUY
        if not buying or settings.mode is not CopyMode.FIXED_AMOUNT:
            return
        if message.order_hash is not None:
            self.orders[allocation_id, message.order_hash] = None
        if message.burst_started_at is not None:
            self.bursts[allocation_id, message.token_id, message.burst_started_at] = None


def questions_about(
    allocations: Sequence[AllocationRow],
    messages: Sequence[LeaderTraded],
    settings: SettingsOf,
    shared: Shared,
) -> list[Question]:
    """The lock on the accounts (in order of id, SAFETY R4) and everything the books are made of."""
    return [
        *_about_accounts(allocations, settings, shared),
        *_about_tokens(allocations, messages, settings, shared),
        *_about_leaders(allocations, settings, shared),
    ]


def _about_accounts(
    allocations: Sequence[AllocationRow], settings: SettingsOf, shared: Shared
) -> list[Question]:
    accounts = array(sorted({row.account_id for row in allocations}))
    live = sorted({row.account_id for row in allocations if row.venue == Venue.POLYMARKET})
    by_day = [name for name, kept in settings.items() if kept.max_per_day_usdc is not None]
    day = shared.now.replace(hour=0, minute=0, second=0, microsecond=0)
    return [
        ("decision/lock_accounts", {"accounts": accounts}),
        ("decision/money_of_accounts", {"accounts": accounts}),
        *_if_any("decision/spent_today_by_accounts", accounts=live, day=day),
        *_if_any("decision/spent_today_by_allocations", allocations=by_day, day=day),
    ]


def _about_tokens(
    allocations: Sequence[AllocationRow],
    messages: Sequence[LeaderTraded],
    settings: SettingsOf,
    shared: Shared,
) -> list[Question]:
    followers: dict[str, list[str]] = defaultdict(list)
    for row in allocations:
        followers[row.leader].append(row.allocation_id)
    asked = Asked()
    for message in messages:
        for allocation_id in followers.get(message.wallet, ()):
            asked.add(allocation_id, message, settings[allocation_id], shared.markets.get(message.token_id))
    tokens = _columns(asked.tokens, "allocations", "tokens")
    return [
        *_if_any("decision/books_of_tokens", **tokens),
        *_if_any("decision/lots_cost_of_markets", **_columns(asked.markets, "allocations", "markets")),
        *_if_any("decision/taken_up_orders", **_columns(asked.orders, "allocations", "hashes")),
        *_if_any("decision/taken_up_bursts", **_columns(asked.bursts, "allocations", "tokens", "bursts")),
    ]


def _about_leaders(
    allocations: Sequence[AllocationRow], settings: SettingsOf, shared: Shared
) -> list[Question]:
    leaders = {row.leader for row in allocations if settings[row.allocation_id].mode is CopyMode.PROPORTIONAL}
    since = shared.now - LEADER_VALUE_LIFE
    return _if_any("decision/highest_leader_values", leaders=sorted(leaders), since=since)


def _columns(asked: Iterable[tuple[Any, ...]], *names: str) -> dict[str, Any]:
    columns = list(zip(*asked, strict=True)) or [()] * len(names)
    return dict(zip(names, columns, strict=True))


def _if_any(name: str, **parameters: Any) -> list[Question]:
    """The question, with its lists as arrays, unless the first of its parameters asks about nothing."""
    if not next(iter(parameters.values())):
        return []
    written = {
        key: array(value) if isinstance(value, list | tuple) else value for key, value in parameters.items()
    }
    return [(name, written)]
