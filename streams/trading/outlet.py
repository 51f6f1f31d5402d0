"""One exchange as the sender sees it: the line before it, its limits, and whether it is left alone for now."""

from __future__ import annotations

import asyncio
import time
from typing import Final

from schemas.enums import Venue as VenueName
from streams.trading.breaker import Breaker, BreakerRules
from streams.trading.rate_limits import Allowance, RateLimits, Told
from streams.trading.sending_settings import SendingSettings
from streams.trading.waiting_line import Job, WaitingLine
from streams.venues.answers import Answer, Verdict

_SIGNERS_KEPT: Final = 20_000
# What is closed says for how long; where it does not, it is tried again after this.
_CLOSED_RULES: Final = BreakerRules(after=1, pause=1.0, pause_most=1.0)


class Outlet:
    """``awake`` is set when there may be something to send, ``idle`` while nothing waits for its POST."""

    def __init__(self, venue: VenueName, settings: SendingSettings) -> None:
        self.venue = venue
        self.limits = _limits(venue, settings)
        self.down = Breaker(
            BreakerRules(settings.down_after, settings.down_pause_seconds, settings.down_pause_most)
        )
        self.closed = Breaker(_CLOSED_RULES)
        self.line = WaitingLine(settings.post_concurrency, self.limits, (self.down, self.closed))
        self.awake = asyncio.Event()
        self.idle = asyncio.Event()

    def left_alone(self) -> float:
        """1 while the exchange is left alone, else 0."""
        return float(self.down.open or self.closed.open)

    def line_up(self, job: Job, not_before: float = 0.0) -> None:
        """Let a job wait its turn."""
        self.line.put(job, not_before)
        self.idle.clear()
        self.awake.set()

    def answered(self, job: Job, answer: Answer) -> bool:
        """Learn what an answer says of limits and of the exchange's health. True when it is left alone from now on."""
        now = time.monotonic()
        limits = answer.limits
        signer = address = None
        if limits is not None and limits.remaining is not None:
            signer = Told(min(limits.remaining, 0.0) if limits.warning else limits.remaining)
        if limits is not None and limits.address_remaining is not None:
            address = Told(limits.address_remaining, limits.address_seconds, limits.address_limit)
        self.limits.answered(job.name, now, address, signer)
        if answer.limited:
            self.limits.refused(job.signer, now, answer.wait_seconds, signers_own=signer is not None)
        if answer.verdict is Verdict.UNKNOWN and not answer.arrived:
            self.closed.taken_back(job.name)
            return self.down.failed(job.name, now)
        self.down.worked(job.name)
        if answer.verdict is Verdict.WAIT and not answer.limited:
            return self.closed.failed(job.name, now, answer.wait_seconds)
        self.closed.worked(job.name)
        return False


def _limits(venue: VenueName, settings: SendingSettings) -> RateLimits:
    if venue is VenueName.PAPER:
        address = Allowance(settings.paper_posts_per_second, settings.paper_posts_at_once)
        signer = address
    else:
        address = Allowance(settings.posts_per_second, settings.posts_at_once)
        signer = Allowance(settings.signer_posts_per_second, settings.signer_posts_at_once)
    return RateLimits(address, signer, _SIGNERS_KEPT, time.monotonic())
