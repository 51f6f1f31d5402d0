"""Every worked run of smart traders' messages yields the signals that RULES §7 has."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest

from schemas.trades import TradeSeen
from streams.classify.ledger import NOTHING, Position, Step, Verdict, fold, verdict
from streams.smart_trader.signals import Growth, Signal, grown, objection
from tests.vectors.cases import Json, load, message_of, moment, name_of, some

CASES = load("signals.json")
Key = tuple[str, str]


class Run:
    """The ledger of one run and its signals by (wallet, token, start of the burst)."""

    def __init__(self, given: Json) -> None:
        self.given = given
        self.positions: dict[Key, Position] = {}
        self.known: dict[Key, bytes] = {}
        self.signals: dict[tuple[str, str, datetime], Signal] = {}
        self.first_entry: dict[tuple[str, str, datetime], bool] = {}
        self.announced: list[tuple[str, str, datetime]] = []

    def take(self, message: TradeSeen, arrived_at: datetime) -> Json:
        content = message.content_hash()
        result = verdict(self.known.get((message.wallet, message.trade_id)), content)
        if result is not Verdict.APPLIED:
            return {"signal": "none", "reason": result.value}
        self.known[message.wallet, message.trade_id] = content
        key = (message.wallet, message.token_id)
        former = self.positions.get(key, NOTHING)
        step = fold(former, message.kind, message.side, message.size, message.traded_at)
        self.positions[key] = step.position
        growth, reason = self.weigh(message, arrived_at, step)
        return {"signal": growth.value} | ({} if reason is None else {"reason": reason})

    def weigh(self, message: TradeSeen, arrived_at: datetime, step: Step) -> tuple[Growth, str | None]:
        market = self.given["markets"].get(message.token_id)
        against = objection(
            message.kind,
            message.side,
            message.price,
            message.traded_at,
            arrived_at=arrived_at,
            win_rate=some(self.given["win_rates"], message.wallet),
            market_closed=None if market is None else market["closed"],
        )
        if against is not None:
            return Growth.NONE, against
        assert step.burst_started_at is not None
        assert message.usdc is not None
        key = (message.wallet, message.token_id, step.burst_started_at)
        signal, growth, reason = grown(
            self.signals.get(key, Signal()),
            message.usdc,
            message.size,
            message.traded_at,
            Decimal(self.given["threshold_usdc"]),
        )
        self.signals[key], self.first_entry[key] = signal, step.first_entry
        if growth is Growth.NEW:
            self.announced.append(key)
        return growth, reason


def signal_of(expect: Json) -> Json:
    numbers = ("usdc", "shares", "average_price", "fills")
    times = ("burst_started_at", "first_at", "last_at")
    return {
        **expect,
        **{key: Decimal(expect[key]) for key in numbers},
        **{key: moment(expect[key]) for key in times},
    }


def as_json(run: Run, key: tuple[str, str, datetime]) -> Json:
    signal = run.signals[key]
    wallet, token_id, burst_started_at = key
    return {
        "wallet": wallet,
        "token_id": token_id,
        "burst_started_at": burst_started_at,
        "usdc": signal.usdc,
        "shares": signal.shares,
        "average_price": signal.average_price,
        "fills": Decimal(signal.fills),
        "first_at": signal.first_at,
        "last_at": signal.last_at,
        "first_entry": run.first_entry[key],
    }


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_vectors_signals(case: Json) -> None:
    """What each message did, and the signals in the order in which they became new."""
    run = Run(case["given"])
    results = [
        run.take(message_of(message), moment(message["arrived_at"])) for message in case["given"]["messages"]
    ]
    assert results == [
        {key: value for key, value in row.items() if value is not None} for row in case["expect"]["results"]
    ]
    assert [as_json(run, key) for key in run.announced] == [
        signal_of(row) for row in case["expect"]["signals"]
    ]
