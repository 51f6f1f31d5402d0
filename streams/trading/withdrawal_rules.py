"""What follows from a look at a withdrawal under way, and what proves its end (SAFETY R25). Pure.

A withdrawal is signed once. The chain runs one transaction for a nonce, so the same bytes may be sent again and never
pay twice; it ends when the relayer or the wallet's money says so, and is refused only when these bytes can never run.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from streams.venues.relayer import Progress

PROOF_LOOKS: Final = 5
PROOF_SECONDS: Final = 45.0
"""As for orders (SAFETY R5): so many looks without a fault over so long."""
SEEN_LOOKS: Final = 2
"""Money that left is believed at the second look."""


class Step(StrEnum):
    """What is done next with a withdrawal under way."""

    WAIT = "wait"
    SEND = "send"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What is known now. ``left``: the account's money at the exchange is less than its books say; None while it is not
    at rest. ``chain_nonce``: what the wallet's next transaction will have. ``mortal``: the chain refuses the bytes
    after their deadline, ``expired``: it has passed. ``withdrawn``: its address was taken away since."""

    posts: int
    nonce: int
    chain_nonce: int
    progress: Progress | None
    left: bool | None
    mortal: bool
    expired: bool
    withdrawn: bool
    looks: int
    seconds_since_post: float


def next_step(look: Look, again_seconds: float) -> Step:
    """What follows; ``again_seconds`` between two submissions of the same bytes."""
    if look.progress is Progress.CONFIRMED:
        return Step.DONE
    if look.posts == 0:
        # Never sent, not even by a worker that was killed: the mark of a POST is stored before it.
        return Step.REFUSED if look.expired or look.withdrawn else Step.SEND
    passed = look.chain_nonce > look.nonce
    if passed and look.left and look.looks >= SEEN_LOOKS:
        return Step.DONE
    if _never_runs(look, passed):
        return Step.REFUSED if look.left is False and _proven(look) else Step.WAIT
    waiting = look.progress is None and look.seconds_since_post >= again_seconds
    return Step.SEND if waiting and not (passed or look.withdrawn) else Step.WAIT


def _never_runs(look: Look, passed: bool) -> bool:
    """Its nonce was used up, or its deadline passed; or it failed and knows no deadline."""
    failed = look.progress is Progress.FAILED
    return passed or look.expired or (failed and not look.mortal)


def _proven(look: Look) -> bool:
    if look.progress is Progress.FAILED:
        return look.looks >= SEEN_LOOKS
    return look.looks >= PROOF_LOOKS and look.seconds_since_post >= PROOF_SECONDS
