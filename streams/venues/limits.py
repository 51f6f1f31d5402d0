"""What an answer says of the exchange's limits, read from its headers, never from a list of ours (polymarket.md §2.7).

``Poly-RateLimit-*`` tell of the signer's own bucket, ``RateLimit-*`` of the network address; ``Retry-After``
when to come again. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final

# A pause nobody told of; and the longest that is believed: the post-only minutes after a restart are two.
WAIT_SECONDS: Final = 1.0
WAIT_SECONDS_LEAST: Final = 0.1
WAIT_SECONDS_MOST: Final = 120.0
_TIER_LENGTH: Final = 40


@dataclass(frozen=True, slots=True)
class Limits:
    """The signer's bucket after this request: tokens left (may be below 0), when a pause ends (seconds since 1970),
    its tier, and whether the request would have been refused were the limits enforced. Of the address: its limit, what
    is left of it, and in how many seconds all of it is free again."""

    remaining: float | None = None
    reset_at: float | None = None
    tier: str | None = None
    warning: bool = False
    address_limit: float | None = None
    address_remaining: float | None = None
    address_seconds: float | None = None


def limits_of(headers: Mapping[str, str]) -> Limits | None:
    """The limits an answer tells; ``headers`` must answer to lower-case names. None when it tells none."""
    found = Limits(
        _number(headers.get("poly-ratelimit-remaining")),
        _number(headers.get("poly-ratelimit-reset")),
        (headers.get("poly-ratelimit-tier") or "").strip()[:_TIER_LENGTH] or None,
        (headers.get("poly-ratelimit-warning") or "").strip().lower() == "true",
        _number(headers.get("ratelimit-limit")),
        _number(headers.get("ratelimit-remaining")),
        _number(headers.get("ratelimit-reset")),
    )
    return None if found == Limits() else found


def wait_seconds(headers: Mapping[str, str], told: object) -> float:
    """How long to wait: ``Retry-After`` (seconds, or a date against the answer's own), else ``told`` (of the body)."""
    header = headers.get("retry-after")
    seconds = _number(header)
    if seconds is None and header is not None:
        until, now = _moment(header), _moment(headers.get("date"))
        seconds = (until - now).total_seconds() if until is not None and now is not None else None
    if seconds is None and isinstance(told, str | int | float) and not isinstance(told, bool):
        seconds = _number(str(told))
    if seconds is None:
        return WAIT_SECONDS
    return min(max(seconds, WAIT_SECONDS_LEAST), WAIT_SECONDS_MOST)


def _number(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        value = float(text.strip())
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.tzinfo is not None else None
