"""Modes and limits: what is refused, in whose words, with which headers; and that nothing was placed by it."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from ops.paper.buckets import Bucket
from ops.paper.mode import Mode, ModeForm, TradingMode
from tests.paper.conftest import StartExchange
from tests.paper.exchange import MARKET, NO, YES, Exchange
from tests.paper.hand_made import Desk, unsigned
from tests.waiting import eventually


@pytest.fixture
async def alone(exchange: Exchange) -> AsyncIterator[Desk]:
    """A trader; afterwards the exchange is open and without limits again."""
    made = await Desk.open(exchange)
    yield made
    await exchange.admin("PUT", "schedule", {"steps": []})
    await exchange.admin("PUT", "mode", {"mode": "open"})
    await exchange.admin("PUT", "limits", {})
    await made.close()


@pytest.fixture
async def own(start_exchange: StartExchange) -> AsyncIterator[Desk]:
    """A trader at an exchange of his own, for tests that change its market."""
    made = await Desk.open(await start_exchange())
    yield made
    await made.close()


def test_a_restart_ends_in_post_only_and_then_opens() -> None:
    """Promise: 425 for the restart, post-only for the minutes after, then open; by the clock alone."""
    seconds = [0.0]
    mode = Mode(lambda: seconds[0])
    mode.put(ModeForm(mode=TradingMode.RESTARTING, seconds=10, post_only_seconds=120))
    seen = []
    for now in (0.0, 9.9, 10.0, 129.9, 130.0):
        seconds[0] = now
        seen.append(mode.now()[0])
    assert seen == ["restarting", "restarting", "post_only", "post_only", "open"]


def test_a_bucket_is_all_or_nothing() -> None:
    """Promise: a burst at once, then the rate; what is refused takes nothing; debts are paid off first."""
    bucket = Bucket.full(40.0, 60, 0.0)
    assert bucket.take(60, 0.0).granted
    refused = bucket.take(15, 0.0)
    assert (refused.granted, refused.remaining, refused.wait) == (False, 0, 0.375)
    assert bucket.take(15, 0.375).granted
    assert bucket.owe(20, 0.375) == -20
    assert not bucket.take(1, 0.5).granted
    assert bucket.take(1, 1.0).granted
    assert bucket.take(60, 100.0).remaining == 0


async def test_modes_refuse_what_they_say(alone: Desk) -> None:
    """Promise: each mode takes and refuses as the exchange's, in its words; nothing refused was placed."""
    rest = unsigned(alone.trader, order_type="GTC")
    await alone.exchange.admin("PUT", "mode", {"mode": "post_only", "seconds": 600})
    refused = await alone.post(unsigned(alone.trader))
    assert (refused.status_code, refused.json()["code"]) == (503, "post_only_mode")
    assert 590 <= refused.json()["retry_after_seconds"] <= 600
    assert refused.headers["retry-after"] == str(refused.json()["retry_after_seconds"])
    placed = (await alone.post(rest, post_only=True)).json()["orderID"]
    await alone.exchange.admin("PUT", "mode", {"mode": "restarting"})
    assert (await alone.post(unsigned(alone.trader))).status_code == 425
    assert (await alone.ask("DELETE", "/order", {"orderID": placed})).status_code == 425
    assert (await alone.ask("GET", f"/data/order/{placed}")).status_code == 200
    await alone.exchange.admin("PUT", "mode", {"mode": "disabled"})
    assert "disabled" in (await alone.post(unsigned(alone.trader))).json()["error"]
    assert (await alone.ask("DELETE", "/cancel-all")).status_code == 503
    await alone.exchange.admin("PUT", "mode", {"mode": "cancel_only"})
    assert "cancel-only" in (await alone.post(unsigned(alone.trader))).json()["error"]
    assert (await alone.ask("DELETE", "/order", {"orderID": placed})).json()["canceled"] == [placed]
    await alone.exchange.admin("PUT", "mode", {"mode": "open"})
    assert (await alone.post(unsigned(alone.trader))).status_code == 200
    assert len((await alone.ask("GET", "/data/trades")).json()["data"]) == 1


async def test_r20_signers_have_buckets_of_their_own(alone: Desk) -> None:
    """Promise: beyond its burst a signer hears 429 with Retry-After and the headers, a batch wholly; others do not."""
    other = await Desk.open(alone.exchange)
    limits = {"orders_per_second": 0.1, "orders_burst": 3, "cancels_per_second": 1, "cancels_burst": 2}
    await alone.exchange.admin("PUT", "limits", {"per_signer": limits})
    first = await alone.post(unsigned(alone.trader))
    assert (first.status_code, first.headers["poly-ratelimit-remaining"]) == (200, "2")
    batch = [alone.body(unsigned(alone.trader)) for _ in range(3)]
    whole = await alone.ask("POST", "/orders", batch)
    assert (whole.status_code, whole.json()) == (429, {"error": "Too Many Requests"})
    # One of three is gone: it is back after ten seconds, less what went by.
    assert 1 <= int(whole.headers["retry-after"]) <= 10
    assert abs(int(whole.headers["poly-ratelimit-reset"]) - time.time()) < 20
    too_large = await alone.ask("POST", "/orders", [alone.body(unsigned(alone.trader)) for _ in range(4)])
    assert too_large.status_code == 429
    assert "retry-after" not in too_large.headers
    assert (await other.post(unsigned(other.trader))).status_code == 200
    assert len((await alone.ask("GET", "/data/trades")).json()["data"]) == 1
    assert (await alone.exchange.admin("GET", "limits"))["refused"] == 2
    await alone.exchange.admin("PUT", "limits", {"per_signer": {**limits, "enforced": False}})
    warned = [await alone.post(unsigned(alone.trader)) for _ in range(4)][-1]
    assert (warned.status_code, warned.headers["poly-ratelimit-warning"]) == (200, "true")
    await other.close()


async def test_r20_a_cancel_all_is_charged_with_what_it_cancelled(alone: Desk) -> None:
    """Promise: after a cancel-all the bucket owes what was cancelled, shown below zero."""
    for _ in range(4):
        await alone.post(unsigned(alone.trader, order_type="GTC"), post_only=True)
    await alone.exchange.admin("PUT", "limits", {"per_signer": {"cancels_per_second": 1, "cancels_burst": 3}})
    answer = await alone.ask("DELETE", "/cancel-all")
    assert len(answer.json()["canceled"]) == 4
    assert answer.headers["poly-ratelimit-remaining"] == "-2"
    assert (await alone.ask("DELETE", "/cancel-all")).status_code == 429


async def test_addresses_wait_their_turn(alone: Desk) -> None:
    """Promise: beyond an address' window requests wait; what would wait too long is refused."""
    window = {"method": "GET", "path": "/time", "requests": 2, "seconds": 1.5}
    await alone.exchange.admin("PUT", "limits", {"per_address": [window], "longest_wait": 1.75})
    answers = await asyncio.gather(*(alone.ask("GET", "/time") for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 200, 429]
    assert sum(answer.elapsed.total_seconds() > 0.75 for answer in answers) == 2


async def test_rules_and_limits_from_the_start(start_exchange: StartExchange) -> None:
    """Promise: what the settings tell is in force at once, and again after a restart."""
    rules = '{"seed": 1, "rules": [{"fault": "maintenance", "path": "/order"}]}'
    limits = '{"per_signer": {"orders_per_second": 0.01, "orders_burst": 1}}'
    exchange = await start_exchange(POLYCOOL_PAPER_CONDUCT=rules, POLYCOOL_PAPER_LIMITS=limits)
    desk = await Desk.open(exchange)
    assert (await desk.post(unsigned(desk.trader))).status_code == 503
    assert (await desk.post(unsigned(desk.trader))).status_code == 429
    await desk.close()


async def test_a_timetable_runs_by_itself(alone: Desk) -> None:
    """Promise: steps are done at their times, repeated, and tell what came of them; a new timetable ends the old."""
    token = str(secrets.randbits(250) | 1 << 249)
    await alone.exchange.admin(
        "PUT", "markets", {"tokens": [{"token_id": token, "market_id": token, "tick": "0.01"}]}
    )
    steps = [
        {"after": 0.1, "path": "ticks", "body": {"ticks": [{"token_id": token, "tick": "0.001"}]}},
        {"after": 0, "every": 0.05, "times": 3, "path": "mode", "body": {"mode": "cancel_only"}},
        {"after": 0.2, "method": "POST", "path": "close", "body": {"nothing": 1}},
    ]
    await alone.exchange.admin("PUT", "schedule", {"steps": steps})

    async def all_done() -> list[tuple[int, int]] | None:
        told = (await alone.exchange.admin("GET", "schedule"))["steps"]
        done = [(step["done"], step["status"]) for step in told]
        return done if done == [(1, 200), (3, 200), (1, 422)] else None

    assert await eventually(all_done)
    tick = (await alone.ask("GET", "/tick-size", params={"token_id": token})).json()
    assert Decimal(str(tick["minimum_tick_size"])) == Decimal("0.001")
    assert (await alone.post(unsigned(alone.trader))).status_code == 503
    await alone.exchange.admin("PUT", "schedule", {"steps": []})


async def test_ticks_change_and_markets_close_at_run_time(own: Desk) -> None:
    """Promise: after a tick change the old grid's prices are refused where they no longer fit; a closed market has no
    book, its open orders are cancelled, and closing does not resolve it."""
    fine = unsigned(own.trader, "BUY", 3_770_000, 10_000_000, order_type="GTC")
    assert (await own.post(fine, post_only=True)).status_code == 400
    assert await own.exchange.admin("PUT", "ticks", {"ticks": [{"token_id": YES, "tick": "0.001"}]}) == {
        "ticks": 1
    }
    fine = unsigned(own.trader, "BUY", 3_770_000, 10_000_000, order_type="GTC")
    placed = await own.post(fine, post_only=True)
    assert placed.status_code == 200, placed.text
    closed: dict[str, int] = await own.exchange.admin("POST", "close", {"market_id": MARKET})
    assert closed == {"closed": 2}
    for token in (YES, NO):
        refused = await own.post(unsigned(own.trader, token_id=token))
        assert (refused.status_code, refused.json()["error"]) == (
            404,
            "No orderbook exists for the requested token id",
        )
    order = (await own.ask("GET", f"/data/order/{placed.json()['orderID']}")).json()
    assert order["status"] == "ORDER_STATUS_CANCELED"
    market = (await own.ask("GET", f"/markets/{MARKET}")).json()
    assert (market["closed"], market["tokens"][0]["winner"]) == (True, False)
