"""Token buckets of signers, as the real exchange keeps them (polymarket.md §2.7). Pure; the clock is an argument."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

_Rate = Annotated[float, Field(gt=0, le=100_000)]


def limit_headers(
    remaining: int, reset: int, tier: str = "standard", *, warning: bool = False
) -> dict[str, str]:
    """The headers a bucket's answer carries; ``reset`` in seconds since 1970."""
    headers = {
        "poly-ratelimit-remaining": str(remaining),
        "poly-ratelimit-reset": str(reset),
        "poly-ratelimit-tier": tier,
    }
    return {**headers, "poly-ratelimit-warning": "true"} if warning else headers


class SignerLimits(BaseModel):
    """Per signer: one bucket for orders and one for cancels; by itself the standard tier, enforced."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    orders_per_second: _Rate = 40.0
    orders_burst: Annotated[int, Field(ge=1)] = 60
    cancels_per_second: _Rate = 80.0
    cancels_burst: Annotated[int, Field(ge=1)] = 120
    tier: str = "standard"
    enforced: bool = True
    """False: nothing is refused, only warned of, as in the weeks before the real one enforced it."""


class Taken(NamedTuple):
    """What taking tokens came to: whether they were there, what is left, and when to try again (seconds)."""

    granted: bool
    remaining: int
    wait: float


@dataclass(slots=True)
class Bucket:
    """Full at first; filled steadily, never above its burst. A cancel-all may leave it below zero."""

    per_second: float
    burst: int
    level: float
    since: float

    @classmethod
    def full(cls, per_second: float, burst: int, now: float) -> Bucket:
        """A bucket that nobody took from yet."""
        return cls(per_second, burst, float(burst), now)

    def take(self, cost: int, now: float) -> Taken:
        """All of ``cost`` or nothing."""
        self._fill(now)
        if cost > self.level:
            return Taken(False, math.floor(self.level), (cost - self.level) / self.per_second)
        self.level -= cost
        return Taken(True, math.floor(self.level), 0.0)

    def owe(self, cost: int, now: float) -> int:
        """Charged afterwards, whatever is left; returns that."""
        self._fill(now)
        self.level -= cost
        return math.floor(self.level)

    def _fill(self, now: float) -> None:
        self.level = min(float(self.burst), self.level + (now - self.since) * self.per_second)
        self.since = now
