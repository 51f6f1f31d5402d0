"""One trade for one allocation: all that a check may look at."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from schemas.allocations import AllocationSettings
from schemas.enums import BelowMinimum
from schemas.money import ZERO
from streams.copy_execution.books import Books, Lot, OpenBuys
from streams.copy_execution.circumstances import Circumstances
from streams.copy_execution.inputs import Account, Allocation, Market, Trade

CARRY_LIFE = timedelta(hours=24)


class Case:
    """What is decided: the trade's circumstances, and of the books the part that concerns its token. ``market`` is the
    one known now or, for a SELL, the one kept with the lot (SAFETY R30)."""

    __slots__ = ("account", "allocation", "books", "lot", "market", "open_buys", "seen", "settings", "trade")

    def __init__(self, seen: Circumstances, allocation: Allocation, account: Account, books: Books) -> None:
        self.seen: Circumstances = seen
        self.trade: Trade = seen.trade
        self.market: Market | None = seen.market
        self.allocation: Allocation = allocation
        self.settings: AllocationSettings = allocation.settings
        self.account: Account = account
        self.books: Books = books
        self.lot: Lot | None = books.lots.get(seen.trade.token_id)
        self.open_buys: OpenBuys | None = books.open_buys.get(seen.trade.token_id)

    @property
    def is_in(self) -> bool:
        """Whether a lot or a BUY is open in this token."""
        return self.lot is not None or self.open_buys is not None

    @property
    def known_market(self) -> Market:
        """The market, once the check that it is known has passed."""
        assert self.market is not None
        return self.market

    def carried(self) -> tuple[Decimal, datetime | None]:
        """What counts of the carried sum (it lives 24 h, the last instant included), and since when."""
        if self.settings.below_minimum is not BelowMinimum.CARRY:
            return ZERO, None
        kept = self.books.carried.get(self.trade.token_id)
        if kept is None or self.seen.now - kept.since > CARRY_LIFE:
            return ZERO, None
        return kept.usdc, kept.since
