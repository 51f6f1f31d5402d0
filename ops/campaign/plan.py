"""What a campaign does, made from a seed: when which part is struck, and in what disorder the trades come. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from random import Random
from typing import Final

from ops.demo.script import Cue, MarketCue, TradeCue

_SECOND: Final = 1_000_000
# Of a hundred trades so many come twice, so many late (others overtake them), and of a thousand so many come once more
# with other content, or are followed by bytes that nobody can read.
AGAIN_PERCENT: Final = 6
LATE_PERCENT: Final = 6
CONFLICTS_PER_MILLE: Final = 4
GARBAGE_PER_MILLE: Final = 4
LATE_AT_MOST: Final = 2 * _SECOND


class Victim(StrEnum):
    """What can be struck."""

    STREAMS = "streams"
    TRADING = "trading"
    API = "api"
    PAPER = "paper"
    POSTGRES = "postgres"
    BROKER = "kafka"

    WIRES = "wires"


class How(StrEnum):
    """What is done to it. A pause is longer than the session time-out; a double is a second worker of its kind; wires
    are cut, or slow for a while."""

    KILL = "kill"
    PAUSE = "pause"
    DOUBLE = "double"
    CUT = "cut"
    SLOW = "slow"


PROCESSES: Final = (Victim.STREAMS, Victim.TRADING, Victim.API, Victim.PAPER)
GROUND: Final = (Victim.POSTGRES, Victim.BROKER)
# The paper exchange has one writer by its own lock, so there is no second one of it.
DOUBLED: Final = (Victim.STREAMS, Victim.TRADING, Victim.API)
# The session time-out of the group is 10 s or less, and a transaction that hangs is cut after 4.
PAUSE_SECONDS: Final = (12.0, 20.0)
DOUBLE_SECONDS: Final = (5.0, 15.0)
SLOW_SECONDS: Final = (3.0, 10.0)


@dataclass(frozen=True, slots=True)
class Strike:
    """``kill -9`` of a process or the broker, or Postgres' shutdown at once; ``share``: of the time left, 0 to 1. What
    is no kill lasts for ``seconds``, but for a cut."""

    share: float
    victim: Victim
    how: How = How.KILL
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Plan:
    """``measured`` are struck first, one after the other, each waiting for the next order; then come ``strikes``. Of a
    hundred trades ``again_percent`` come twice, and of a hundred POSTs ``fault_percent`` meet a fault."""

    seed: int
    trades: int
    rate: float
    followers: int
    measured: tuple[Victim, ...]
    strikes: tuple[Strike, ...]
    again_percent: int = AGAIN_PERCENT
    fault_percent: int = 0

    @property
    def seconds(self) -> float:
        """About how long the trades take to play."""
        return self.trades / self.rate


class Delivered(StrEnum):
    """How a message comes."""

    FIRST = "first"
    AGAIN = "again"
    CONFLICT = "conflict"
    GARBAGE = "garbage"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message due so many micro-seconds after the start."""

    at: int
    cue: TradeCue | MarketCue
    how: Delivered


def make_plan(
    seed: int, *, trades: int, rate: float, followers: int, kills: int, restarts: int, measured: bool
) -> Plan:
    """Strikes at random moments of the run: each process at least once where the number allows it, then any of them;
    Postgres and the broker ``restarts`` times each."""
    chance = Random(f"strikes {seed}")  # noqa: S311 (a campaign, not a secret)
    victims = [
        *chance.sample(PROCESSES, min(kills, len(PROCESSES))),
        *(chance.choice(PROCESSES) for _ in range(kills - len(PROCESSES))),
        *(victim for victim in GROUND for _ in range(restarts)),
    ]
    chance.shuffle(victims)
    moments = sorted(chance.uniform(0.05, 0.95) for _ in victims)
    strikes = tuple(Strike(share, victim) for share, victim in zip(moments, victims, strict=True))
    return Plan(seed, trades, rate, followers, PROCESSES if measured else (), strikes)


@dataclass(frozen=True, slots=True)
class Trouble:
    """How much more is done than kills and restarts: so many pauses, second workers, cuts and slow spells."""

    pauses: int = 0
    doubles: int = 0
    cuts: int = 0
    again_percent: int = AGAIN_PERCENT
    fault_percent: int = 0


def with_trouble(plan: Plan, trouble: Trouble) -> Plan:
    """The plan with more strikes in between, at random moments; half of the cuts slow the wires for a while instead."""
    chance = Random(f"trouble {plan.seed}")  # noqa: S311 (a campaign, not a secret)
    more = [
        *((How.PAUSE, chance.choice(PROCESSES), PAUSE_SECONDS) for _ in range(trouble.pauses)),
        *((How.DOUBLE, chance.choice(DOUBLED), DOUBLE_SECONDS) for _ in range(trouble.doubles)),
        *((How.CUT if n % 2 else How.SLOW, Victim.WIRES, SLOW_SECONDS) for n in range(trouble.cuts)),
    ]
    strikes = [
        Strike(chance.uniform(0.05, 0.95), victim, how, round(chance.uniform(*seconds), 1))
        for how, victim, seconds in more
    ]
    in_order = tuple(sorted([*plan.strikes, *strikes], key=lambda strike: strike.share))
    return replace(
        plan, strikes=in_order, again_percent=trouble.again_percent, fault_percent=trouble.fault_percent
    )


def deliveries(cues: Iterable[Cue], seed: int, again_percent: int = AGAIN_PERCENT) -> list[Delivery]:
    """The cues in the disorder of this seed, in order of the time they come."""
    chance = Random(f"disorder {seed}")  # noqa: S311 (a campaign, not a secret)
    made: list[Delivery] = []
    for cue in cues:
        if isinstance(cue, MarketCue):
            made.append(Delivery(cue.at, cue, Delivered.FIRST))
        elif isinstance(cue, TradeCue):
            late = chance.randrange(LATE_AT_MOST) if chance.randrange(100) < LATE_PERCENT else 0
            made.append(Delivery(cue.at + late, cue, Delivered.FIRST))
            made += [
                Delivery(cue.at + chance.randrange(2 * LATE_AT_MOST), cue, how)
                for how, of_thousand in (
                    (Delivered.AGAIN, 10 * again_percent),
                    (Delivered.CONFLICT, CONFLICTS_PER_MILLE),
                    (Delivered.GARBAGE, GARBAGE_PER_MILLE),
                )
                if chance.randrange(1_000) < of_thousand
            ]
    return sorted(made, key=lambda delivery: delivery.at)
