"""Lots while a batch of orders is booked: the value, what it came from, and the entries it gathered. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from schemas.enums import Side
from schemas.money import EXACT, ZERO
from streams.copy_execution.books import Lot
from streams.tables.bookings import OpenLot, OrderToBook
from streams.tables.hands import HandToBook
from streams.trading.booking import Booking, Fill, book_buy, book_sell, empty_lot, end_order

LotKey = tuple[str, str]
"""Allocation and token."""
_DEFAULT_TICK: Final = Decimal("0.001")
_DEFAULT_EXCHANGE_VERSION: Final = 2


@dataclass(slots=True, eq=False)
class LotBook:
    """One lot: ``lot_id`` is None while it is not stored; ``held`` once it has ended, as ``closed_by`` says."""

    lot_id: int | None
    columns: dict[str, Any]
    held: Lot | None
    realised_usdc: Decimal
    fees_usdc: Decimal
    applied_number: int
    closed_by: str | None = None
    entries: list[dict[str, Any]] = field(default_factory=list)
    bought_seconds_ago: float | None = None

    def take(self, cause: str, ref: str, booking: Booking) -> None:
        """Keep what a booking did to the lot; ``cause`` also says how it ended, where it did."""
        self.held = booking.lot
        if booking.lot is None:
            self.closed_by = {"sell": "sold", "payout": "resolved"}.get(cause, cause)
        self.realised_usdc = EXACT.add(self.realised_usdc, booking.realised_usdc)
        self.fees_usdc = EXACT.add(self.fees_usdc, booking.fee_usdc)
        if booking.shares or booking.cost_usdc or booking.realised_usdc or booking.fee_usdc:
            self.entries.append(
                {
                    "cause": cause,
                    "ref": ref,
                    "shares": booking.shares,
                    "cost_usdc": booking.cost_usdc,
                    "realised_usdc": booking.realised_usdc,
                    "fee_usdc": booking.fee_usdc,
                }
            )

    def row(self) -> dict[str, Any]:
        """The lot as it is stored."""
        held = self.held
        return self.columns | {
            "lot_id": self.lot_id,
            "shares": held.shares if held else ZERO,
            "cost_usdc": held.cost_usdc if held else ZERO,
            "target_shares": held.target_shares if held else ZERO,
            "adds": held.adds if held else self.columns["adds"],
            "realised_usdc": self.realised_usdc,
            "fees_usdc": self.fees_usdc,
            "applied_number": self.applied_number,
            "closed_by": self.closed_by,
        }


def stored(lot: OpenLot) -> LotBook:
    """A lot as it was loaded."""
    held = Lot(lot.market_id, lot.shares, lot.cost_usdc, lot.target_shares, lot.adds)
    columns = {
        "allocation_id": lot.allocation_id,
        "account_id": lot.account_id,
        "user_id": lot.user_id,
        "token_id": lot.token_id,
        "market_id": lot.market_id,
        "adds": lot.adds,
        "opened_traded_at": lot.opened_traded_at,
        "tick": lot.tick,
        "fee_rate": lot.fee_rate,
        "neg_risk": lot.neg_risk,
        "exchange_version": lot.exchange_version,
    }
    return LotBook(
        lot.lot_id,
        columns,
        held,
        lot.realised_usdc,
        lot.fees_usdc,
        lot.applied_number,
        bought_seconds_ago=lot.bought_seconds_ago,
    )


def opened_by(order: OrderToBook, fee_rate: Decimal) -> LotBook:
    """The empty lot that the first fill of a BUY opens; it keeps the market as it is now (SAFETY R30)."""
    market_id = order.known_market_id or order.market_id or order.token_id
    columns = {
        "allocation_id": order.owner if isinstance(order, HandToBook) else order.allocation_id,
        "account_id": order.account_id,
        "user_id": order.user_id,
        "token_id": order.token_id,
        "market_id": market_id,
        "adds": 0,
        "opened_traded_at": order.traded_at,
        "tick": order.tick if order.tick is not None else _DEFAULT_TICK,
        "fee_rate": fee_rate,
        "neg_risk": bool(order.neg_risk),
        "exchange_version": order.exchange_version or _DEFAULT_EXCHANGE_VERSION,
    }
    return LotBook(None, columns, empty_lot(market_id), ZERO, ZERO, order.number)


def book_fill(
    lot: LotBook, side: Side, fill: Fill, fee_rate: Decimal, ref: str, *, by_hand: bool = False
) -> Booking:
    """One fill into or out of a lot. A sale of more than the lot holds takes all of it: the shares are gone. What its
    owner sells ``by_hand`` shrinks the target in proportion (SAFETY R21)."""
    assert lot.held is not None, "an open lot"
    if side is Side.BUY:
        booking = book_buy(lot.held, fill, fee_rate)
        lot.take("buy", ref, booking)
        return booking
    sold = (
        fill
        if fill.shares <= lot.held.shares
        else Fill(lot.held.shares, fill.usdc, fill.price, fill.fee_usdc)
    )
    booking = book_sell(lot.held, sold, fee_rate, by_hand=by_hand)
    lot.take("sell", ref, booking)
    return booking


def close_order(lot: LotBook, side: Side, order_hash: str, *, filled: bool, opened_lot: bool) -> Booking:
    """The order is over: an add is counted, dust is realised as a loss."""
    if lot.held is None:
        return Booking(None)
    empty = lot.held.shares == 0
    booking = end_order(lot.held, side, filled=filled, opened_lot=opened_lot)
    lot.take("sell" if empty else "dust", order_hash, booking)
    return booking
