"""Who trades so often that his trades are sorted several at once, aside (SAFETY R27): one by one, each of them costs a
transaction and a message of their own, and the neighbours wait for the processor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

AT_ONCE: Final = 20
"""So many trades of a wallet are sorted as they come: an order that fills against twenty others is one decision of its
owner's and should be copied at once."""
PER_SECOND: Final = 5.0
"""Afterwards so many a second: beyond, a transaction for several costs less than one for each."""
WALLETS_KEPT: Final = 5_000
"""Those seen lately; who is not among them has traded nothing for a while."""


class Often:
    """How many trades each wallet may still have sorted one by one; time gives them back."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._left: dict[str, tuple[float, float]] = {}

    def take(self, wallet: str, trades: int) -> bool:
        """The wallet has traded so many times more; whether that is too often."""
        now = self._monotonic()
        left, at = self._left.pop(wallet, (AT_ONCE, now))
        left = min(AT_ONCE, left + (now - at) * PER_SECOND) - trades
        self._left[wallet] = (max(0.0, left), now)
        if len(self._left) > WALLETS_KEPT:
            del self._left[next(iter(self._left))]  # the one that has not traded for longest
        return left < 0
