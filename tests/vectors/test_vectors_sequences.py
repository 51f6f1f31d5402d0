"""Every worked run (trades, settings, markets, switches, resolutions) ends as an independent reading has it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from ops.backtest.lines import line_fields
from streams.copy_execution.inputs import Account, Market
from streams.what_if.events import (
    BuysSwitched,
    Event,
    LeaderValueSeen,
    MarketClosed,
    MarketResolved,
    NewVersion,
)
from streams.what_if.fill_models import FillModel, fills_of
from streams.what_if.following import Following
from streams.what_if.run import Run
from tests.vectors.cases import (
    Json,
    allocation_of,
    leader_value_of,
    load,
    market_of,
    message_of,
    moment,
    name_of,
)

CASES = load("sequences.json")
NUMBERS = ("amount", "shares", "limit", "reserve", "target_shares", "carried_usdc")


def event_of(given: Json) -> Event:
    if "trade" in given:
        return message_of(given["trade"])
    if "allocation" in given:
        return NewVersion(given["allocation"], given["set"])
    if "market" in given:
        return MarketClosed(given["market"], given["set"]["closed"])
    if "leader_value" in given:
        value = given["leader_value"]
        return LeaderValueSeen(value["wallet"], Decimal(value["usdc"]), moment(value["taken_at"]))
    if "buys_stopped" in given:
        return BuysSwitched(given["buys_stopped"])
    resolved = given["resolved"]
    payouts = {token: Decimal(payout) for token, payout in resolved["payouts"].items()}
    return MarketResolved(resolved["market_id"], payouts)


def run_of(given: Json) -> Run:
    accounts = {
        row["wallet"]: Account(row["wallet"], Decimal(row["cash_usdc"])) for row in given["followers"]
    }
    followings = [Following(allocation_of(row), accounts[row["follower"]]) for row in given["allocations"]]
    markets: dict[str, Market] = {}
    for token_id, row in given["markets"].items():
        market = market_of(row)
        assert market is not None
        markets[token_id] = market
    values = {
        wallet: value for wallet, row in given["leader_values"].items() if (value := leader_value_of(row))
    }
    delay = timedelta(microseconds=int(Decimal(given["delay_seconds"]) * 1_000_000))
    return Run(followings, markets, values, fills_of(FillModel(given["fill_model"])), delay)


def by_value(row: Json) -> Json:
    return {
        key: Decimal(value) if key in NUMBERS else value for key, value in row.items() if value is not None
    }


def lots_of(following: Following) -> Json:
    return {
        token_id: {
            "shares": lot.shares,
            "cost_usdc": lot.cost_usdc,
            "target_shares": lot.target_shares,
            "adds": Decimal(lot.adds),
        }
        for token_id, lot in following.books.lots.items()
    }


def numbers(rows: Json) -> Json:
    return {key: numbers(value) if isinstance(value, dict) else Decimal(value) for key, value in rows.items()}


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_vectors_sequences(case: Json) -> None:
    """Each decision of the run in order, who is told, and the books in the end."""
    run, expect = run_of(case["given"]), case["expect"]
    copies = [copy for event in case["given"]["events"] for copy in run.take(event_of(event))]
    assert [by_value(dict(line_fields(copy))) for copy in copies] == [
        by_value(row) for row in expect["orders"]
    ]
    assert [(told.trade_id, told.allocation_id) for told in run.told] == [
        (row["trade_id"], row["allocation_id"]) for row in expect["told"]
    ]
    ids = {following.allocation.allocation_id: following for following in run.followings}
    held = {f.account.wallet: f.account.cash_usdc for f in run.followings}
    idle = {row["wallet"]: Decimal(row["cash_usdc"]) for row in case["given"]["followers"]}
    assert idle | held == numbers(expect["cash"])
    assert {key: f.books.realised_usdc for key, f in ids.items()} == numbers(expect["realised"])
    assert {key: lots_of(f) for key, f in ids.items()} == numbers(expect["lots"])
    carried = {key: {token: kept.usdc for token, kept in f.books.carried.items()} for key, f in ids.items()}
    assert carried == numbers(expect["carried"])
