"""All faults at once, on a third of the POSTs: every order is placed at most once, and money is only moved."""

from __future__ import annotations

import asyncio
from collections import Counter
from decimal import Decimal
from typing import Any

import httpx
from polymarket._internal.actions.orders.types import UnsignedOrder

from ops.paper.faults import Fault
from tests.paper.conftest import StartExchange
from tests.paper.hand_made import Desk, unsigned
from tests.waiting import eventually

ORDERS = 120
SHARE = 0.3


async def _post_until_clear(desk: Desk, order: UnsignedOrder) -> str:
    """What a careful client does: the same bytes again, until the exchange says clearly yes, no, or Duplicated."""
    body = desk.body(order)
    for _ in range(30):
        try:
            answer = await desk.ask("POST", "/order", body)
            content = answer.json()
        except (httpx.TransportError, ValueError):
            continue
        if answer.status_code == 200:
            return str(content["status"])
        if "Duplicated" in content.get("error", ""):
            return "there already"
    raise AssertionError("never a clear answer")


async def test_a_third_of_the_posts_misbehave_and_nothing_is_lost_or_made(
    start_exchange: StartExchange,
) -> None:
    """Promise: under all faults by seed, the same bytes again and again place an order once; the ledger balances."""
    exchange = await start_exchange()
    desk = await Desk.open(exchange, "100000")
    desk._http.timeout = httpx.Timeout(1.0)
    share = SHARE / len(Fault)
    rules: list[dict[str, Any]] = [{"fault": fault, "share": share} for fault in Fault]
    for rule in rules:
        if rule["fault"] in ("accept_then_hang", "arrive_late", "slow"):
            rule |= {"seconds": 0.9, "seconds_to": 1.3}
        if rule["fault"] in (
            "refuse_late",
            "settlement_fails",
            "delayed_then_matched",
            "delayed_then_killed",
        ):
            rule |= {"seconds": 0.3}
    await exchange.admin("PUT", "conduct", {"rules": rules, "seed": 20})
    orders = [unsigned(desk.trader) for _ in range(ORDERS)]
    outcomes: Counter[str] = Counter()
    for start in range(0, ORDERS, 20):
        outcomes.update(
            await asyncio.gather(*(_post_until_clear(desk, order) for order in orders[start : start + 20]))
        )
    told = {rule["fault"]: rule["used"] for rule in (await exchange.admin("GET", "conduct"))["rules"]}
    await exchange.admin("PUT", "conduct", {"rules": []})
    desk._http.timeout = httpx.Timeout(20.0)
    assert sum(told.values()) > ORDERS * SHARE / 2
    assert sum(1 for used in told.values() if used) > len(Fault) / 2
    assert outcomes["matched"] + outcomes["there already"] > ORDERS * 0.7

    async def settled() -> bool:
        rows = (await desk.ask("GET", "/data/trades")).json()["data"]
        return bool(rows) and all(row["status"] in ("CONFIRMED", "FAILED") for row in rows)

    assert await eventually(settled)
    rows = (await desk.ask("GET", "/data/trades")).json()["data"]
    per_order = Counter(row["taker_order_id"] for row in rows)
    assert set(per_order.values()) == {1}, "no order is filled twice"
    good = [row for row in rows if row["status"] == "CONFIRMED"]
    shares = sum(Decimal(row["size"]) for row in good)
    balances = await desk.balances()
    assert sum(Decimal(amount) for asset, amount in balances.items() if asset != "USDC") == shares
    await exchange.assert_conserved()
    await desk.close()
