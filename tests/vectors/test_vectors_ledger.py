"""Every worked run of a wallet's messages moves the ledger as RULES §6 has it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from schemas.trades import TradeSeen
from streams.classify.ledger import NOTHING, Position, Verdict, fold, verdict
from tests.vectors.cases import Json, load, message_of, moment, name_of

CASES = load("ledger.json")
Key = tuple[str, str]


class Run:
    """The positions and the known messages of one run."""

    def __init__(self) -> None:
        self.positions: dict[Key, Position] = {}
        self.known: dict[Key, bytes] = {}

    def take(self, message: TradeSeen) -> Json:
        content = message.content_hash()
        result = verdict(self.known.get((message.wallet, message.trade_id)), content)
        if result is not Verdict.APPLIED:
            return {"result": result.value}
        self.known[message.wallet, message.trade_id] = content
        key = (message.wallet, message.token_id)
        former = self.positions.get(key, NOTHING)
        step = fold(former, message.kind, message.side, message.size, message.traded_at)
        self.positions[key] = step.position
        return {
            "result": result.value,
            "before": step.before,
            "after": step.after,
            "gap": step.gap,
            "ended": step.ended,
            "burst_started_at": step.burst_started_at,
        }


def step_of(expect: Json) -> Json:
    values: Json = {key: Decimal(expect[key]) for key in ("before", "after", "gap") if key in expect}
    if not values:
        return {"result": expect["result"]}
    burst = expect.get("burst_started_at")
    values["burst_started_at"] = None if burst is None else moment(burst)
    return {**expect, **values}


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_vectors_ledger(case: Json) -> None:
    """What each message did, and what every wallet holds in the end."""
    run = Run()
    steps = [run.take(message_of(message)) for message in case["given"]["messages"]]
    assert steps == [step_of(step) for step in case["expect"]["steps"]]
    held = {key: (position.shares, position.gap, position.unsure) for key, position in run.positions.items()}
    assert held == {
        (row["wallet"], row["token_id"]): (Decimal(row["shares"]), Decimal(row["gap"]), row["unsure"])
        for row in case["expect"]["positions"]
    }
