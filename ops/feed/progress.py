"""Progress of a feed on standard error: one line that renews itself in a terminal, a line every 5 s without one."""

from __future__ import annotations

import sys
import time
from typing import Final

from ops.feed.play import Tally
from ops.output import say

_EVERY_TERMINAL: Final = 0.2
_EVERY_PLAIN: Final = 5.0
# Beyond this the rest is only counted on the screen; with --json all of them are in the answer.
REFUSED_SHOWN: Final = 20


class Progress:
    """Tells how far a feed is, and each refused line as it is met."""

    def __init__(self, total: int | None) -> None:
        self._total = total
        self._terminal = sys.stderr.isatty()
        self._began = self._told = time.monotonic()
        self._refused = 0

    def told(self, tally: Tally) -> None:
        """Show the tally, not more often than a person reads."""
        for refused in tally.refused[self._refused : REFUSED_SHOWN]:
            self._clear()
            say(f"line {refused.line} refused: {refused.reason}")
        self._refused = len(tally.refused)
        now = time.monotonic()
        if now - self._told >= (_EVERY_TERMINAL if self._terminal else _EVERY_PLAIN):
            self._told = now
            self._show(tally, now)

    def end(self) -> None:
        """Leave the line, and say how many refusals were not shown."""
        self._clear()
        if self._refused > REFUSED_SHOWN:
            say(f"… and {self._refused - REFUSED_SHOWN} more lines refused")

    def _show(self, tally: Tally, now: float) -> None:
        done = tally.sent + tally.passed_over
        of = "" if self._total is None else f" of {self._total:,}"
        refused = f" · {len(tally.refused)} refused" if tally.refused else ""
        text = f"{done:,}{of} trades · {tally.sent / max(now - self._began, 0.001):,.0f}/s{refused}"
        if self._terminal:
            print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)  # noqa: T201
        else:
            say(text)

    def _clear(self) -> None:
        if self._terminal:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)  # noqa: T201
