"""Who is decided first: what takes a moment does not wait for what takes long (SAFETY R27)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final, Protocol, TypeVar

from schemas.enums import Venue
from schemas.trades import LeaderTraded
from streams.copy_execution.batch import AllocationRow

LIGHT_ANSWERS: Final = 64
"""So many copy orders take some 10 ms to decide and store; whoever needs more in one batch lets the others go first."""
WALLETS_KEPT: Final = 20_000
"""Twice as many leaders as are followed at once; beyond, what was seen is forgotten and seen again."""


class Carries(Protocol):
    """Whatever a message comes in."""

    @property
    def message(self) -> LeaderTraded:
        """The message."""
        ...


Carried = TypeVar("Carried", bound=Carries)


class Crowds:
    """How many followed each wallet when it was last decided for, and whether any did with real money. Only the order
    among wallets depends on it, never a decision; after a restart it is learnt anew."""

    def __init__(self) -> None:
        self._paper_only: dict[str, int] = {}

    def seen(self, messages: Iterable[LeaderTraded], allocations: Iterable[AllocationRow]) -> None:
        """These are all that follow the wallets of these messages now."""
        if len(self._paper_only) > WALLETS_KEPT:
            self._paper_only.clear()
        followers: Counter[str] = Counter()
        live = set()
        for row in allocations:
            followers[row.leader] += 1
            if row.venue == Venue.POLYMARKET:
                live.add(row.leader)
        for wallet in {message.wallet for message in messages}:
            # Real money never waits for paper.
            self._paper_only[wallet] = 0 if wallet in live else followers[wallet]

    def parted(self, batch: Sequence[Carried]) -> tuple[list[Carried], list[Carried]]:
        """The batch in two: those whose wallet has few copy orders to come (or real money, or is not known yet), then
        the others. A wallet's messages stay together and in order."""
        answers: Counter[str] = Counter()
        for each in batch:
            answers[each.message.wallet] += self._paper_only.get(each.message.wallet, 0)
        parts: tuple[list[Carried], list[Carried]] = ([], [])
        for each in batch:
            parts[answers[each.message.wallet] > LIGHT_ANSWERS].append(each)
        return parts
