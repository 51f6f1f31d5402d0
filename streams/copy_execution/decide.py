"""The decision: a pure function of what RULES §2 names. It reads no clock, no table, no network."""

from __future__ import annotations

from decimal import localcontext

from schemas.enums import AllocationState, Side, TradeKind
from schemas.money import EXACT
from streams.copy_execution.books import Books
from streams.copy_execution.buy import decide_buy
from streams.copy_execution.case import Case
from streams.copy_execution.circumstances import Circumstances
from streams.copy_execution.decision import Decision
from streams.copy_execution.flood import flooded
from streams.copy_execution.inputs import Account, Allocation
from streams.copy_execution.sell import decide_sell


def decide(seen: Circumstances, allocation: Allocation, account: Account, books: Books) -> Decision | None:
    """Decide one trade for one allocation; changes nothing (``books.apply_decision`` does).

    None: no copy order at all, because the message is no trade or the allocation has ended. The same for a copy order
    that waited: ask again with what is known then.
    """
    if seen.trade.kind is not TradeKind.TRADE or allocation.state is AllocationState.ENDED:
        return None
    if seen.flood is not None and seen.trade.side is Side.BUY:
        return flooded(seen.flood)
    with localcontext(EXACT):
        case = Case(seen, allocation, account, books)
        return decide_buy(case) if seen.trade.side is Side.BUY else decide_sell(case)
