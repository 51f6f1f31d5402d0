"""A settlement that failed after it was booked: what goes back (DESIGN §8 `reversed`, SAFETY R14). Pure.

Amounts are USDC and shares, exact; changes are signed.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from schemas.money import EXACT, ZERO, floor_cents
from streams.trading.booking import DUST_SHARES

_add, _sub = EXACT.add, EXACT.subtract


@dataclass(frozen=True, slots=True)
class Held:
    """A lot as it stands."""

    shares: Decimal
    cost_usdc: Decimal
    target_shares: Decimal


@dataclass(frozen=True, slots=True)
class Entry:
    """What the fill did to its lot when it was booked."""

    shares: Decimal
    cost_usdc: Decimal
    realised_usdc: Decimal
    fee_usdc: Decimal


@dataclass(frozen=True, slots=True)
class TakenBack:
    """The correction: what changes of the lot, the target after it, cash and result, and the shares that are missing.

    ``dust_shares`` and ``dust_cost_usdc`` are left in the lot and written off: it ends.
    """

    shares: Decimal
    cost_usdc: Decimal
    target_shares: Decimal
    cash_usdc: Decimal
    realised_usdc: Decimal
    fee_usdc: Decimal
    shortfall_shares: Decimal = ZERO
    dust_shares: Decimal = ZERO
    dust_cost_usdc: Decimal = ZERO


def purchase_taken_back(held: Held, entry: Entry, kept: Decimal) -> TakenBack:
    """The shares go out of the lot, never below 0; what was paid comes back. ``kept``: what of its shares the leader's
    later sales had left in the target.

    The purchase's cost leaves the lot as if it had never been made; where its shares were sold meanwhile, what the lot
    cannot give is the result's.
    """
    gone = min(held.shares, entry.shares)
    left = _sub(held.shares, gone)
    paid = entry.cost_usdc
    cost = held.cost_usdc if left == 0 else min(held.cost_usdc, paid)
    target = max(ZERO, min(left, _sub(held.target_shares, kept)))
    if left < DUST_SHARES:
        return TakenBack(
            -gone, -cost, ZERO, paid, _sub(paid, cost), -entry.fee_usdc, _sub(entry.shares, gone),
            left, _sub(held.cost_usdc, cost),
        )  # fmt: skip
    return TakenBack(-gone, -cost, target, paid, _sub(paid, cost), -entry.fee_usdc, _sub(entry.shares, gone))


def sale_taken_back(
    held: Held, entry: Entry, sold: Decimal, cash_usdc: Decimal, *, by_hand: bool
) -> TakenBack:
    """The shares ``sold`` return to the lot with their cost; what they brought, ``cash_usdc``, goes. The target stays:
    the leader has sold; only shares its owner wanted to sell by hand follow the leader again."""
    target = _add(held.target_shares, sold) if by_hand else held.target_shares
    return TakenBack(sold, -entry.cost_usdc, target, -cash_usdc, -entry.realised_usdc, -entry.fee_usdc)


def to_sell_again(returned: Decimal, shares: Decimal, target: Decimal, on_sale: Decimal) -> Decimal:
    """How many of the returned shares an exit order sells: what lies above the target and is not on sale, down to 0.01
    (0: none)."""
    surplus = _sub(_sub(shares, target), on_sale)
    return floor_cents(max(ZERO, min(returned, surplus)))
