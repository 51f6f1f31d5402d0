"""Orders that are over, turned into the rows of one booking. Pure: rows in, rows out (RULES §5, SAFETY R4, R5)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from schemas.copies import CopyFinished
from schemas.enums import OPEN_COPY_STATES, OrderState, RejectReason, Side
from schemas.money import EXACT, ZERO, plain
from streams.tables.bookings import OrderToBook
from streams.topology import COPY_RESULTS
from streams.trading.booking import Fill, fee
from streams.trading.endings import After, AttemptRules, Ending, Filled, after_order
from streams.trading.lot_books import LotBook, LotKey, book_fill, close_order, opened_by
from streams.venues.trades import FillSeen

Row = dict[str, Any]


@dataclass(slots=True)
class Sums:
    """What the fills of one order come to."""

    shares: Decimal = ZERO
    usdc: Decimal = ZERO
    fee_usdc: Decimal = ZERO
    realised_usdc: Decimal = ZERO
    cash_usdc: Decimal = ZERO


@dataclass(slots=True)
class Entries:
    """The rows of one booking; ``lots`` are all lots it may touch, those in ``touched`` are written."""

    now: datetime
    rules: AttemptRules
    lots: dict[LotKey, LotBook]
    known_fills: set[str]
    touched: list[LotBook] = field(default_factory=list)
    fills: list[Row] = field(default_factory=list)
    cash_entries: list[Row] = field(default_factory=list)
    cash: dict[str, Decimal] = field(default_factory=dict)
    orders: list[Row] = field(default_factory=list)
    copy_orders: list[Row] = field(default_factory=list)
    late_fills: list[Row] = field(default_factory=list)
    outbox: list[Row] = field(default_factory=list)
    notifications: list[Row] = field(default_factory=list)
    said: list[tuple[OrderToBook, After, bool]] = field(default_factory=list)

    def book(self, order: OrderToBook, ending: Ending) -> None:
        """Book one order: its new fills, its end, its copy order's next state. Booking the same twice does nothing."""
        if ending.state is OrderState.DROPPED and order.order_state is not OrderState.SIGNED:
            return  # it went out: only the exchange can say what became of it
        late = order.proven or order.copy_state not in OPEN_COPY_STATES
        fresh = [fill for fill in ending.fills if _fill_id(fill) not in self.known_fills]
        if late and not fresh:
            return
        sums = self._book_fills(order, fresh)
        filled = Filled(order.filled_shares + sums.shares, order.filled_usdc + sums.usdc)
        lot = self.lots.get((order.allocation_id, order.token_id))
        bought_ago = lot.bought_seconds_ago if lot is not None else None
        self.orders.append(_order_row(order, ending, sums))
        if late:
            after = After(order.copy_state, "a fill came after the end", order.attempts)
            self.late_fills.append(_late_row(order, sums))
            self.notifications.append(_notice(order, after, filled, late=True))
        else:
            after = after_order(order, ending, filled, bought_ago, self.rules)
            self.copy_orders.append(_copy_row(order, after, filled, sums))
            self._tell(order, after, filled, sums)
        self.said.append((order, after, late))

    def cash_rows(self) -> list[Row]:
        """What changes of each account's cash, in order of account."""
        return [{"account_id": account, "usdc": usdc} for account, usdc in sorted(self.cash.items()) if usdc]

    def _book_fills(self, order: OrderToBook, fresh: Iterable[FillSeen]) -> Sums:
        key, sums, any_fill = (order.allocation_id, order.token_id), Sums(), False
        lot = self.lots.get(key)
        if lot is not None and lot.held is None:
            lot = None
        opened = False
        for seen in fresh:
            any_fill = True
            self.known_fills.add(_fill_id(seen))
            rate = self._rate(order, seen, lot)
            if lot is None and order.side is Side.BUY:
                lot = self.lots[key] = opened_by(order, rate)
                opened = True
            self._book_fill(order, seen, rate, lot, sums)
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
        fill_id = _fill_id(seen)
        if lot is not None and lot.held is not None:
            booking = book_fill(lot, order.side, fill, rate, fill_id)
            cash, realised = booking.cash_usdc, booking.realised_usdc
        else:
            # A sale whose lot is gone already: the money came in all the same.
            cash = realised = EXACT.subtract(seen.usdc, charged)
        sums.shares = EXACT.add(sums.shares, seen.shares)
        sums.usdc = EXACT.add(sums.usdc, seen.usdc)
        sums.fee_usdc = EXACT.add(sums.fee_usdc, charged)
        sums.realised_usdc = EXACT.add(sums.realised_usdc, realised)
        sums.cash_usdc = EXACT.add(sums.cash_usdc, cash)
        self.cash[order.account_id] = EXACT.add(self.cash.get(order.account_id, ZERO), cash)
        self.fills.append(_fill_row(order, seen, charged))
        self.cash_entries.append(
            {"account_id": order.account_id, "cause": order.side.value.lower(), "ref": fill_id, "usdc": cash}
        )

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
        if not after.ended:
            return
        finished = finished_message(order, after, filled, sums, self.now)
        if finished is not None:
            self.outbox.append(
                {"topic": COPY_RESULTS.name, "key": finished.follower, "value": finished.encode()}
            )
        self.notifications.append(_notice(order, after, filled, late=False))


def finished_message(
    order: OrderToBook, after: After, filled: Filled, sums: Sums, now: datetime
) -> CopyFinished | None:
    """The message that says how the copy order ended; None for one without a follower's wallet."""
    if order.follower is None:
        return None
    return CopyFinished(
        copy_order_id=order.copy_order_id,
        trade_id=order.trade_id,
        allocation_id=order.allocation_id,
        user_id=order.user_id,
        follower=order.follower,
        leader=order.leader,
        venue=order.venue,
        side=order.side,
        token_id=order.token_id,
        state=after.state,
        reason=after.reason,
        reject_reason=after.reject_reason,
        usdc=filled.usdc,
        shares=filled.shares,
        fee_usdc=EXACT.add(order.fee_usdc, sums.fee_usdc),
        realised_usdc=EXACT.add(order.realised_usdc, sums.realised_usdc),
        finished_at=now,
    )


def _fill_id(fill: FillSeen) -> str:
    return f"{fill.trade_id}:{fill.order_hash}"


def _fill_row(order: OrderToBook, seen: FillSeen, charged: Decimal) -> Row:
    return {
        "fill_id": _fill_id(seen),
        "order_hash": order.order_hash,
        "account_id": order.account_id,
        "side": order.side.value,
        "token_id": order.token_id,
        "shares": seen.shares,
        "usdc": seen.usdc,
        "price": seen.price,
        "fee_usdc": charged,
        "status": seen.status.value,
        "matched_at": seen.matched_at,
    }


def _order_row(order: OrderToBook, ending: Ending, sums: Sums) -> Row:
    state = order.order_state if order.proven else ending.state
    return {
        "order_hash": order.order_hash,
        "state": state.value,
        "cause": ending.cause,
        "words": ending.words,
        "reject_reason": ending.reject_reason.value if ending.reject_reason else None,
        "trade_ids": ",".join(dict.fromkeys(fill.trade_id for fill in ending.fills)) or None,
        "shares": sums.shares,
        "usdc": sums.usdc,
        "fee_usdc": sums.fee_usdc,
    }


def _late_row(order: OrderToBook, sums: Sums) -> Row:
    return {
        "copy_order_id": order.copy_order_id,
        "shares": sums.shares,
        "usdc": sums.usdc,
        "fee_usdc": sums.fee_usdc,
        "realised_usdc": sums.realised_usdc,
    }


def _copy_row(order: OrderToBook, after: After, filled: Filled, sums: Sums) -> Row:
    refusal: RejectReason | None = after.reject_reason
    return {
        "copy_order_id": order.copy_order_id,
        "state": after.state.value,
        "cause": after.cause,
        "reason": after.reason.value if after.reason else None,
        "reject_reason": refusal.value if refusal else None,
        "attempts": after.attempts,
        "next_attempt_seconds": after.next_attempt_seconds,
        "filled_shares": filled.shares,
        "filled_usdc": filled.usdc,
        "fee_usdc": EXACT.add(order.fee_usdc, sums.fee_usdc),
        "realised_usdc": EXACT.add(order.realised_usdc, sums.realised_usdc),
        "ended": after.ended,
    }


def _notice(order: OrderToBook, after: After, filled: Filled, *, late: bool) -> Row:
    body = {
        "copy_order_id": order.copy_order_id,
        "allocation_id": order.allocation_id,
        "side": order.side.value,
        "token_id": order.token_id,
        "state": after.state.value,
        "reason": after.reason.value if after.reason else None,
        "reject_reason": after.reject_reason.value if after.reject_reason else None,
        "shares": plain(filled.shares),
        "usdc": plain(filled.usdc),
    }
    kind = "late_fill" if late else f"copy_{after.state.value}"
    event = f"{order.copy_order_id}:{order.order_hash}" if late else order.copy_order_id
    return {"user_id": order.user_id, "kind": kind, "event": event, "body": body}
