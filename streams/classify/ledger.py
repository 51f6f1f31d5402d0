"""The ordered ledger of a watched wallet: one position per token, moved by every message (RULES §6).

A fold without I/O: who asks loads the positions of a batch, folds its messages in order of arrival, and stores what
came out. Whether a message is known already is asked first (``verdict``); only a new one is folded.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from schemas.enums import Side, TradeKind
from schemas.money import EXACT, ZERO, nearest_micro
from streams.classify.burst import Burst, continued

FLAT_SHARES: Final = Decimal("0.01")
FLAT_PART: Final = Decimal("0.001")


class Verdict(StrEnum):
    """What becomes of a message whose ``trade_id`` may be known."""

    APPLIED = "applied"
    DUPLICATE = "duplicate"
    CONFLICTING_DUPLICATE = "CONFLICTING_DUPLICATE"


@dataclass(frozen=True, slots=True)
class Position:
    """What a wallet holds of one token. ``gap`` sums what would have gone below 0; ``unsure`` stays once it is true;
    ``traded``: a message of kind ``trade`` was seen."""

    shares: Decimal = ZERO
    gap: Decimal = ZERO
    unsure: bool = False
    traded: bool = False
    buys: Burst | None = None
    sells: Burst | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What one message did: shares ``before`` and ``after`` it, the ``gap`` it tore, whether it ``ended`` the position
    (it was above 0 and is flat now), whether it ``leaves_flat`` (also a holder of nothing), and its burst when it is of
    kind ``trade``."""

    position: Position
    before: Decimal
    after: Decimal
    gap: Decimal
    ended: bool
    leaves_flat: bool
    burst_started_at: datetime | None
    first_entry: bool


NOTHING: Final = Position()
BEGUN_ANEW: Final = Position(unsure=True)
"""Where a wallet starts that was without a role for a while (SAFETY R16)."""


def verdict(known_content: bytes | None, content: bytes) -> Verdict:
    """Compare with the content kept for this wallet's ``trade_id``: all fields, numbers by value; None is a new id."""
    if known_content is None:
        return Verdict.APPLIED
    return Verdict.DUPLICATE if known_content == content else Verdict.CONFLICTING_DUPLICATE


def leaves_flat(before: Decimal, size: Decimal) -> bool:
    """Whether ``size`` shares going out leave a holder of ``before`` flat: under 0.01, or at most 0.1 % of it."""
    rest = EXACT.subtract(before, size)
    return rest < FLAT_SHARES or rest <= EXACT.multiply(before, FLAT_PART)


def fold(position: Position, kind: TradeKind, side: Side, size: Decimal, happened_at: datetime) -> Step:
    """Apply one new message: BUY adds, SELL takes away, never below 0, whatever its kind."""
    size = nearest_micro(size)
    before = position.shares
    coming = side is Side.BUY
    after = EXACT.add(before, size) if coming else EXACT.subtract(before, size)
    gap = ZERO
    if after < 0:
        gap, after = -after, ZERO
    flat = not coming and leaves_flat(before, size)
    burst = None
    buys, sells = position.buys, position.sells
    if kind is TradeKind.TRADE:
        burst = continued(buys if coming else sells, happened_at, first_entry=not position.traded)
        buys, sells = (burst, sells) if coming else (buys, burst)
    moved = Position(
        after,
        EXACT.add(position.gap, gap) if gap else position.gap,
        position.unsure or gap > 0,
        position.traded or kind is TradeKind.TRADE,
        buys,
        sells,
    )
    return Step(
        moved,
        before,
        after,
        gap,
        flat and before > 0,
        flat,
        burst.started_at if burst is not None else None,
        burst.first_entry if burst is not None else False,
    )


def fold_undone(position: Position, before: Decimal, after: Decimal, happened_at: datetime) -> Step:
    """A reorg took a message away that had moved its position from ``before`` to ``after``: move it back (R10)."""
    moved = EXACT.subtract(after, before)
    if moved == 0:
        return Step(position, position.shares, position.shares, ZERO, False, False, None, False)
    side = Side.SELL if moved > 0 else Side.BUY
    return fold(position, TradeKind.UNDONE, side, abs(moved), happened_at)
