"""How a redrive goes on: in steps that grow, each answered before the next, halted by the first repeat. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from streams.tables.redrives import Letter, Run

# One, then ten, then more and more at a time: what is wrong with all of them shows on the first.
STEPS: Final = (1, 10, 50, 250)
STEP_MOST: Final = 500


@dataclass(frozen=True, slots=True)
class Wait:
    """What was sent is not answered yet."""


@dataclass(frozen=True, slots=True)
class Over:
    """Nothing is left to do; ``cause`` says why it halted."""

    cause: str | None


@dataclass(frozen=True, slots=True)
class SendNow:
    """These letters, in this order."""

    letters: tuple[Letter, ...]


def next_deed(run: Run, letters: Sequence[Letter], patience_seconds: float) -> Wait | Over | SendNow:
    """What a redrive does now. A letter sent before a crash, whose place nobody knows, is sent again: a message that
    comes twice has one answer."""
    own = [letter for letter in letters if letter.redrive_id == run.redrive_id]
    for letter in own:
        if letter.state == "repeated":
            return Over(f"letter {letter.letter_id} came back as letter {letter.became}")
    if any(letter.state == "redriving" and letter.sent_offset is not None for letter in own):
        if (run.now - run.moved_at).total_seconds() > patience_seconds:
            return Over(f"what was sent is not handled after {patience_seconds:.0f} s: do the streams run?")
        return Wait()
    again = tuple(letter for letter in own if letter.state == "redriving")
    if again:
        return SendNow(again)
    left = [letter for letter in letters if letter.redrive_id != run.redrive_id]
    if len(own) + len(left) < len(run.letters):
        return Over("some of its letters are not here")
    if not left:
        return Over(None)
    step = tuple(left[: _step(len(own))])
    for letter in step:
        if letter.changed_at is not None and letter.changed_at > run.asked_at:
            return Over(f"letter {letter.letter_id} became {letter.state} after it was asked for")
    return SendNow(step)


def _step(answered: int) -> int:
    """How many more, when so many were answered well."""
    return next((step - answered for step in STEPS if step > answered), STEP_MOST)
