"""Which messages of a batch are decided in one transaction, and for whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from schemas.enums import TradeKind, Venue
from schemas.trades import LeaderTraded

ANSWERS_PER_TRANSACTION: Final = 10_000
"""A transaction of so many copy orders takes well under a second; no lock is held for longer."""
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
    """The allocations to decide for now, and whether others are left for a second transaction: what trades real money
    is decided and committed first (SAFETY R27). A wallet that is no copy_leader now (``leaders``) has none (promise 3).
    """
    rows = [row for row in allocations if row.leader in leaders]
    live = [row for row in rows if row.venue == Venue.POLYMARKET]
    if not live or len(live) == len(rows):
        return rows, False
    trades = [message for message in fresh if message.kind is TradeKind.TRADE]
    unanswered = any(
        message.wallet == row.leader and (message.trade_id, row.allocation_id) not in answered
        for row in live
        for message in trades
    )
    return (live, True) if unanswered else (rows, False)


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
