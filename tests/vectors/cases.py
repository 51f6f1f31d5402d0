"""Where the worked cases lie, and how their JSON becomes the values our code takes."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from schemas.allocations import AllocationSettings
from schemas.enums import AllocationState, Side, TradeKind
from schemas.trades import TradeSeen
from streams.copy_execution.books import Books, Carried, Lot, OpenBuys
from streams.copy_execution.inputs import Account, Allocation, LeaderValue, Market, Trade

Json = dict[str, Any]
ROOT = Path(__file__).resolve().parents[2]
VECTORS = Path(os.environ.get("POLYCOOL_VECTORS") or ROOT.parent / "shared" / "vectors")


def load(name: str) -> list[Json]:
    """The cases of one file; the calling module is skipped, saying so, where there are none."""
    path = VECTORS / name
    if not path.is_file():
        pytest.skip(f"no vectors at {path} (POLYCOOL_VECTORS names their directory)", allow_module_level=True)
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def name_of(case: Json) -> str:
    return str(case["name"])


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def some(given: Json, key: str) -> Decimal | None:
    return None if given.get(key) is None else Decimal(given[key])


def some_moment(given: Json, key: str) -> datetime | None:
    return None if given.get(key) is None else moment(given[key])


def trade_of(given: Json, **place: Any) -> Trade:
    return Trade(
        trade_id=given["trade_id"],
        wallet=given["wallet"],
        side=Side(given["side"]),
        token_id=given["token_id"],
        size=Decimal(given["size"]),
        price=Decimal(given["price"]),
        usdc=Decimal(given["usdc"]),
        traded_at=moment(given["traded_at"]),
        kind=TradeKind(given.get("kind", "trade")),
        order_hash=given.get("order_hash"),
        **place,
    )


def message_of(given: Json) -> TradeSeen:
    """A message as it comes in; the cases' hashes are shorter than real ones, so they stand for themselves."""
    facts = {key: value for key, value in given.items() if key in TradeSeen.model_fields}
    for key in ("tx_hash", "order_hash"):
        if facts.get(key) is not None:
            facts[key] = facts[key].ljust(66, "0")
    return TradeSeen.model_validate(facts)


def market_of(given: Json | None) -> Market | None:
    if given is None:
        return None
    return Market(
        market_id=given["market_id"],
        tick=Decimal(given["tick"]),
        fee_rate=Decimal(given["fee_rate"]),
        min_buy_usdc=some(given, "min_buy_usdc") or Decimal(1),
        end_at=some_moment(given, "end_at"),
        closed=given.get("closed") or False,
        category=given.get("category"),
        question=given.get("question"),
    )


def settings_of(given: Json) -> AllocationSettings:
    fields = AllocationSettings.model_fields
    return AllocationSettings.model_validate({key: value for key, value in given.items() if key in fields})


def allocation_of(given: Json) -> Allocation:
    return Allocation(
        allocation_id=given["allocation_id"],
        follower=given["follower"],
        leader=given["leader"],
        active_from=moment(given["active_from"]),
        settings=settings_of(given),
        state=AllocationState(given.get("state", "active")),
    )


def account_of(given: Json) -> Account:
    return Account(
        wallet=given["wallet"],
        cash_usdc=Decimal(given["cash_usdc"]),
        reserved_usdc=Decimal(given["reserved_usdc"]),
        lots_cost_usdc=Decimal(given["lots_cost_usdc"]),
        live_day_room_usdc=some(given, "live_day_room_usdc"),
    )


def leader_value_of(given: Json | None) -> LeaderValue | None:
    return None if given is None else LeaderValue(Decimal(given["usdc"]), moment(given["taken_at"]))


def lot_of(given: Json) -> Lot:
    return Lot(
        market_id=given.get("market_id", ""),
        shares=Decimal(given["shares"]),
        cost_usdc=Decimal(given["cost_usdc"]),
        target_shares=Decimal(given["target_shares"]),
        adds=int(given["adds"]),
        selling_shares=some(given, "selling_shares") or Decimal(0),
    )


def books_of(given: Json) -> Books:
    books = Books(day_spent_usdc=Decimal(given["day_spent_usdc"]))
    for token_id, lot in given["lots"].items():
        books.lots[token_id] = lot_of(lot)
        books.put_to_work(lot["market_id"], Decimal(lot["cost_usdc"]))
    for token_id, buys in given["open_buys"].items():
        books.open_buys[token_id] = OpenBuys(int(buys["count"]), Decimal(buys["reserved_usdc"]))
        books.reserve(buys["market_id"], Decimal(buys["reserved_usdc"]))
    for token_id, kept in given["carried"].items():
        books.carried[token_id] = Carried(Decimal(kept["usdc"]), moment(kept["since"]))
    books.taken_orders.update(given["taken_up"]["order_hashes"])
    for burst in given["taken_up"]["bursts"]:
        books.taken_bursts.add((burst["token_id"], moment(burst["burst_started_at"])))
    return books
