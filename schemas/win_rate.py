"""How sure a share of wins is. Pure."""

from __future__ import annotations

from decimal import Context, Decimal
from typing import Final

from schemas.money import ZERO

# The interval that holds the true rate 95 times of 100: 1.96 standard deviations.
_Z: Final = Decimal("1.959964")
_PRECISE: Final = Context(prec=30)
STEP: Final = Decimal("0.0001")


def rate(won: int, ended: int) -> Decimal:
    """The bare share of wins, 0 to 1; 0 where nothing has ended."""
    return _step(_PRECISE.divide(Decimal(won), Decimal(ended))) if ended else ZERO


def least_rate(share: Decimal, ended: int) -> Decimal:
    """The lower end of Wilson's 95 % interval around a ``share`` of wins among so many that ``ended``.

    3 of 3 is no 100 %: at least 0.4385. Nothing ended: 0.
    """
    if ended <= 0:
        return ZERO
    c, n = _PRECISE, Decimal(ended)
    square = c.multiply(_Z, _Z)
    middle = c.add(share, c.divide(square, c.multiply(Decimal(2), n)))
    spread = c.add(
        c.divide(c.multiply(share, 1 - share), n),
        c.divide(square, c.multiply(Decimal(4), c.multiply(n, n))),
    )
    lower = c.subtract(middle, c.multiply(_Z, c.sqrt(spread)))
    return max(ZERO, _step(c.divide(lower, c.add(Decimal(1), c.divide(square, n)))))


def _step(value: Decimal) -> Decimal:
    return value.quantize(STEP, context=_PRECISE)
