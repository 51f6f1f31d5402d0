"""Numbers and times as people read them (UX §1.6): USDC with two decimals, prices in cents, spans in words. Pure."""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_HALF_UP, Decimal

from schemas.base import rfc3339
from schemas.money import CENT, EXACT, plain

_TENTH = Decimal("0.1")


def had(amount: Decimal) -> str:
    """What somebody has or gets: two decimals, down."""
    return format(amount.quantize(CENT, ROUND_DOWN, EXACT), ",f")


def paid(amount: Decimal) -> str:
    """What somebody pays or loses: two decimals, up."""
    return format(amount.quantize(CENT, ROUND_CEILING, EXACT), ",f")


def signed(amount: Decimal) -> str:
    """A result: what was won is rounded down, what was lost up."""
    return f"+{had(amount)}" if amount >= 0 else f"−{paid(-amount)}"


def cents(price: Decimal) -> str:
    """A price as on Polymarket: ``52¢``, ``52.4¢``."""
    return f"{plain((price * 100).quantize(_TENTH, ROUND_HALF_UP, EXACT))}¢"


def share_count(shares: Decimal) -> str:
    """Shares, two decimals, down."""
    return had(shares)


def seconds(value: Decimal) -> str:
    """A span in seconds, one decimal where it matters."""
    return plain(value.quantize(_TENTH if value < 100 else Decimal(1), ROUND_HALF_UP, EXACT))


def span(value: int) -> str:
    """A longer span in its two largest units: ``2 h 5 min``."""
    if value < 120:
        return f"{value} s"
    minutes = value // 60
    if minutes < 120:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min"
    return f"{hours // 24} d {hours % 24} h"


def moment(at: datetime) -> str:
    """A time in UTC to the second: the faces turn it into their reader's zone."""
    return rfc3339(at.replace(microsecond=0)).replace("T", " ").replace("Z", " UTC")


def short_wallet(wallet: str) -> str:
    """``0x6031…a9c2``."""
    return f"{wallet[:6]}…{wallet[-4:]}"
