"""The fee of a fill, by the exchange's formula (polymarket.md §2.4, RULES §1): C · rate · (p · (1 − p)) ** exponent."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from schemas.money import EXACT, FEE_STEP

MICROS = Decimal(1_000_000)


def fee_micro(shares_micro: int, price: Decimal, rate: Decimal, exponent: Decimal = Decimal(1)) -> int:
    """Fee in micro-USDC: rounded half up to 0.00001 USDC, at least that where the rate is above 0."""
    if rate <= 0 or shares_micro <= 0:
        return 0
    curve = EXACT.multiply(price, EXACT.subtract(Decimal(1), price))
    if exponent != 1:
        curve = EXACT.power(curve, exponent)
    shares = EXACT.divide(Decimal(shares_micro), MICROS)
    fee = EXACT.multiply(EXACT.multiply(shares, rate), curve).quantize(FEE_STEP, ROUND_HALF_UP, EXACT)
    return int(max(fee, FEE_STEP) * MICROS)
