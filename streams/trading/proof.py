"""When nobody knows what became of an order: what to do next, and when absence is proven (SAFETY R5, R15). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Step(StrEnum):
    """What the reconciler does about an order that no look has shown."""

    WAIT = "wait"
    REPEAT = "repeat"
    GIVE_UP = "give_up"


@dataclass(slots=True)
class Doubt:
    """What was seen of one order so far; moments are monotonic seconds, ``posted_at`` is when its last POST began.

    ``arrived``: the exchange said that it has these bytes, so repeating them can bring nothing.
    """

    posted_at: float
    looks: int = 0
    first_look_at: float = 0.0
    last_look_at: float = 0.0
    repeats: int = 0
    arrived: bool = False

    def posted_again(self, now: float) -> None:
        """The same bytes went out once more: what was seen before proves nothing."""
        self.posted_at, self.looks, self.repeats = now, 0, self.repeats + 1

    def saw_nothing(self, now: float) -> None:
        """A look without a fault showed nothing."""
        if self.looks == 0:
            self.first_look_at = now
        self.looks += 1
        self.last_look_at = now


@dataclass(frozen=True, slots=True)
class ProofRules:
    """Absence is proven by ``looks`` over ``seconds``, begun after the last POST could have left (``post_seconds``)."""

    looks: int
    seconds: float
    post_seconds: float
    repeat_seconds: float
    repeats_max: int

    def look_is_due(self, doubt: Doubt, now: float) -> bool:
        """Whether to look now: at once while young, then so that the looks are spread over the time they need."""
        if doubt.looks == 0:
            return True
        return now - doubt.last_look_at >= self.seconds / (self.looks - 1)

    def counts(self, doubt: Doubt, now: float) -> bool:
        """Whether a look that shows nothing counts: not before the last POST must have left or failed."""
        return now - doubt.posted_at >= self.post_seconds

    def next_step(self, doubt: Doubt, now: float, *, fresh: bool) -> Step:
        """After a look that showed nothing; ``fresh``: the order may still go out by its age.

        The looks themselves span the time: further ones, made because somebody asked, bring the end no nearer.
        """
        proven = doubt.looks >= self.looks and doubt.last_look_at - doubt.first_look_at >= self.seconds
        if proven:
            return Step.GIVE_UP
        may_repeat = fresh and not doubt.arrived and doubt.repeats < self.repeats_max
        if may_repeat and now - doubt.posted_at >= self.repeat_seconds:
            return Step.REPEAT
        return Step.WAIT
