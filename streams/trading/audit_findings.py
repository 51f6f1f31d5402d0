"""Our books of an account against the exchange's, to the micro-unit, and what follows from a difference (SAFETY R38).

Pure. An asset is ``USDC`` or a token id; amounts are USDC or shares.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from schemas.money import EXACT, ZERO, floor_micro
from streams.trading.corrections import LotState
from streams.trading.taking_back import Held

CASH: Final = "USDC"
# The quietest hour of the exchange's users; in UTC.
_NIGHT_HOUR: Final = 3


class Outcome(StrEnum):
    """What an audit of an account found."""

    AGREES = "agrees"
    EXTERNAL = "external"
    DIFFERS = "differs"
    BUSY = "busy"
    UNREAD = "unread"


@dataclass(frozen=True, slots=True)
class Difference:
    """An asset of which the exchange has another amount than our books say it should."""

    asset: str
    ours: Decimal
    theirs: Decimal

    @property
    def amount(self) -> Decimal:
        """What came (positive) or left (negative)."""
        return EXACT.subtract(self.theirs, self.ours)


def last_night(now: datetime) -> datetime:
    """When the last night's audits were due."""
    night = now.astimezone(UTC).replace(hour=_NIGHT_HOUR, minute=0, second=0, microsecond=0)
    return night if night <= now else night - timedelta(days=1)


def differences(ours: Mapping[str, Decimal], theirs: Mapping[str, Decimal]) -> list[Difference]:
    """Every asset whose amounts are not the same, cash first."""
    assets = sorted({*ours, *theirs}, key=lambda asset: (asset != CASH, asset))
    found = [Difference(asset, ours.get(asset, ZERO), theirs.get(asset, ZERO)) for asset in assets]
    return [each for each in found if each.amount]


def shares_to_close(lots: Sequence[tuple[Decimal, bool]], missing: Decimal) -> list[Decimal]:
    """How many shares go out of each lot (its shares, whether it is by hand): those by hand first, then the others in
    proportion, together as much as is missing or as there is."""
    left, gone = missing, [ZERO] * len(lots)
    for hand in (True, False):
        places = [place for place, (_, by_hand) in enumerate(lots) if by_hand is hand]
        held = sum((lots[place][0] for place in places), ZERO)
        taken = min(left, held)
        for place, shares in _in_proportion([(place, lots[place][0]) for place in places], taken, held):
            gone[place] = shares
        left = EXACT.subtract(left, taken)
    return gone


def _in_proportion(
    lots: Sequence[tuple[int, Decimal]], taken: Decimal, held: Decimal
) -> list[tuple[int, Decimal]]:
    """Down to the micro; the micros that are over go out of the first lots that have them."""
    if not held:
        return []
    parts = [
        (place, floor_micro(EXACT.divide(EXACT.multiply(taken, shares), held))) for place, shares in lots
    ]
    over = EXACT.subtract(taken, sum((part for _, part in parts), ZERO))
    rounded: list[tuple[int, Decimal]] = []
    for (place, part), (_, shares) in zip(parts, lots, strict=True):
        more = min(over, EXACT.subtract(shares, part))
        rounded.append((place, EXACT.add(part, more)))
        over = EXACT.subtract(over, more)
    return rounded


def close_shares(lot: LotState, shares: Decimal, ref: str) -> None:
    """Shares that left from outside go out of a lot with their cost, which is the result's: nobody paid for them."""
    left = EXACT.subtract(lot.held.shares, shares)
    cost = (
        lot.held.cost_usdc
        if not left
        else floor_micro(EXACT.divide(EXACT.multiply(lot.held.cost_usdc, shares), lot.held.shares))
    )
    target = floor_micro(EXACT.divide(EXACT.multiply(lot.held.target_shares, left), lot.held.shares))
    lot.book(
        {
            "cause": "external",
            "ref": ref,
            "shares": -shares,
            "cost_usdc": -cost,
            "realised_usdc": -cost,
            "fee_usdc": ZERO,
        }
    )
    lot.held = Held(lot.held.shares, lot.held.cost_usdc, target)
    if not left:
        lot.closed, lot.closed_by = True, "external"
