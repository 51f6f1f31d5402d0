"""What a fill, the end of an order or a settlement does to a lot, to cash and to the realised result (RULES §5).

All amounts are USDC and exact; a change of cash or result is signed. Fees and cost parts are worked out fill by fill;
``adds`` and dust when the order is over. A lot here is its own value: ``selling_shares`` is left as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from schemas.enums import Side
from schemas.money import EXACT, FEE_STEP, ZERO, floor_micro, nearest_micro
from streams.copy_execution.books import Lot
from streams.copy_execution.inputs import Market

DUST_SHARES: Final = Decimal("0.01")
"""A lot of less is closed when an order is over, and its cost realised as a loss (RULES §1)."""

_add, _sub, _mul = EXACT.add, EXACT.subtract, EXACT.multiply


@dataclass(frozen=True, slots=True)
class Fill:
    """One match of an order: ``usdc`` before fees; ``fee_usdc`` only where the exchange reports it."""

    shares: Decimal
    usdc: Decimal
    price: Decimal
    fee_usdc: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Booking:
    """What was booked: the lot as it is now, and the signed changes. ``lot`` is None once it has ended."""

    lot: Lot | None
    shares: Decimal = ZERO
    cost_usdc: Decimal = ZERO
    cash_usdc: Decimal = ZERO
    realised_usdc: Decimal = ZERO
    fee_usdc: Decimal = ZERO

    def then(self, later: Booking) -> Booking:
        """Both bookings as one, the lot as the later one left it."""
        return Booking(
            later.lot,
            _add(self.shares, later.shares),
            _add(self.cost_usdc, later.cost_usdc),
            _add(self.cash_usdc, later.cash_usdc),
            _add(self.realised_usdc, later.realised_usdc),
            _add(self.fee_usdc, later.fee_usdc),
        )


def fee(shares: Decimal, price: Decimal, rate: Decimal) -> Decimal:
    """The exchange's fee for one fill in USDC: shares × rate × p × (1 − p), half up to 0.00001, at least one step where
    the rate is above 0."""
    if rate == 0:
        return ZERO
    exact = _mul(_mul(_mul(shares, rate), price), _sub(Decimal(1), price))
    return max(FEE_STEP, exact.quantize(FEE_STEP, ROUND_HALF_UP, EXACT))


def empty_lot(
    market_id: str,
    opened_traded_at: datetime | None = None,
    applied_number: int = 0,
    market: Market | None = None,
) -> Lot:
    """The lot that the first fill of a BUY opens: when its trade happened, that trade's number, and the market as it
    was when bought (SAFETY R18, R30)."""
    return Lot(
        market_id,
        ZERO,
        ZERO,
        ZERO,
        opened_traded_at=opened_traded_at,
        applied_number=applied_number,
        market=market,
    )


def _fee_of(fill: Fill, rate: Decimal) -> Decimal:
    return fee(fill.shares, fill.price, rate) if fill.fee_usdc is None else nearest_micro(fill.fee_usdc)


def book_buy(lot: Lot, fill: Fill, fee_rate: Decimal) -> Booking:
    """One fill of a BUY onto a lot (``empty_lot`` where it opens one): shares, target and cost grow, cash falls."""
    shares, usdc = nearest_micro(fill.shares), nearest_micro(fill.usdc)
    charged = _fee_of(fill, fee_rate)
    paid = _add(usdc, charged)
    grown = replace(
        lot,
        shares=_add(lot.shares, shares),
        target_shares=_add(lot.target_shares, shares),
        cost_usdc=_add(lot.cost_usdc, paid),
    )
    return Booking(grown, shares, paid, -paid, ZERO, charged)


def book_sell(lot: Lot, fill: Fill, fee_rate: Decimal, *, by_hand: bool = False) -> Booking:
    """One fill of a SELL out of a lot. The lot may end with 0 shares here; ``end_order`` closes it.

    ``by_hand``: sold by its owner, so the target shrinks in proportion and the leader's later sales sell their part of
    what is left (SAFETY R21). ``ValueError`` when more is sold than the lot holds.
    """
    shares, usdc = nearest_micro(fill.shares), nearest_micro(fill.usdc)
    left = _sub(lot.shares, shares)
    if left < 0:
        raise ValueError(f"a sale may not exceed the lot of {lot.shares} shares, was {shares}")
    charged = _fee_of(fill, fee_rate)
    cost_part = _part(lot.cost_usdc, shares, lot.shares) if left else lot.cost_usdc
    got = _sub(usdc, charged)
    target = _part(lot.target_shares, left, lot.shares) if by_hand else lot.target_shares
    shrunk = replace(lot, shares=left, cost_usdc=_sub(lot.cost_usdc, cost_part), target_shares=target)
    return Booking(shrunk, -shares, -cost_part, got, _sub(got, cost_part), charged)


def _part(whole: Decimal, share: Decimal, of: Decimal) -> Decimal:
    """whole × share ÷ of, exact until it is cut down to the micro."""
    micros = EXACT.divide_int(_mul(whole, share).scaleb(6, EXACT), of)
    return micros.scaleb(-6, EXACT)


def end_order(lot: Lot | None, side: Side, *, filled: bool, opened_lot: bool) -> Booking:
    """An order is over. A BUY that filled and did not open the lot counts as an add; a lot that is dust now is closed
    and its cost realised as a loss."""
    if lot is None:
        return Booking(None)
    if lot.shares < DUST_SHARES:
        return Booking(None, -lot.shares, -lot.cost_usdc, ZERO, -lot.cost_usdc)
    if side is Side.BUY and filled and not opened_lot:
        return Booking(replace(lot, adds=lot.adds + 1))
    return Booking(lot)


def book_order(
    lot: Lot | None, side: Side, fills: Sequence[Fill], fee_rate: Decimal, opening: Lot
) -> Booking:
    """All fills of one order that is now over, and its end; ``opening`` is the empty lot a BUY would open."""
    booked = Booking(lot)
    for fill in fills:
        held = booked.lot
        if side is Side.BUY:
            booked = booked.then(book_buy(held if held is not None else opening, fill, fee_rate))
        elif held is not None:
            booked = booked.then(book_sell(held, fill, fee_rate))
        else:
            raise ValueError("a sale needs a lot, was none")
    return booked.then(end_order(booked.lot, side, filled=bool(fills), opened_lot=lot is None))


def settle(lot: Lot, payout: Decimal) -> Booking:
    """The market resolved: the lot ends at shares × ``payout`` (USDC per share, 0 to 1), down to the micro."""
    paid = floor_micro(_mul(lot.shares, payout))
    return Booking(None, -lot.shares, -lot.cost_usdc, paid, _sub(paid, lot.cost_usdc))
