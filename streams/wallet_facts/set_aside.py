"""Wallets whose facts could not be worked out: each waits longer after every failure, and holds up no other. Pure."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

FIRST_SECONDS: Final = 5.0
# A wallet whose question is too much for the database is tried again six times an hour.
LONGEST_SECONDS: Final = 600.0
# More of them at once is no fault of theirs; the oldest is forgotten and so tried again.
MOST: Final = 1_000


@dataclass(slots=True)
class _Failed:
    times: int
    until: float


class SetAside:
    """Who waits, and until when; times are seconds of a clock that never goes back."""

    def __init__(self) -> None:
        self._failed: OrderedDict[str, _Failed] = OrderedDict()

    def put(self, wallet: str, now: float) -> float:
        """It failed, once more perhaps; the seconds that it waits."""
        known = self._failed.pop(wallet, None)
        times = 1 if known is None else known.times + 1
        seconds = pause_after(times)
        self._failed[wallet] = _Failed(times, now + seconds)
        if len(self._failed) > MOST:
            self._failed.popitem(last=False)
        return seconds

    def done(self, wallet: str) -> None:
        """It worked."""
        self._failed.pop(wallet, None)

    def waiting(self, now: float) -> list[str]:
        """Who is not asked about now."""
        return [wallet for wallet, failed in self._failed.items() if failed.until > now]


def pause_after(times: int) -> float:
    """Seconds after so many failures in a row: doubled each time, up to the longest."""
    return min(LONGEST_SECONDS, FIRST_SECONDS * 2.0 ** min(times - 1, 16))
