"""Every worked case of one decision comes out as an independent reading of RULES §3 and §4 has it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from schemas.money import ZERO
from streams.copy_execution.circumstances import circumstances
from streams.copy_execution.decide import decide
from streams.copy_execution.decision import Decision
from streams.copy_execution.inputs import Switches
from streams.copy_execution.limit_price import next_sell_limit
from tests.vectors.cases import (
    Json,
    account_of,
    allocation_of,
    books_of,
    leader_value_of,
    load,
    market_of,
    moment,
    name_of,
    settings_of,
    some,
    some_moment,
    trade_of,
)

BUYS = load("buy.json")
SELLS = load("sell.json")


def outcome(decision: Decision | None) -> Json:
    if decision is None:
        return {"state": "none"}
    said = {
        "state": decision.state.value,
        "reason": decision.reason,
        "amount": decision.amount_usdc,
        "limit": decision.limit_price,
        "reserve": decision.reserve_usdc,
        "shares": decision.shares,
        "target_shares": decision.target_shares,
        "reduced_by": decision.reduced_by,
        "carried_usdc": decision.carried_usdc,
        "carried_since": decision.carried_since,
    }
    return {key: value for key, value in said.items() if value is not None}


def expected(expect: Json) -> Json:
    numbers = ("amount", "limit", "reserve", "shares", "target_shares", "carried_usdc")
    given = {key: value for key, value in expect.items() if value is not None}
    values: Json = {key: Decimal(value) if key in numbers else value for key, value in given.items()}
    if "carried_since" in given:
        values["carried_since"] = moment(given["carried_since"])
    return values


def decided(given: Json) -> Decision | None:
    trade = trade_of(
        given["trade"],
        leader_before=some(given, "leader_before") or ZERO,
        burst_started_at=some_moment(given, "burst_started_at"),
    )
    seen = circumstances(
        trade,
        moment(given["now"]),
        market_of(given["market"]),
        leader_value_of(given.get("leader_value")),
        Switches(buys_stopped=given.get("buys_stopped", False)),
    )
    return decide(
        seen, allocation_of(given["allocation"]), account_of(given["follower"]), books_of(given["books"])
    )


@pytest.mark.parametrize("case", BUYS, ids=name_of)
def test_vectors_buy(case: Json) -> None:
    """One BUY of a leader for one follower."""
    assert outcome(decided(case["given"])) == expected(case["expect"])


@pytest.mark.parametrize("case", [case for case in SELLS if "retry" not in case["given"]], ids=name_of)
def test_vectors_sell(case: Json) -> None:
    """One SELL of a leader for one follower."""
    assert outcome(decided(case["given"])) == expected(case["expect"])


@pytest.mark.parametrize("case", [case for case in SELLS if "retry" in case["given"]], ids=name_of)
def test_vectors_sell_retry(case: Json) -> None:
    """The limit of a second or later attempt of a SELL."""
    retry = case["given"]["retry"]
    limit = next_sell_limit(
        Decimal(retry["price"]),
        some(retry, "best_bid"),
        Decimal(retry["former_limit"]),
        Decimal(retry["tick"]),
        settings_of({"mode": "multiplier", "multiplier": "1", "budget_usdc": "1", **retry}),
    )
    assert limit == Decimal(case["expect"]["limit"])
