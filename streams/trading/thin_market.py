"""Whether those who buy could sell again near their price: SAFETY R2. Pure.

The bids not too far under an order's limit must be worth what all open BUYs of the token may spend, counted in the
order in which they were claimed. Who no longer fits does not go, and then counts no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from schemas.money import EXACT, ZERO

Level = tuple[Decimal, Decimal]
"""Price and shares."""


@dataclass(frozen=True, slots=True)
class OpenBuy:
    """An open BUY of the token, in the order of claiming; ``sent``: it went out, so it counts whatever the bids are."""

    order_hash: str
    usdc: Decimal
    limit: Decimal
    sent: bool


@dataclass(frozen=True, slots=True)
class Depth:
    """What the bids near an order's limit are worth, and what it and all before it may spend, in USDC."""

    depth_usdc: Decimal
    wanted_usdc: Decimal

    @property
    def enough(self) -> bool:
        """Whether the order may go."""
        return self.wanted_usdc <= self.depth_usdc


def near_bids(bids: Iterable[Level], limit: Decimal, under: Decimal) -> Decimal:
    """What the bids at ``limit`` × (1 − ``under``) or better are worth."""
    least = EXACT.multiply(limit, EXACT.subtract(Decimal(1), under))
    worth = ZERO
    for price, shares in bids:
        if price >= least:
            worth = EXACT.add(worth, EXACT.multiply(price, shares))
    return worth


def measure(buys: Sequence[OpenBuy], bids: Sequence[Level] | None, under: Decimal) -> Mapping[str, Depth]:
    """For each BUY that did not go out yet what stands against what; without a book (None) nothing stands there."""
    worth: dict[Decimal, Decimal] = {}
    spent, found = ZERO, dict[str, Depth]()
    for buy in buys:
        wanted = EXACT.add(spent, buy.usdc)
        if buy.limit not in worth:
            worth[buy.limit] = near_bids(bids or (), buy.limit, under)
        if buy.sent:
            spent = wanted
            continue
        depth = found[buy.order_hash] = Depth(worth[buy.limit], wanted)
        if depth.enough:
            spent = wanted
    return found
