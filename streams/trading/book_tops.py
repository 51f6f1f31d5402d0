"""The top of a book: best bid and offer, and what stands within a cent of them (UX N4). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from schemas.money import CENT, ZERO, floor_micro
from streams.venues.venue import BookSeen, Level

# More than all money there is; a book that says so must not fail the row of its neighbours.
_DEPTH_MOST: Final = Decimal(10) ** 12


@dataclass(frozen=True, slots=True)
class Top:
    """Prices in USDC per share, None where nobody stands; depths in USDC."""

    bid: Decimal | None
    offer: Decimal | None
    bid_depth_usdc: Decimal
    offer_depth_usdc: Decimal


NOTHING: Final = Top(None, None, ZERO, ZERO)


def top(book: BookSeen | None) -> Top:
    """The top of a book; of none, nothing."""
    if book is None:
        return NOTHING
    bids, offers = _real(book.bids), _real(book.asks)
    bid = max((level.price for level in bids), default=None)
    offer = min((level.price for level in offers), default=None)
    return Top(
        bid,
        offer,
        ZERO if bid is None else _depth(level for level in bids if level.price >= bid - CENT),
        ZERO if offer is None else _depth(level for level in offers if level.price <= offer + CENT),
    )


def _real(levels: Iterable[Level]) -> list[Level]:
    return [level for level in levels if 0 < level.price < 1 and level.shares > 0]


def _depth(levels: Iterable[Level]) -> Decimal:
    return min(floor_micro(sum((level.price * level.shares for level in levels), ZERO)), _DEPTH_MOST)
