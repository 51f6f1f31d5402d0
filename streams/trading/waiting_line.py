"""Signed orders in the order they go out, as many as the exchange takes (SAFETY R7).

SELLs first, then nearest deadline; of one moment's BUYs everybody's first before anybody's second. Moments are
monotonic seconds.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from schemas.enums import Side, Venue
from streams.trading.breaker import Breaker
from streams.trading.rate_limits import RateLimits
from streams.venues.orders import SignedBytes
from streams.venues.wallets import TradingWallet

# BUYs that wait for room go out in small groups: one look before the POST serves all of a group.
_GROUP_SECONDS: Final = 0.02


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

    @property
    def name(self) -> str:
        """The order's hash."""
        return self.order.order_hash

    @property
    def signer(self) -> str:
        """Whose limit at the exchange it counts against."""
        return self.wallet.key.address


class _Place(NamedTuple):
    is_buy: bool
    deadline: int
    turn: int
    name: str


class WaitingLine:
    """Jobs of one venue, at most ``room`` under way, a quarter of it for SELLs alone."""

    def __init__(self, room: int, limits: RateLimits | None = None, breakers: Sequence[Breaker] = ()) -> None:
        self._room = room
        self._buys_room = room - max(1, room // 4)
        self._limits = limits or RateLimits.none()
        self._breakers = breakers
        self._ready: list[_Place] = []
        self._put_off: list[tuple[float, str]] = []
        self._jobs: dict[str, Job] = {}
        self._waiting_of: Counter[str] = Counter()
        self._buys_out = 0
        self._out: dict[str, Job] = {}
        self._full_until = 0.0

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
        if self.holds(job.name):
            return
        self._jobs[job.name] = job
        self._waiting_of[job.signer] += 1
        if not_before:
            heapq.heappush(self._put_off, (not_before, job.name))
        else:
            self._make_ready(job)

    def take(self, now: float) -> list[Job]:
        """The jobs that may go out now; they count as under way until ``done`` or ``stopped``."""
        self._bring_back(now)
        taken: list[Job] = []
        self._full_until = 0.0
        room = self._room_now(now)
        while self._ready and len(taken) < room:
            job = self._jobs.get(self._ready[0].name)
            if job is None:
                heapq.heappop(self._ready)
                continue
            sells = job.side is Side.SELL
            if not sells and self._buys_out >= self._buys_room:
                break
            wait = self._limits.address_wait(now, sell=sells)
            if wait > 0:
                self._full_until = now + (wait if sells else max(wait, _GROUP_SECONDS))
                break
            heapq.heappop(self._ready)
            wait = self._limits.signer_wait(job.signer, now, sell=sells)
            if wait > 0:
                heapq.heappush(self._put_off, (now + wait, job.name))
                continue
            self._send(job, now)
            taken.append(job)
        return taken

    def pull(self, names: Collection[str]) -> list[Job]:
        """Take jobs out of the line that will not be posted; they are nowhere then."""
        return [self._leave(self._jobs[name]) for name in names if name in self._jobs]

    def overdue(self, now: datetime) -> list[Job]:
        """BUYs that wait here past their deadline, taken out."""
        late = [job.name for job in self._jobs.values() if job.deadline is not None and job.deadline < now]
        return self.pull(late)

    def done(self, job: Job) -> None:
        """The job is no longer under way."""
        if self._out.pop(job.name, None) is not None:
            self._buys_out -= job.side is Side.BUY

    def stopped(self, job: Job, now: float) -> None:
        """It was stopped before its POST: its place is another's."""
        self.done(job)
        self._limits.give_back(job.name, now)
        for breaker in self._breakers:
            breaker.taken_back(job.name)

    def seconds_to_next(self, now: float) -> float | None:
        """Until a job that is put off may go, or there is room again; None when nothing waits for a moment."""
        moments = [self._put_off[0][0]] if self._put_off else []
        if self._ready:
            moments += [now + seconds for seconds in self._closed(now) if seconds > 0]
            moments += [self._full_until] if self._full_until > now else []
        return max(0.0, min(moments) - now) if moments else None

    def _room_now(self, now: float) -> int:
        """How many may go: what is free, nothing while a breaker is open, one as its trial."""
        if self._better_wait():
            return 0
        rooms = [room for breaker in self._breakers if (room := breaker.room(now)) is not None]
        return max(0, min([self._room - len(self._out), *rooms]))

    def _closed(self, now: float) -> list[float]:
        return [breaker.seconds(now) for breaker in self._breakers]

    def _better_wait(self) -> bool:
        """In a crowd of BUYs a few free places are left until more are free: one look serves all that go together."""
        free = self._room - len(self._out)
        crowd = len(self._ready) > free and bool(self._ready) and self._ready[0].is_buy
        return crowd and free < self._room // 4

    def _send(self, job: Job, now: float) -> None:
        self._leave(job)
        self._buys_out += job.side is Side.BUY
        self._out[job.name] = job
        self._limits.take(job.name, job.signer, now)
        for breaker in self._breakers:
            breaker.gone(job.name)

    def _leave(self, job: Job) -> Job:
        del self._jobs[job.name]
        self._waiting_of[job.signer] -= 1
        if not self._waiting_of[job.signer]:
            del self._waiting_of[job.signer]
        return job

    def _bring_back(self, now: float) -> None:
        while self._put_off and self._put_off[0][0] <= now:
            job = self._jobs.get(heapq.heappop(self._put_off)[1])
            if job is not None:
                self._make_ready(job)

    def _make_ready(self, job: Job) -> None:
        """By whole seconds of the deadline: fills of one moment are one crowd, in which everybody has a turn."""
        deadline = int(job.deadline.timestamp()) if job.deadline is not None else 0
        turn = self._waiting_of[job.signer]
        heapq.heappush(self._ready, _Place(job.side is Side.BUY, deadline, turn, job.name))
