"""Numbers, times and objects of an answer, read strictly. Pure; each reader raises ``VenueFault`` for what is none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from numbers import Real
from typing import Final

from streams.venues.faults import VenueFault

_LARGEST: Final = Decimal(10) ** 78
_LONGEST: Final = 200
# Seconds since 1970 stay under this until the year 5138; what is above is milliseconds.
_MILLISECONDS: Final = 100_000_000_000


def mapping(said: object, what: str) -> Mapping[str, object]:
    """A JSON object."""
    if not isinstance(said, dict):
        raise VenueFault(f"{what} that cannot be read")
    return said


def text(said: object, what: str) -> str:
    """A name of the exchange's: printable, not empty, of some length."""
    if not isinstance(said, str) or not said or not said.isprintable() or len(said) > _LONGEST:
        raise VenueFault(f"{what} that cannot be read")
    return said


def decimal(said: object, what: str) -> Decimal:
    """A number that is not below 0, from text or a JSON number; what a number said exactly is kept as it was said."""
    if isinstance(said, bool) or not isinstance(said, str | Real) or len(str(said)) > _LONGEST:
        raise VenueFault(f"{what} that cannot be read")
    try:
        value = Decimal(str(said))
    except InvalidOperation:
        raise VenueFault(f"{what} that cannot be read") from None
    if not value.is_finite() or value < 0 or value >= _LARGEST:
        raise VenueFault(f"{what} that cannot be read")
    return value


def moment(said: object, what: str) -> datetime:
    """Seconds or milliseconds since 1970 (as text or number), or RFC 3339."""
    if isinstance(said, bool) or not isinstance(said, str | int):
        raise VenueFault(f"{what} that cannot be read")
    try:
        if isinstance(said, str) and not (said.isascii() and said.isdigit()):
            found = datetime.fromisoformat(said)
            return found.astimezone(UTC) if found.tzinfo is not None else found.replace(tzinfo=UTC)
        stamp = int(said)
        if stamp < _MILLISECONDS:
            return datetime.fromtimestamp(stamp, UTC)
        seconds, rest = divmod(stamp, 1000)
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest * 1000)
    except (ValueError, OverflowError, OSError):
        raise VenueFault(f"{what} that cannot be read") from None
