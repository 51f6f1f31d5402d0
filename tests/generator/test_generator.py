"""The market made from a seed."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice, pairwise

import pytest

from ops.generator.cast import cast
from ops.generator.events import Event, Listed, Repeated, Traded
from ops.generator.names import Names
from ops.generator.play import generate
from schemas.enums import AddressType, Side, TradeKind

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SEED, RATE, LENGTH = 7, 20, 3_000
_PRINTED = (
    "import hashlib; from itertools import islice; from ops.generator.play import generate; "
    f"print(hashlib.sha256(repr(list(islice(generate({SEED}, {RATE}), {LENGTH}))).encode()).hexdigest())"
)


@pytest.fixture(scope="module")
def events() -> list[Event]:
    """Two minutes of the play."""
    return list(islice(generate(SEED, RATE), LENGTH))


@pytest.fixture(scope="module")
def trades(events: list[Event]) -> list[Traded]:
    """What was traded in them."""
    return [event for event in events if isinstance(event, Traded)]


def wallet_of(label: str) -> str:
    """The wallet of somebody of the play."""
    return next(actor.person.wallet for actor in cast(Names(SEED)) if actor.person.label == label)


def of(trades: list[Traded], label: str) -> list[Traded]:
    """The trades of somebody."""
    return [trade for trade in trades if trade.wallet == wallet_of(label)]


def test_the_same_seed_gives_the_same_trades_in_every_process(events: list[Event]) -> None:
    """Also where hashes of text differ from run to run."""
    here = hashlib.sha256(repr(events).encode()).hexdigest()
    for salt in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", _PRINTED],
            env=os.environ | {"PYTHONHASHSEED": salt},
            capture_output=True,
            check=True,
        )
        assert done.stdout.decode().strip() == here


def test_another_seed_gives_other_trades(trades: list[Traded]) -> None:
    """Nothing of one seed's play is named as in another's."""
    other = [event for event in islice(generate(SEED + 1, RATE), LENGTH) if isinstance(event, Traded)]
    assert not {trade.trade_id for trade in trades} & {trade.trade_id for trade in other}
    assert not {trade.wallet for trade in trades} & {trade.wallet for trade in other}


def test_events_come_in_order_of_time_and_at_about_the_rate(
    events: list[Event], trades: list[Traded]
) -> None:
    """The rhythm is uneven, the rate is as asked within a fifth."""
    times = [event.at for event in events]
    assert times == sorted(times)
    assert LENGTH / RATE * 0.8 < times[-1] / 1_000_000 < LENGTH / RATE * 1.2
    gaps = Counter(after.at - before.at for before, after in pairwise(trades))
    assert len(gaps) > 100


def test_every_message_is_valid_and_nothing_in_it_is_a_float(events: list[Event]) -> None:
    """Markets and trades pass their models; money is consistent; repeated trades were there before."""
    seen: set[str] = set()
    for event in events:
        assert not any(isinstance(value, float) for value in dataclasses.astuple(event))
        if isinstance(event, Traded):
            assert event.message(NOW).consistent
            assert event.trade_id not in seen, "one name, two fills"
            seen.add(event.trade_id)
        elif isinstance(event, Listed):
            assert event.message(NOW, NOW).token_id
        else:
            assert event.trade_id in seen


def test_nobody_sells_what_they_do_not_hold(trades: list[Traded]) -> None:
    """Positions never go below nothing, so that the leaders' ledgers stay sure."""
    held: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for trade in trades:
        held[trade.wallet, trade.token_id] += trade.size if trade.side is Side.BUY else -trade.size
        assert held[trade.wallet, trade.token_id] >= 0


def test_leaders_are_of_different_temper(trades: list[Traded]) -> None:
    """A whale with many fills per order, a scalper who is out again, a holder, one who exits by redeem and merge."""
    fills = Counter(trade.order_hash for trade in of(trades, "Wilma the whale"))
    assert max(fills.values()) >= 8
    scalper = Counter(trade.side for trade in of(trades, "Skip the scalper"))
    assert scalper[Side.SELL] > scalper[Side.BUY] / 3
    assert {trade.side for trade in of(trades, "Hilda the holder")} == {Side.BUY}
    kinds = {trade.kind for trade in of(trades, "Rudi who redeems") if trade.side is Side.SELL}
    assert kinds == {TradeKind.REDEEM, TradeKind.MERGE}


def test_the_market_is_lively(events: list[Event], trades: list[Traded]) -> None:
    """Every role, strangers, repetitions, fills that share a transaction, several markets, and resolutions."""
    people = {actor.person.wallet: actor.person for actor in cast(Names(SEED))}
    roles = Counter(people[trade.wallet].roles for trade in trades)
    leaders = sum(count for held, count in roles.items() if AddressType.COPY_LEADER in held)
    smart = sum(count for held, count in roles.items() if AddressType.SMART_TRADER in held)
    assert min(leaders, smart, roles[frozenset()]) > len(trades) / 10
    assert frozenset({AddressType.COPY_LEADER, AddressType.SMART_TRADER}) in roles
    assert sum(isinstance(event, Repeated) for event in events) > 20
    assert max(Counter(trade.tx_hash for trade in trades).values()) == 3
    assert len({trade.token_id for trade in trades}) > 15
    resolved = [event for event in events if isinstance(event, Listed) and event.payout is not None]
    assert len({event.market_id for event in resolved}) >= 2
    assert {event.payout for event in resolved} == {Decimal(0), Decimal(1)}


def test_after_its_resolution_nobody_trades_a_market(events: list[Event]) -> None:
    """Only redemptions follow."""
    ended: set[str] = set()
    for event in events:
        if isinstance(event, Listed) and event.payout is not None:
            ended.add(event.token_id)
        elif isinstance(event, Traded) and event.token_id in ended:
            assert event.kind is TradeKind.REDEEM
    assert ended


def test_smart_traders_make_bursts_worth_a_signal(trades: list[Traded]) -> None:
    """Some of their buys add up to 300 USDC within one run (RULES §7)."""
    sums: dict[str | None, Decimal] = defaultdict(Decimal)
    for trade in of(trades, "Smart Otto"):
        sums[trade.order_hash] += trade.usdc or 0
    assert max(sums.values()) >= 300
