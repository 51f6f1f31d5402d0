"""Numbers as people type them (UX §1.6): `25`, `1,000.50`, `2c`, `10 %`. Pure."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

_NUMBER: Final = r"\d{1,12}(?:\.\d{1,20})?"
_USDC: Final = re.compile(rf"\$?\s*({_NUMBER})\s*(?:usdc|usd|\$)?", re.IGNORECASE)
_CENTS: Final = re.compile(rf"({_NUMBER})\s*(?:c|¢|cents?)", re.IGNORECASE)
_PERCENT: Final = re.compile(rf"({_NUMBER})\s*(?:%|percent)", re.IGNORECASE)
_TIMES: Final = re.compile(rf"[x×*]?\s*({_NUMBER})\s*[x×]?", re.IGNORECASE)
_SPAN: Final = re.compile(r"(\d{1,9})\s*(s|sec|seconds?|m|min|minutes?|h|hours?|d|days?)?", re.IGNORECASE)
_SECONDS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


def bare(text: str) -> str:
    """`1,000.50` as `1000.50`, `2,5` as `2.5`: a comma is a point unless three digits follow it."""
    text = text.strip()
    if re.fullmatch(r".*\d,\d{3}(?!\d).*", text):
        return re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text)
    return re.sub(r"(?<=\d),(?=\d)", ".", text)


def usdc(text: str) -> Decimal | None:
    """An amount in USDC."""
    return _number(_USDC, text)


def percent(text: str) -> Decimal | None:
    """Percent, with their sign."""
    return _number(_PERCENT, text)


def price(text: str) -> Decimal | None:
    """USDC per share: `2c` and `2¢` are cents, `0.02` is USDC."""
    cents = _number(_CENTS, text)
    return usdc(text) if cents is None else cents / 100


def times(text: str) -> Decimal | None:
    """A multiplier: `0.1`, `×0.1`, `0.1x`."""
    return _number(_TIMES, text)


def span(text: str) -> int | None:
    """Seconds: `30`, `30 s`, `5 min`, `2 h`."""
    found = _SPAN.fullmatch(text.strip())
    return None if found is None else int(found[1]) * _SECONDS[(found[2] or "s")[0].lower()]


def _number(pattern: re.Pattern[str], text: str) -> Decimal | None:
    found = pattern.fullmatch(bare(text))
    return None if found is None else Decimal(found[1])
