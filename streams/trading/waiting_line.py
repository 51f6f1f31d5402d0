"""Signed orders in the order they go out: SELLs first, then nearest deadline (SAFETY R7)."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from datetime import datetime

from schemas.enums import Side, Venue
from streams.venues.orders import SignedBytes
from streams.venues.wallets import TradingWallet


@dataclass(frozen=True, slots=True)
class Job:
    """A signed order that may go out, with what its POST and the look for its fills need."""

    order: SignedBytes
    wallet: TradingWallet
    venue: Venue
    side: Side
    token_id: str
    signed_at: datetime
    deadline: datetime | None


class WaitingLine:
    """Jobs of one venue, at most ``room`` under way, a quarter of it for SELLs alone. Moments are monotonic seconds."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._buys_room = room - max(1, room // 4)
        self._ready: list[tuple[bool, float, str]] = []
        self._put_off: list[tuple[float, str]] = []
        self._jobs: dict[str, Job] = {}
        self._buys_out = 0
        self._out: dict[str, Job] = {}
        self.closed_until = 0.0

    def __len__(self) -> int:
        return len(self._jobs)

    @property
    def idle(self) -> bool:
        """Nothing waits for its POST."""
        return not self._ready

    def holds(self, order_hash: str) -> bool:
        """Whether the order waits here or is under way."""
        return order_hash in self._jobs or order_hash in self._out

    def put(self, job: Job, not_before: float = 0.0) -> None:
        """Let a job wait its turn, not before a moment. One that is here already stays as it is."""
        if self.holds(job.order.order_hash):
            return
        self._jobs[job.order.order_hash] = job
        if not_before:
            heapq.heappush(self._put_off, (not_before, job.order.order_hash))
        else:
            self._make_ready(job)

    def close(self, until: float) -> None:
        """The venue takes nothing until then."""
        self.closed_until = max(self.closed_until, until)

    def take(self, now: float) -> list[Job]:
        """The jobs that may go out now; they count as under way until ``done``."""
        while self._put_off and self._put_off[0][0] <= now:
            self._make_ready(self._jobs[heapq.heappop(self._put_off)[1]])
        taken: list[Job] = []
        if now < self.closed_until or self._better_wait():
            return taken
        passed: list[tuple[bool, float, str]] = []
        while self._ready and len(self._out) < self._room:
            entry = heapq.heappop(self._ready)
            job = self._jobs[entry[2]]
            if job.side is Side.BUY and self._buys_out >= self._buys_room:
                passed.append(entry)
                break
            self._buys_out += job.side is Side.BUY
            self._out[entry[2]] = self._jobs.pop(entry[2])
            taken.append(job)
        for entry in passed:
            heapq.heappush(self._ready, entry)
        return taken

    def _better_wait(self) -> bool:
        """In a crowd of BUYs a few free places are left until more are free: one look serves all that go together."""
        free = self._room - len(self._out)
        crowd = len(self._ready) > free and bool(self._ready) and self._ready[0][0]
        return crowd and free < self._room // 4

    def done(self, job: Job) -> None:
        """The job is no longer under way."""
        if self._out.pop(job.order.order_hash, None) is not None:
            self._buys_out -= job.side is Side.BUY

    def seconds_to_next(self, now: float) -> float | None:
        """Until a job that is put off, or the venue, is ready; None when nothing waits for a moment."""
        moments = [self._put_off[0][0]] if self._put_off else []
        if self._ready and self.closed_until > now:
            moments.append(self.closed_until)
        return max(0.0, min(moments) - now) if moments else None

    def _make_ready(self, job: Job) -> None:
        deadline = job.deadline.timestamp() if job.deadline is not None else 0.0
        heapq.heappush(self._ready, (job.side is Side.BUY, deadline, job.order.order_hash))
