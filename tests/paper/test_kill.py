"""Killed at any moment: an answered order is in the ledger, an unanswered one wholly or not at all."""

from __future__ import annotations

import asyncio
import random
import signal
from decimal import Decimal
from typing import Any

import httpx
import psycopg

from tests.conftest import until_ready
from tests.paper.conftest import StartExchange
from tests.paper.exchange import YES, Exchange
from tests.paper.hand_made import Desk, unsigned
from tests.waiting import eventually

KILLS = 4
ORDERS_PER_ROUND = 120
COST = Decimal("5.125")  # 5 USDC, and 10 shares · 5 % · 0.5 · 0.5


async def _post(desk: Desk, body: dict[str, Any]) -> httpx.Response | None:
    try:
        return await desk.ask("POST", "/order", body)
    except httpx.TransportError:
        return None


async def _round(exchange: Exchange, desks: list[Desk], chance: random.Random) -> list[tuple[Desk, Any, Any]]:
    """Post orders from all desks at once and kill the exchange somewhere in between."""
    orders = [(desk, desk.body(unsigned(desk.trader))) for desk in desks for _ in range(30)]
    kill_after = chance.randrange(1, ORDERS_PER_ROUND - 10)
    answered = 0

    async def post(desk: Desk, body: dict[str, Any]) -> tuple[Desk, Any, Any]:
        nonlocal answered
        answer = await _post(desk, body)
        answered += 1
        if answered == kill_after:
            exchange.program.kill()
        return desk, body, answer

    return await asyncio.gather(*(post(desk, body) for desk, body in orders))


async def test_kill_minus_nine_under_load_loses_and_doubles_nothing(start_exchange: StartExchange) -> None:
    """Promise: after each kill, what was answered is there, what was not can be posted again and fills once."""
    exchange = await start_exchange()
    desks = [await Desk.open(exchange, "10000") for _ in range(4)]
    chance, posted, unanswered = random.Random(7), 0, 0  # noqa: S311  # repeatable, not secret
    for _ in range(KILLS):
        outcomes = await _round(exchange, desks, chance)
        assert exchange.program.exit_code() == -signal.SIGKILL
        exchange.program.start()
        await until_ready(exchange.program)
        await exchange.assert_conserved()
        posted += len(outcomes)
        for desk, body, answer in outcomes:
            if answer is not None:
                assert answer.status_code == 200, answer.text
                order_id = answer.json()["orderID"]
                found = await desk.ask("GET", f"/data/order/{order_id}")
                assert found.json()["associate_trades"] == answer.json()["tradeIDs"]
            else:
                unanswered += 1
                again = await desk.ask("POST", "/order", body)
                assert again.status_code == 200 or "Duplicated" in again.text
    assert unanswered > 0, "no kill hit an order on its way"
    assert posted == KILLS * ORDERS_PER_ROUND
    spent = 10_000 - COST * 30 * KILLS
    for desk in desks:
        assert {asset: Decimal(amount) for asset, amount in (await desk.balances()).items()} == {
            "USDC": spent,
            YES: Decimal(10 * 30 * KILLS),
        }
        await desk.close()
    await exchange.assert_conserved()


async def test_a_lost_database_connection_is_made_anew(
    start_exchange: StartExchange, paper_database: str
) -> None:
    """Promise: when the database drops every connection, orders fail with a 500 at most, then go on; books agree."""
    exchange = await start_exchange()
    desk = await Desk.open(exchange)
    assert (await desk.post(unsigned(desk.trader))).status_code == 200
    with psycopg.connect(paper_database, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    body = desk.body(unsigned(desk.trader))

    async def placed() -> bool:
        answer = await desk.ask("POST", "/order", body)
        assert answer.status_code in (200, 400, 500)
        assert answer.status_code != 400 or "Duplicated" in answer.text
        return answer.status_code != 500

    assert await eventually(placed)
    trades = (await desk.ask("GET", "/data/trades")).json()["data"]
    assert len(trades) == 2
    await exchange.assert_conserved()
    await desk.close()


async def test_a_second_exchange_on_the_same_database_does_not_start(start_exchange: StartExchange) -> None:
    """Promise: two exchanges never write one ledger: the second says so in a sentence and ends with 3."""
    exchange = await start_exchange()
    second = Exchange(
        exchange.database_url, exchange.directory / "second", {"POLYCOOL_PAPER_TAKEOVER_SECONDS": "0.5"}
    )
    second.directory.mkdir()
    second.program.start()
    try:
        assert await eventually(lambda: second.program.exit_code() is not None, 40.0)
        assert second.program.exit_code() == 3
        assert "another paper exchange writes to this database" in second.program.tail()
    finally:
        second.program.stop()
    assert (await exchange.ask_admin("GET", "ledger")).status_code == 200
