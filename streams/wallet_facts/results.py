"""What a wallet's positions came to, of those that were seen from their start to their end. Pure.

A market counts when every outcome of it that the wallet traded was seen whole: bought before it was sold, moved by
nothing but trades and redemptions, and now sold out or resolved. Fees are not in what the chain says was paid.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from schemas.money import EXACT, ZERO, nearest_micro

# Below this a position is none any more, as in the ledger (RULES §4).
FLAT_SHARES: Final = Decimal("0.01")
# Who buys from himself what he sells to himself wins and loses nothing; such a market says nothing of a trader (R34).
IDLE_SHARE: Final = Decimal("0.005")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a wallet did in one outcome: paid and received in USDC, shares left, the least it held on the way (below 0:
    it had some before we watched), whether anything else than trades and redemptions moved it. ``payout`` per share
    once resolved."""

    market_id: str
    paid_usdc: Decimal
    received_usdc: Decimal
    left_shares: Decimal
    least_shares: Decimal
    moved_otherwise: bool
    payout: Decimal | None

    @property
    def whole(self) -> bool:
        """Whether it was seen from start to end."""
        begun = not self.moved_otherwise and self.least_shares > -FLAT_SHARES
        return begun and (self.payout is not None or self.left_shares < FLAT_SHARES)

    @property
    def result_usdc(self) -> Decimal:
        """What came back less what was paid."""
        left = EXACT.multiply(self.left_shares, self.payout or ZERO)
        return EXACT.subtract(EXACT.add(self.received_usdc, left), self.paid_usdc)


@dataclass(frozen=True, slots=True)
class Results:
    """Over the markets that count; ``ended``: those of them that are resolved. Null: there are none."""

    result_usdc: Decimal | None = None
    best_usdc: Decimal | None = None
    markets: int = 0
    won: int = 0
    ended: int = 0


def results(outcomes: Iterable[Outcome]) -> Results:
    """The sum over all markets seen whole, and the best of them."""
    by_market: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        by_market[outcome.market_id].append(outcome)
    counted = [
        (_sum(market), any(outcome.payout is not None for outcome in market))
        for market in by_market.values()
        if all(outcome.whole for outcome in market) and not _idle(market)
    ]
    if not counted:
        return Results()
    each = [result for result, _ in counted]
    return Results(
        nearest_micro(sum(each, ZERO)),
        nearest_micro(max(each)),
        len(each),
        sum(result > 0 for result in each),
        sum(resolved for _, resolved in counted),
    )


def _sum(market: Sequence[Outcome]) -> Decimal:
    return sum((outcome.result_usdc for outcome in market), ZERO)


def _idle(market: Sequence[Outcome]) -> bool:
    paid = sum((outcome.paid_usdc for outcome in market), ZERO)
    return abs(_sum(market)) <= EXACT.multiply(paid, IDLE_SHARE)
