"""Which messages of a batch are decided in one transaction, and for whom."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from schemas.enums import TradeKind, Venue
from schemas.trades import LeaderTraded

ANSWERS_PER_TRANSACTION: Final = 5_000
"""So many copy orders take under half a second, and on a machine that is ten times too busy less than one try of the
guard may take: whatever the crowd, each try gets further."""
MESSAGES_PER_TRANSACTION: Final = 256
"""More messages at once make a transaction no cheaper, only longer."""


class AllocationRow(NamedTuple):
    """An allocation as its row says, locked."""

    allocation_id: str
    leader: str
    user_id: str
    account_id: str
    venue: str
    state: str
    version: int
    role_version: int
    active_from: Any
    buys_from: Any


Answered = frozenset[tuple[str, str]]
"""(trade, allocation) that have their copy order."""


def bounded(messages: Sequence[LeaderTraded], allocations: Iterable[AllocationRow]) -> int:
    """How many of the first messages one transaction takes on, at least one."""
    followers = Counter(row.leader for row in allocations)
    answers = 0
    for place, message in enumerate(messages):
        answers += followers[message.wallet]
        if answers > ANSWERS_PER_TRANSACTION and place > 0:
            return place
    return len(messages)


def first_part(
    allocations: Sequence[AllocationRow],
    leaders: frozenset[str],
    fresh: Sequence[LeaderTraded],
    answered: Answered,
) -> tuple[list[AllocationRow], bool]:
    """The allocations to decide for now, and whether others are left for another transaction: what trades real money
    is decided and committed first (SAFETY R27), and no more at once than a transaction should hold. A wallet that is no
    copy_leader now (``leaders``) has none (promise 3). Those that are answered already come along with the last part
    when messages of other kinds may concern them still.
    """
    trades: dict[str, list[str]] = defaultdict(list)
    for message in fresh:
        if message.kind is TradeKind.TRADE:
            trades[message.wallet].append(message.trade_id)
    others = {message.wallet for message in fresh if message.kind is not TradeKind.TRADE}
    pending: list[AllocationRow] = []
    along: list[AllocationRow] = []
    for row in allocations:
        if row.leader not in leaders:
            continue
        if any((trade_id, row.allocation_id) not in answered for trade_id in trades.get(row.leader, ())):
            pending.append(row)
        elif row.leader in others:
            along.append(row)
    live = [row for row in pending if row.venue == Venue.POLYMARKET]
    chosen = _as_many(live or pending, trades)
    if len(chosen) < len(pending):
        return chosen, True
    return sorted([*chosen, *along]), False


def _as_many(rows: Sequence[AllocationRow], trades: Mapping[str, Sequence[str]]) -> list[AllocationRow]:
    """The first of them whose answers one transaction takes on, at least one."""
    answers = 0
    for place, row in enumerate(rows):
        answers += len(trades[row.leader])
        if answers > ANSWERS_PER_TRANSACTION and place > 0:
            return list(rows[:place])
    return list(rows)


def handled_before(fresh: Sequence[LeaderTraded], answered: Answered) -> Mapping[str, int]:
    """For each allocation with an answer: up to which place among the messages all of it was done before, in a
    transaction whose other followers were left over."""
    places = {message.trade_id: place for place, message in enumerate(fresh)}
    until: dict[str, int] = {}
    for trade_id, allocation_id in answered:
        if trade_id in places:
            until[allocation_id] = max(until.get(allocation_id, -1), places[trade_id])
    return until


def counted(
    fresh: Sequence[LeaderTraded], answers: Iterable[LeaderTraded], answered: Answered
) -> Mapping[tuple[str, str], int]:
    """For how many allocations each message has its copy order now, by wallet and trade: ``answers`` names the message
    of each that was made now."""
    counts = Counter((message.wallet, message.trade_id) for message in answers)
    before = Counter(trade_id for trade_id, _ in answered)
    for message in fresh:
        counts[message.wallet, message.trade_id] += before[message.trade_id]
    return counts
