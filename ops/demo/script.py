"""What is played: the people, and the cues in order of time. Made from a seed here, from files in `recorded`. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from ops.generator.cast import cast, watched
from ops.generator.events import Event, Listed, Person, Repeated, Traded
from ops.generator.names import Names
from ops.generator.play import generate
from schemas.enums import AddressType
from schemas.markets import MarketSeen
from schemas.trades import TradeSeen


@dataclass(frozen=True, slots=True)
class TradeCue:
    """A trade, due so many micro-seconds after the start; ``message`` gives it the time at which it is seen."""

    at: int
    trade_id: str
    message: Callable[[datetime], TradeSeen]


@dataclass(frozen=True, slots=True)
class AgainCue:
    """The same message once more."""

    at: int
    trade_id: str


@dataclass(frozen=True, slots=True)
class MarketCue:
    """News of a market; ``message`` takes the demo's start and now."""

    at: int
    message: Callable[[datetime, datetime], MarketSeen]


Cue = TradeCue | AgainCue | MarketCue


@dataclass(frozen=True, slots=True)
class Script:
    """``people`` hold roles; ``cues`` come in order of time; ``total`` trades, or none where there is no end."""

    people: Sequence[Person]
    cues: Iterator[Cue]
    total: int | None
    refused: int = 0

    @property
    def leaders(self) -> tuple[str, ...]:
        """The wallets that are copied."""
        return tuple(person.wallet for person in self.people if AddressType.COPY_LEADER in person.roles)


def generated(seed: int, rate: float, count: int | None) -> Script:
    """The play of a seed, at about ``rate`` trades a second: endless, unless a count is given."""
    return Script(watched(cast(Names(seed))), _counted(_cues(generate(seed, rate)), count), count)


def _cues(events: Iterator[Event]) -> Iterator[Cue]:
    for event in events:
        match event:
            case Traded():
                yield TradeCue(event.at, event.trade_id, event.message)
            case Repeated():
                yield AgainCue(event.at, event.trade_id)
            case Listed():
                yield MarketCue(event.at, event.message)


def _counted(cues: Iterator[Cue], count: int | None) -> Iterator[Cue]:
    """The cues up to so many trades."""
    left = count
    for cue in cues:
        if isinstance(cue, TradeCue) and left is not None:
            if left == 0:
                return
            left -= 1
        yield cue
