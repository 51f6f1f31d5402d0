"""Bursts: the fills that one decision of a wallet was cut into (RULES §2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

BURST_GAP: Final = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Burst:
    """A run of ``trade`` messages of one wallet, token and side in order of arrival. ``started_at`` is the time of the
    message that arrived first, ``latest_at`` the highest time so far; ``first_entry``: no ``trade`` of the wallet in
    this token arrived before it (RULES §7)."""

    started_at: datetime
    latest_at: datetime
    first_entry: bool = False


def continued(burst: Burst | None, happened_at: datetime, *, first_entry: bool = False) -> Burst:
    """The burst a trade at ``happened_at`` is part of: the running one when it is at most 10 seconds after the latest
    of it (an earlier time is no gap), else a new one, for which ``first_entry`` is noted."""
    if burst is None or happened_at - burst.latest_at > BURST_GAP:
        return Burst(happened_at, happened_at, first_entry)
    if happened_at <= burst.latest_at:
        return burst
    return Burst(burst.started_at, happened_at, burst.first_entry)
