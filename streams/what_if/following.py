"""One allocation in a run: its books, and how its orders are filled and booked at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from schemas.enums import CopyState, Side
from schemas.money import CENT, EXACT, ZERO
from streams.copy_execution.books import Books, Lot, apply_decision
from streams.copy_execution.circumstances import Circumstances
from streams.copy_execution.decide import decide
from streams.copy_execution.decision import Decision
from streams.copy_execution.inputs import Account, Allocation
from streams.copy_execution.limit_price import next_sell_limit
from streams.trading.booking import Booking, Fill, book_order, empty_lot, settle
from streams.what_if.fill_models import Fills, Order


@dataclass(slots=True)
class Following:
    """An allocation with its books and its follower's account. ``spent`` is the cost of its BUYs by the day they were
    decided on; ``fees_usdc`` all fees."""

    allocation: Allocation
    account: Account
    books: Books = field(default_factory=Books)
    spent: dict[date, Decimal] = field(default_factory=dict)
    fees_usdc: Decimal = ZERO

    def decide(self, seen: Circumstances) -> Decision | None:
        """The decision with the books as they are at ``seen.now``."""
        today = seen.now.date()
        self.books.day_spent_usdc = sum((cost for day, cost in self.spent.items() if day >= today), ZERO)
        return decide(seen, self.allocation, self.account, self.books)

    def carry_out(self, decision: Decision, seen: Circumstances, fills: Fills) -> CopyState | None:
        """Apply a decision and, when it plans an order, fill and book it at once; how that ended, None without an
        order."""
        apply_decision(decision, seen.trade, seen.market, self.account, self.books)
        if decision.state is not CopyState.PLANNED:
            return None
        if decision.side is Side.BUY:
            return self._buy(decision, seen, fills)
        return self._sell(decision, seen, fills)

    def _buy(self, decision: Decision, seen: Circumstances, fills: Fills) -> CopyState:
        amount, limit, reserve, market = (
            decision.amount_usdc,
            decision.limit_price,
            decision.reserve_usdc,
            seen.market,
        )
        assert amount is not None
        assert limit is not None
        assert reserve is not None
        assert market is not None
        trade = seen.trade
        filled = fills.fill(Order(Side.BUY, trade.token_id, amount, limit, trade.price, seen.now))
        self._release(trade.token_id, market.market_id, reserve)
        opening = empty_lot(market.market_id, seen.happened_at, trade.number, market)
        booked = self._book(trade.token_id, opening, market.fee_rate, Side.BUY, filled)
        today = seen.now.date()
        self.spent[today] = EXACT.subtract(self.spent.get(today, ZERO), booked.cash_usdc)
        return _ending(amount, sum((fill.usdc for fill in filled), ZERO))

    def _sell(self, decision: Decision, seen: Circumstances, fills: Fills) -> CopyState:
        trade, planned, limit = seen.trade, decision.shares, decision.limit_price
        market = seen.market or self.books.lots[trade.token_id].market
        assert planned is not None
        assert limit is not None
        assert market is not None
        left = planned
        opening = empty_lot(market.market_id)
        for _ in range(self.allocation.settings.exit_attempts_max):
            order = Order(Side.SELL, trade.token_id, left, limit, trade.price, seen.now)
            filled = fills.fill(order)
            self._book(trade.token_id, opening, market.fee_rate, Side.SELL, filled)
            for fill in filled:
                left = EXACT.subtract(left, fill.shares)
            if left < CENT:
                break
            bid = fills.best_bid(order)
            limit = next_sell_limit(trade.price, bid, limit, market.tick, self.allocation.settings)
        self._release_shares(trade.token_id, planned)
        return _ending(planned, EXACT.subtract(planned, left))

    def settle(self, token_id: str, payout: Decimal) -> None:
        """The market resolved: end the lot of this token, if there is one."""
        lot = self.books.lots.get(token_id)
        if lot is not None:
            self._take(token_id, lot.market_id, settle(lot, payout))

    def _book(
        self, token_id: str, opening: Lot, fee_rate: Decimal, side: Side, filled: Sequence[Fill]
    ) -> Booking:
        booked = book_order(self.books.lots.get(token_id), side, filled, fee_rate, opening)
        self._take(token_id, opening.market_id, booked)
        return booked

    def _take(self, token_id: str, market_id: str, booked: Booking) -> None:
        books, account = self.books, self.account
        if booked.lot is None:
            books.lots.pop(token_id, None)
        else:
            books.lots[token_id] = booked.lot
        books.put_to_work(market_id, booked.cost_usdc)
        books.realised_usdc = EXACT.add(books.realised_usdc, booked.realised_usdc)
        account.cash_usdc = EXACT.add(account.cash_usdc, booked.cash_usdc)
        account.lots_cost_usdc = EXACT.add(account.lots_cost_usdc, booked.cost_usdc)
        self.fees_usdc = EXACT.add(self.fees_usdc, booked.fee_usdc)

    def _release(self, token_id: str, market_id: str, reserve: Decimal) -> None:
        self.books.open_buys.pop(token_id)
        self.books.reserve(market_id, -reserve)
        self.account.reserved_usdc = EXACT.subtract(self.account.reserved_usdc, reserve)

    def _release_shares(self, token_id: str, shares: Decimal) -> None:
        lot = self.books.lots.get(token_id)
        if lot is not None:
            self.books.lots[token_id] = replace(
                lot, selling_shares=EXACT.subtract(lot.selling_shares, shares)
            )


def _ending(wanted: Decimal, got: Decimal) -> CopyState:
    if got == 0:
        return CopyState.UNFILLED
    return CopyState.FILLED if got == wanted else CopyState.PARTIAL
