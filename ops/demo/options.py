"""What a demo is asked for (DESIGN §9)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

# Twenty a second is lively and can still be read.
RATE: Final = 20.0
FOLLOWERS: Final = 16
FOLLOWERS_MAX: Final = 10_000
SEED: Final = 7
# Without a terminal and without a count it plays this long.
PLAIN_SECONDS: Final = 60
# Until everything has settled: asked for, long enough for a slow machine; not asked for, what is usual and a little.
SETTLE_SECONDS: Final = 300.0
SETTLE_A_WHILE_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Options:
    """``trades`` and ``markets`` are files; without one the generator plays ``seed``."""

    trades: str | None = None
    markets: str | None = None
    count: int | None = None
    rate: float = RATE
    followers: int = FOLLOWERS
    until_settled: bool = False
    seed: int = SEED

    @property
    def settle_seconds(self) -> float:
        """How long the end waits for what is still open."""
        return SETTLE_SECONDS if self.until_settled else SETTLE_A_WHILE_SECONDS
