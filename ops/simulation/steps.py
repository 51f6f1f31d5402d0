"""Processes as generators: each yield is a moment at which the real process waits, and may be killed or stopped.

A yield of text is a round trip that is over at once; of a number, a sleep of so many seconds; of a function, a wait
until it says true; of both, until it says true but no longer.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Final, TypeVar

T = TypeVar("T")
Pause = str | float | Callable[[], bool] | tuple[Callable[[], bool], float]
NEVER: Final = float("inf")
Steps = Generator[Pause, None, T]


class Task:
    """Something under way in a process (or, without one, in the world outside, where nothing is killed)."""

    __slots__ = ("at", "process", "steps", "until", "wakes_at")

    def __init__(self, process: Program | None, steps: Steps[None], now: float) -> None:
        self.process = process
        self.steps = steps
        self.wakes_at = now
        self.until: Callable[[], bool] | None = None
        self.at = "begin"

    def go_on(self, now: float) -> bool:
        """Run to the next wait; False when it has ended."""
        try:
            pause = next(self.steps)
        except StopIteration:
            return False
        self.until = None
        if isinstance(pause, str):
            self.at, self.wakes_at = pause, now
        elif isinstance(pause, tuple):
            self.until, self.wakes_at = pause[0], now + pause[1]
        elif callable(pause):
            self.until, self.wakes_at = pause, NEVER
        else:
            self.wakes_at = now + pause
        return True


class Program:
    """What is killed and stopped as one. ``begin`` makes its first task; what it knows dies with it. ``seat``: whose
    work it does; two of a seat are one too many, and the one that ends does not come again."""

    def __init__(self, name: str, seat: int, begin: Callable[[Program], Steps[None]]) -> None:
        self.name = name
        self.seat = seat
        self.begin = begin
        self.tasks: dict[Task, None] = {}
        self.starts_at: float | None = 0.0
        self.stopped_until = 0.0
        self.stopped_since: float | None = None
        self.lives = 0

    @property
    def running(self) -> bool:
        """Whether it has been started and not killed since."""
        return self.starts_at is None
