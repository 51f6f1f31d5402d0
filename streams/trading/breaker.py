"""When an exchange is left alone for a while, per kind of fault, and how it is tried again. Pure.

Down (no answers, 5xx): after some in a row, for a pause that doubles. Closed (425, maintenance, cancel-only): at once,
for as long as the answer says. After the pause one order goes alone; what becomes of it decides (half-open). The third
kind, refusals of an account's own, stops that account alone (``refusals``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_NEVER: Final = float("-inf")


@dataclass(frozen=True, slots=True)
class BreakerRules:
    """``after`` faults in a row open it; the first pause, and the longest, in seconds."""

    after: int
    pause: float
    pause_most: float


class Breaker:
    """One kind of fault at one exchange. Moments are monotonic seconds."""

    def __init__(self, rules: BreakerRules) -> None:
        self._rules = rules
        self._in_a_row = 0
        self._opened = 0
        self._until = _NEVER
        self._trial: str | None = None

    @property
    def open(self) -> bool:
        """Whether it is open, or half-open."""
        return self._until != _NEVER

    def seconds(self, now: float) -> float:
        """How long nothing may go yet; 0 where something may."""
        return max(0.0, self._until - now) if self.open else 0.0

    def room(self, now: float) -> int | None:
        """How many orders may go now: None for any number, 1 for a trial."""
        if not self.open:
            return None
        return 1 if now >= self._until and self._trial is None else 0

    def gone(self, order_hash: str) -> None:
        """An order goes out; while half-open it is the trial."""
        if self.open and self._trial is None:
            self._trial = order_hash

    def taken_back(self, order_hash: str) -> None:
        """It was stopped before its POST: another may be the trial."""
        if self._trial == order_hash:
            self._trial = None

    def worked(self, order_hash: str) -> None:
        """The exchange answered as it should. While open only the trial's answer counts, not that of an older POST."""
        if not self.open or self._trial == order_hash:
            self._in_a_row = self._opened = 0
            self._until, self._trial = _NEVER, None

    def failed(self, order_hash: str, now: float, told_seconds: float | None = None) -> bool:
        """A fault of this kind; ``told_seconds``: the exchange said when to come again. True when it opens anew."""
        self._in_a_row += 1
        trial = self._trial == order_hash
        if trial:
            self._trial = None
        if self.open and not trial:
            if told_seconds is not None:
                self._until = max(self._until, now + told_seconds)
            return False
        if not trial and self._in_a_row < self._rules.after:
            return False
        pause = min(self._rules.pause * 2.0**self._opened, self._rules.pause_most)
        self._opened = min(self._opened + 1, 16)
        self._until = now + (pause if told_seconds is None else told_seconds)
        return True
