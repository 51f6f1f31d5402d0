"""Orders that are over, turned into the rows of one booking. Pure: rows in, rows out (RULES §5, SAFETY R4, R5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal

from schemas.enums import OPEN_COPY_STATES, AllocationState, OrderState, Side
from schemas.money import CENT, EXACT, ZERO, plain
from streams.tables.bookings import OrderToBook
from streams.tables.exits import ExitToBook
from streams.tables.hands import HandToBook
from streams.topology import COPY_RESULTS
from streams.trading.booking import Fill, fee
from streams.trading.endings import After, AttemptRules, Ending, Filled, after_order
from streams.trading.entry_rows import (
    Row,
    Sums,
    copy_row,
    exit_row,
    fill_id_of,
    fill_row,
    finished_message,
    late_row,
    notice,
    order_row,
)
from streams.trading.lot_books import LotBook, LotKey, book_fill, close_order, opened_by
from streams.trading.owed_exits import Since, kept_of, surplus
from streams.venues.trades import FillSeen, Settlement


@dataclass(slots=True)
class Entries:
    """The rows of one booking; ``lots`` are all lots it may touch, those in ``touched`` are written.

    ``since``: what the leader sold since the trades of BUYs that come late (SAFETY R6).
    """

    now: datetime
    rules: AttemptRules
    lots: dict[LotKey, LotBook]
    known_fills: set[str]
    since: Mapping[str, Since] = field(default_factory=dict)
    touched: list[LotBook] = field(default_factory=list)
    fills: list[Row] = field(default_factory=list)
    cash_entries: list[Row] = field(default_factory=list)
    cash: dict[str, Decimal] = field(default_factory=dict)
    orders: list[Row] = field(default_factory=list)
    copy_orders: list[Row] = field(default_factory=list)
    late_fills: list[Row] = field(default_factory=list)
    exit_orders: list[Row] = field(default_factory=list)
    late_exit_fills: list[Row] = field(default_factory=list)
    new_exits: list[Row] = field(default_factory=list)
    hand_orders: list[Row] = field(default_factory=list)
    late_hand_fills: list[Row] = field(default_factory=list)
    shortfalls: list[Row] = field(default_factory=list)
    stops: list[Row] = field(default_factory=list)
    outbox: list[Row] = field(default_factory=list)
    notifications: list[Row] = field(default_factory=list)
    said: list[tuple[OrderToBook, After, bool]] = field(default_factory=list)

    def book(self, order: OrderToBook, ending: Ending) -> None:
        """Book one order: its new fills, its end, its copy order's next state. Booking the same twice does nothing."""
        if ending.state is OrderState.DROPPED and order.order_state is not OrderState.SIGNED:
            return  # it went out: only the exchange can say what became of it
        late = order.proven or order.copy_state not in OPEN_COPY_STATES
        # What failed on the chain before it was booked never came.
        settling = [fill for fill in ending.fills if fill.status is not Settlement.FAILED]
        fresh = [fill for fill in settling if fill_id_of(fill) not in self.known_fills]
        if late and not fresh:
            return
        if ending.fills and not settling:
            ending = replace(ending, state=OrderState.FAILED, cause="its settlement failed")
        sums = self._book_fills(order, fresh)
        filled = Filled(order.filled_shares + sums.shares, order.filled_usdc + sums.usdc)
        lot = self.lots.get((order.allocation_id, order.token_id))
        bought_ago = lot.bought_seconds_ago if lot is not None else None
        self.orders.append(order_row(order, ending, sums))
        if late:
            after = After(order.copy_state, "a fill came after the end", order.attempts)
            self._late_rows(order).append(late_row(order, sums))
            self.stops.append({"account_id": order.account_id, "cause": "late_fill", "ref": order.order_hash})
            self.notifications.append(notice(order, after, filled, late=True))
        else:
            after = after_order(order, ending, filled, bought_ago, self.rules)
            self._rows(order).append(copy_row(order, after, filled, sums))
            self._tell(order, after, filled, sums)
        self.said.append((order, after, late))

    def _rows(self, order: OrderToBook) -> list[Row]:
        if isinstance(order, ExitToBook):
            return self.exit_orders
        return self.hand_orders if isinstance(order, HandToBook) else self.copy_orders

    def _late_rows(self, order: OrderToBook) -> list[Row]:
        if isinstance(order, ExitToBook):
            return self.late_exit_fills
        return self.late_hand_fills if isinstance(order, HandToBook) else self.late_fills

    def cash_rows(self) -> list[Row]:
        """What changes of each account's cash, in order of account."""
        return [{"account_id": account, "usdc": usdc} for account, usdc in sorted(self.cash.items()) if usdc]

    def _book_fills(self, order: OrderToBook, fresh: Sequence[FillSeen]) -> Sums:
        key, sums, any_fill = (order.allocation_id, order.token_id), Sums(), False
        lot = self.lots.get(key)
        if lot is not None and lot.held is None:
            lot = None
        opened = False
        for seen in fresh:
            any_fill = True
            self.known_fills.add(fill_id_of(seen))
            rate = self._rate(order, seen, lot)
            if lot is None and order.side is Side.BUY:
                lot = self.lots[key] = opened_by(order, rate)
                opened = True
            self._book_fill(order, seen, rate, lot, sums)
        since = self.since.get(order.order_hash)
        if lot is not None and fresh and since is not None:
            self._owe(order, lot, since, sums.shares, fill_id_of(fresh[-1]))
        if lot is not None:
            ended = close_order(lot, order.side, order.order_hash, filled=any_fill, opened_lot=opened)
            sums.realised_usdc = EXACT.add(sums.realised_usdc, ended.realised_usdc)
            if lot.entries or ended.lot is not None:
                self._touch(lot)
            if order.side is Side.BUY and any_fill:
                lot.applied_number = max(lot.applied_number, order.number)
        return sums

    def _book_fill(
        self, order: OrderToBook, seen: FillSeen, rate: Decimal, lot: LotBook | None, sums: Sums
    ) -> None:
        charged = fee(seen.shares, seen.price, rate)
        fill = Fill(seen.shares, seen.usdc, seen.price, charged)
        fill_id = fill_id_of(seen)
        if order.side is Side.SELL:
            self._miss(order, fill_id, EXACT.subtract(seen.shares, _held_by(lot)))
        if lot is not None and lot.held is not None:
            booking = book_fill(lot, order.side, fill, rate, fill_id, by_hand=isinstance(order, HandToBook))
            cash, realised = booking.cash_usdc, booking.realised_usdc
        else:
            # A sale whose lot is gone already: the money came in all the same.
            cash = realised = EXACT.subtract(seen.usdc, charged)
        sums.shares = EXACT.add(sums.shares, seen.shares)
        sums.usdc = EXACT.add(sums.usdc, seen.usdc)
        sums.fee_usdc = EXACT.add(sums.fee_usdc, charged)
        sums.realised_usdc = EXACT.add(sums.realised_usdc, realised)
        self.cash[order.account_id] = EXACT.add(self.cash.get(order.account_id, ZERO), cash)
        self.fills.append(fill_row(order, seen, charged))
        self.cash_entries.append(
            {"account_id": order.account_id, "cause": order.side.value.lower(), "ref": fill_id, "usdc": cash}
        )

    def _miss(self, order: OrderToBook, fill_id: str, shares: Decimal) -> None:
        """What was sold and was not there any more: its purchase was taken back while the sale was out (SAFETY R14)."""
        if shares <= 0:
            return
        named = {"fill_id": fill_id, "account_id": order.account_id, "token_id": order.token_id}
        self.shortfalls.append(named | {"shares": shares})
        self.stops.append({"account_id": order.account_id, "cause": "shortfall", "ref": fill_id})
        body = named | {"shares": plain(shares)}
        self.notifications.append(
            {"user_id": order.user_id, "kind": "shortfall", "event": fill_id, "body": body}
        )

    def _owe(self, order: OrderToBook, lot: LotBook, since: Since, shares: Decimal, ref: str) -> None:
        """What the leader has sold of it since is no target; what lies above the target is sold by an exit order."""
        assert lot.held is not None, "a purchase has its lot"
        owed = EXACT.subtract(shares, kept_of(shares, since.sells))
        target = max(ZERO, EXACT.subtract(lot.held.target_shares, owed))
        lot.held = replace(lot.held, target_shares=target)
        above = surplus(lot.held.shares, target, EXACT.add(since.on_sale, self._sold_again(order)))
        if above >= CENT and order.allocation_state is not AllocationState.ENDED:
            tick = order.tick if order.tick is not None else Decimal(lot.columns["tick"])
            self.new_exits.append(exit_row(order, since, above, since.limit(tick), ref))

    def _sold_again(self, order: OrderToBook) -> Decimal:
        """What exit orders of this very booking sell of the lot already."""
        pair = (order.allocation_id, order.token_id)
        own = (row["shares"] for row in self.new_exits if (row["allocation_id"], row["token_id"]) == pair)
        return sum(own, ZERO)

    def _rate(self, order: OrderToBook, seen: FillSeen, lot: LotBook | None) -> Decimal:
        if seen.fee_rate is not None:
            return seen.fee_rate
        if order.fee_rate is not None:
            return order.fee_rate
        return Decimal(lot.columns["fee_rate"]) if lot is not None else ZERO

    def _touch(self, lot: LotBook) -> None:
        if lot not in self.touched:
            self.touched.append(lot)

    def _tell(self, order: OrderToBook, after: After, filled: Filled, sums: Sums) -> None:
        of_copy = not isinstance(order, ExitToBook | HandToBook)
        if not after.ended:
            if of_copy:
                self.notifications.append(notice(order, after, filled, late=False))
            return
        finished = None if not of_copy else finished_message(order, after, filled, sums, self.now)
        if finished is not None:
            self.outbox.append(
                {"topic": COPY_RESULTS.name, "key": finished.follower, "value": finished.encode()}
            )
        self.notifications.append(notice(order, after, filled, late=False))


def _held_by(lot: LotBook | None) -> Decimal:
    return lot.held.shares if lot is not None and lot.held is not None else ZERO
