"""What people type (UX §1.6): `25`, `1,000.50`, `2c`, `10 %`, `23-8`, a phrase. Pure."""

from __future__ import annotations

import re
from datetime import time
from decimal import Decimal
from typing import Final

from schemas.money import floor_cents

_NUMBER: Final = r"\d{1,12}(?:\.\d{1,20})?"
_USDC: Final = re.compile(rf"\$?\s*({_NUMBER})\s*(?:usdc|usd|\$)?", re.IGNORECASE)
_CENTS: Final = re.compile(rf"({_NUMBER})\s*(?:c|¢|cents?)", re.IGNORECASE)
_PERCENT: Final = re.compile(rf"({_NUMBER})\s*(?:%|percent)", re.IGNORECASE)
_TIMES: Final = re.compile(rf"[x×*]?\s*({_NUMBER})\s*[x×]?", re.IGNORECASE)
_SPAN: Final = re.compile(r"(\d{1,9})\s*(s|sec|seconds?|m|min|minutes?|h|hours?|d|days?)?", re.IGNORECASE)
_HOURS: Final = re.compile(r"([0-9]{1,2})(?::([0-9]{2}))?\s*(?:-|–|—|to|à|\s)\s*([0-9]{1,2})(?::([0-9]{2}))?")
_CLOCK: Final = re.compile(r"([0-9]{1,2})(?:[:h.]([0-9]{2})?)?")
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


def cents_sum(text: str) -> Decimal | None:
    """An amount in USDC with at most two decimals."""
    amount = usdc(re.sub(r"(?<=\d)\s+(?=\d{3}(?!\d))", "", text))
    return amount if amount is not None and amount == floor_cents(amount) else None


def cents_sums(text: str, most: int) -> tuple[Decimal, ...] | None:
    """Up to `most` of them with blanks between; None where one is none."""
    sums = [cents_sum(part.rstrip(",")) for part in text.replace(";", " ").split()]
    if not sums or len(sums) > most or None in sums:
        return None
    return tuple(each for each in sums if each is not None)


def clock(text: str) -> time | None:
    """A time of day: `20`, `20:30`, `20h30`."""
    found = _CLOCK.fullmatch(text.strip().lower())
    return None if found is None else _time(found[1], found[2])


def hours(text: str) -> tuple[time, time] | None:
    """Two times of day: `23-8`, `23:00 – 7:30`."""
    found = _HOURS.fullmatch(text.strip().lower().replace("h", ""))
    if found is None:
        return None
    begin, end = _time(found[1], found[2]), _time(found[3], found[4])
    return None if begin is None or end is None else (begin, end)


def is_phrase(text: str, phrase: str) -> bool:
    """Whether it is the phrase, whatever the blanks; the letters are as they are said."""
    return " ".join(text.split()) == phrase


def _time(hour: str, minute: str | None) -> time | None:
    at = int(hour), int(minute or 0)
    return time(*at) if at[0] < 24 and at[1] < 60 else None


def _number(pattern: re.Pattern[str], text: str) -> Decimal | None:
    found = pattern.fullmatch(bare(text))
    return None if found is None else Decimal(found[1])
