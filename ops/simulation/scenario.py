"""What happens in a simulated run: who follows whom with how much, what leaders and people do, what goes wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from random import Random
from typing import Any, Final

import orjson

from ops.simulation.exchange import PLAIN, Fate
from schemas.enums import Side, Source, TradeKind
from schemas.trades import TradeSeen
from streams.copy_execution.flood import MOST_BUYS

BEGINNING: Final = datetime(2026, 11, 22, 12, tzinfo=UTC)
LEADERS: Final = ("0x" + "1e" * 20, "0x" + "2e" * 20)
SMART: Final = "0x" + "5a" * 20
TOKENS: Final = ("7" * 77, "8" * 77)
GARBAGE: Final = b'{"schema_version":1,"trade_id":"\xff", "wallet": NaN'


class Deed(StrEnum):
    """What somebody outside does."""

    TRADE = "trade"
    PAUSE = "pause"
    RESUME = "resume"
    END = "end"
    STOP_BUYS = "stop_buys"
    ALLOW_BUYS = "allow_buys"
    ROGUE = "rogue"
    BUY_BY_HAND = "buy_by_hand"
    SELL_BY_HAND = "sell_by_hand"


class Blow(StrEnum):
    """What is struck. STOP is longer than the session time-out: another takes over, then the stopped one goes on."""

    KILL = "kill"
    STOP = "stop"
    DATABASE = "database"
    EVERYTHING = "everything"


@dataclass(frozen=True, slots=True)
class Happening:
    """A deed at so many seconds; ``key`` and ``value`` as they go onto the topic, or whom it concerns. By hand: the
    account, and USDC to buy for or the part to sell of what it holds."""

    at: float
    deed: Deed
    key: str
    value: bytes = b""


@dataclass(frozen=True, slots=True)
class Follows:
    """One follower follows one leader."""

    allocation_id: str
    account_id: str
    leader: str
    settings: str


@dataclass(frozen=True, slots=True)
class Faults:
    """How often, of a thousand steps or deeds, something goes wrong. ``blows``: at exactly these steps."""

    kills: int = 0
    stops: int = 0
    restarts: int = 0
    broken_commits: int = 0
    bad_fates: int = 0
    blows: Mapping[int, Blow] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A run before it runs. ``fates``: of the POSTs in the order they are made, plain after the last.
    ``buys_most`` of a leader's BUYs of a minute are decided."""

    name: str
    happenings: Sequence[Happening]
    follows: Sequence[Follows]
    cash: Mapping[str, Decimal]
    fee_rate: Decimal = Decimal(0)
    fates: Sequence[Fate] = ()
    faults: Faults = Faults()
    buys_most: int = MOST_BUYS


def settings(**changes: Any) -> str:
    """Settings as stored."""
    plain = {"mode": "multiplier", "multiplier": "0.1", "budget_usdc": "50", "max_age_seconds": 60}
    return orjson.dumps(plain | changes).decode()


def trade(
    at: float,
    number: int,
    side: Side,
    size: str,
    price: str = "0.5",
    *,
    leader: str = LEADERS[0],
    token_id: str = TOKENS[0],
    kind: TradeKind = TradeKind.TRADE,
) -> Happening:
    """A fill of a leader, traded a moment before it comes."""
    usdc = (Decimal(size) * Decimal(price)).quantize(Decimal("0.000001"))
    seen = TradeSeen(
        trade_id=f"0x{number:064x}-0",
        tx_hash=f"0x{number:064x}",
        kind=kind,
        source=Source.CHAIN,
        wallet=leader,
        side=side,
        token_id=token_id,
        size=Decimal(size),
        price=Decimal(price),
        usdc=usdc,
        traded_at=BEGINNING + timedelta(seconds=at),
    )
    return Happening(at + 0.2, Deed.TRADE, leader, seen.encode())


def from_seed(seed: int) -> Scenario:
    """A small world with everything wrong in it that may go wrong."""
    chance = Random(f"scenario {seed}")  # noqa: S311 (a simulation, not a secret)
    two = chance.random() < 0.4
    leaders = LEADERS if two else LEADERS[:1]
    follows = [_follows(chance, "A-1", "M-1", LEADERS[0])]
    if two:
        follows.append(_follows(chance, "A-2", "M-1", LEADERS[1]))
    if chance.random() < 0.4:
        follows.append(_follows(chance, "A-3", "M-2", LEADERS[0]))
    happenings = _trades(chance, leaders)
    happenings += _people(chance, follows)
    happenings += _by_hand(chance)
    happenings.sort(key=lambda each: each.at)
    return Scenario(
        f"seed {seed}",
        happenings,
        follows,
        {"M-1": Decimal(chance.choice([12, 30, 200])), "M-2": Decimal(60)},
        Decimal(chance.choice(["0", "0.05"])),
        faults=Faults(
            kills=chance.choice([0, 4, 12]),
            stops=chance.choice([0, 3]),
            restarts=chance.choice([0, 2]),
            broken_commits=chance.choice([0, 30]),
            bad_fates=chance.choice([0, 300, 700]),
        ),
    )


def fate_by_chance(chance: Random) -> Fate:
    """What may go wrong with one POST."""
    return chance.choice(
        (
            Fate(arrives=None, answers=None),
            Fate(answers=None),
            Fate(arrives=chance.uniform(0.5, 4.9), answers=None),
            Fate(status=500),
            Fate(status=503, part=0),
            Fate(status=425, part=0),
            Fate(part=1),
            Fate(part=0),
            Fate(refuses="not enough balance / allowance"),
            Fate(rests=True),
            Fate(listed=chance.uniform(0.1, 8.0)),
            Fate(answers=4.0, listed=2.0),
            Fate(fails=chance.uniform(0.1, 20.0)),
            Fate(fails=chance.uniform(0.1, 20.0), part=1),
            PLAIN,
        )
    )


def _follows(chance: Random, name: str, account: str, leader: str) -> Follows:
    changes: dict[str, Any] = {
        "multiplier": chance.choice(["0.1", "0.5", "1"]),
        "budget_usdc": chance.choice(["8", "20", "100"]),
        "below_minimum": chance.choice(["skip", "raise", "carry"]),
        "max_age_seconds": chance.choice([5, 30, 60]),
        "exit_attempts_max": chance.choice([1, 2, 5]),
    }
    if chance.random() < 0.3:
        changes |= {"mode": "fixed_amount", "fixed_amount_usdc": chance.choice(["2", "7.5"])}
    if chance.random() < 0.3:
        changes["max_per_market_usdc"] = "9"
    if chance.random() < 0.2:
        changes["max_per_day_usdc"] = "12"
    return Follows(name, account, leader, settings(**changes))


def _trades(chance: Random, leaders: Sequence[str]) -> list[Happening]:
    made: list[Happening] = []
    at = 0.0
    for number in range(chance.randint(2, 7)):
        at += chance.choice([0.05, 0.3, 1.0, 3.0, 12.0])
        side = Side.BUY if number == 0 or chance.random() < 0.6 else Side.SELL
        size = chance.choice(["4", "12", "30", "30", "77.123456"])
        price = chance.choice(["0.31", "0.5", "0.87"])
        who, what = chance.choice(leaders), TOKENS[chance.random() < 0.25]
        one = trade(at, number + 1, side, size, price, leader=who, token_id=what)
        made.append(one)
        if chance.random() < 0.2:
            made.append(Happening(one.at + chance.uniform(0, 4), one.deed, one.key, one.value))
        if chance.random() < 0.06:
            made.append(Happening(one.at, Deed.TRADE, who, GARBAGE))
    if chance.random() < 0.1:
        made.append(trade(at, 900, Side.BUY, "30", leader=SMART))
        made.append(Happening(at, Deed.ROGUE, SMART, b""))
    return made


def _people(chance: Random, follows: Sequence[Follows]) -> list[Happening]:
    made: list[Happening] = []
    if chance.random() < 0.25:
        at, whom = chance.uniform(0, 10), chance.choice(follows).allocation_id
        made += [Happening(at, Deed.PAUSE, whom), Happening(at + chance.uniform(0.2, 9), Deed.RESUME, whom)]
    if chance.random() < 0.15:
        at = chance.uniform(0, 10)
        made += [
            Happening(at, Deed.STOP_BUYS, ""),
            Happening(at + chance.uniform(0.2, 9), Deed.ALLOW_BUYS, ""),
        ]
    if chance.random() < 0.1:
        made.append(Happening(chance.uniform(1, 15), Deed.END, chance.choice(follows).allocation_id))
    return made


def _by_hand(chance: Random) -> list[Happening]:
    made: list[Happening] = []
    while chance.random() < 0.2:
        made.append(Happening(chance.uniform(0, 10), Deed.BUY_BY_HAND, "M-1", chance.choice((b"4", b"11.5"))))
    while chance.random() < 0.25:
        part = chance.choice((b"0.4", b"1"))
        made.append(Happening(chance.uniform(1, 20), Deed.SELL_BY_HAND, "M-1", part))
    return made
