"""Money in named decimal types, and every rounding with its direction in the name (RULES §1)."""

from __future__ import annotations

import re
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal
from typing import Annotated, Final, NewType

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

Usdc = NewType("Usdc", Decimal)
"""US dollars of the venue's collateral; kept to the micro (6 decimals)."""
Shares = NewType("Shares", Decimal)
"""Outcome tokens; kept to the micro (6 decimals)."""
Price = NewType("Price", Decimal)
"""USDC per share, 0 < p < 1, up to 20 decimals."""

MICRO: Final = Decimal("0.000001")
CENT: Final = Decimal("0.01")
FEE_STEP: Final = Decimal("0.00001")
ZERO: Final = Decimal(0)
# Products of a 20-decimal price and a 14-digit size need 40 digits; 100 leaves room for ratios.
EXACT: Final = Context(prec=100)

_PLAIN: Final = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")


def floor_cents(amount: Decimal) -> Decimal:
    """Down to 0.01: the amount of a BUY, the shares of a SELL."""
    return amount.quantize(CENT, ROUND_FLOOR, EXACT)


def ceil_cents(amount: Decimal) -> Decimal:
    """Up to 0.01: a reserve, a minimum."""
    return amount.quantize(CENT, ROUND_CEILING, EXACT)


def floor_micro(amount: Decimal) -> Decimal:
    """Down to the micro: budgets in percent, carry, cost parts, targets, payouts."""
    return amount.quantize(MICRO, ROUND_FLOOR, EXACT)


def nearest_micro(amount: Decimal) -> Decimal:
    """To the nearest micro, a half up: a fact that came with more decimals than are kept."""
    return amount.quantize(MICRO, ROUND_HALF_UP, EXACT)


def floor_to_tick(price: Decimal, tick: Decimal) -> Decimal:
    """Down to the tick: the limit of a BUY."""
    steps = EXACT.divide(price, tick).to_integral_value(ROUND_FLOOR, EXACT)
    return EXACT.multiply(steps, tick)


def ceil_to_tick(price: Decimal, tick: Decimal) -> Decimal:
    """Up to the tick: the limit of a SELL."""
    steps = EXACT.divide(price, tick).to_integral_value(ROUND_CEILING, EXACT)
    return EXACT.multiply(steps, tick)


def plain(amount: Decimal) -> str:
    """The decimal as text without exponent and without trailing zeros: ``"10"``, ``"0.5"``."""
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def truncate_display(amount: Decimal) -> Decimal:
    """Two decimals, towards zero: what a person has or gets (UX §1.6)."""
    return amount.quantize(CENT, ROUND_DOWN, EXACT)


def _decimal_text(value: object) -> object:
    if isinstance(value, Decimal):
        return value
    if isinstance(value, str) and _PLAIN.fullmatch(value):
        return value
    raise ValueError('must be a decimal as text, such as "12.5"; a number, an exponent or NaN is refused')


DecimalText = Annotated[
    Decimal,
    BeforeValidator(_decimal_text),
    PlainSerializer(plain, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "pattern": f"^{_PLAIN.pattern}$"}),
]
"""A decimal that travels as text; JSON numbers, exponents and NaN are refused."""
