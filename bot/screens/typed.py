"""What people type: sums, hours, times of day, phrases. Pure."""

from __future__ import annotations

import re
from datetime import time
from decimal import Decimal, InvalidOperation
from typing import Final

from schemas.money import floor_cents

_HOURS: Final = re.compile(r"([0-9]{1,2})(?::([0-9]{2}))?\s*(?:-|–|—|to|à|\s)\s*([0-9]{1,2})(?::([0-9]{2}))?")
_CLOCK: Final = re.compile(r"([0-9]{1,2})(?:[:h.]([0-9]{2})?)?")


def read_sum(typed: str) -> Decimal | None:
    """A sum in USDC: ``12``, ``12.50``, ``$12,50``; None where it is none, or has more than two decimals."""
    bare = typed.strip().upper().removesuffix("USDC").strip().lstrip("$").strip().replace(" ", "")
    if bare.count(",") == 1 and "." not in bare and not re.search(r",\d{3}$", bare):
        bare = bare.replace(",", ".")
    bare = bare.replace(",", "")
    if not re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,10})?", bare):
        return None
    try:
        amount = Decimal(bare)
    except InvalidOperation:
        return None
    return amount if amount == floor_cents(amount) else None


def read_sums(typed: str, most: int) -> tuple[Decimal, ...] | None:
    """Up to ``most`` sums with blanks between them; None where one is no sum."""
    parts = typed.replace(";", " ").split()
    sums = [read_sum(part.rstrip(",")) for part in parts]
    if not sums or len(sums) > most or None in sums:
        return None
    return tuple(each for each in sums if each is not None)


def read_clock(typed: str) -> time | None:
    """A time of day: ``20``, ``20:30``, ``20h30``."""
    found = _CLOCK.fullmatch(typed.strip().lower())
    return None if found is None else _time(found[1], found[2])


def read_hours(typed: str) -> tuple[time, time] | None:
    """Two times of day: ``23-8``, ``23:00 – 7:30``."""
    found = _HOURS.fullmatch(typed.strip().lower().replace("h", ""))
    if found is None:
        return None
    begin, end = _time(found[1], found[2]), _time(found[3], found[4])
    return None if begin is None or end is None else (begin, end)


def same_phrase(typed: str, phrase: str) -> bool:
    """Whether somebody typed the phrase, whatever the blanks around it; the letters are as they are said."""
    return " ".join(typed.split()) == phrase


def _time(hour: str, minute: str | None) -> time | None:
    at = int(hour), int(minute or 0)
    return time(*at) if at[0] < 24 and at[1] < 60 else None
