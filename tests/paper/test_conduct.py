"""Told to misbehave, the exchange does exactly that, and its ledger stays right."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.paper.conftest import StartExchange
from tests.paper.exchange import YES, Exchange
from tests.paper.hand_made import Desk, unsigned
from tests.waiting import eventually


@pytest.fixture
async def desk(exchange: Exchange) -> AsyncIterator[Desk]:
    """A trader; the exchange behaves again afterwards."""
    made = await Desk.open(exchange)
    yield made
    await exchange.admin("PUT", "conduct", {"rules": []})
    await made.close()


async def _tell(desk: Desk, *rules: dict[str, Any], seed: int = 0) -> None:
    mine = [{"address": desk.trader.address, **rule} for rule in rules]
    await desk.exchange.admin("PUT", "conduct", {"rules": mine, "seed": seed})


async def _order_ids(desk: Desk) -> list[str]:
    rows = (await desk.ask("GET", "/data/trades")).json()["data"]
    return [row["taker_order_id"] for row in rows]


async def test_answers_instead_place_nothing(desk: Desk) -> None:
    """Promise: 425, 429 with Retry-After and the post-only mode are definite: nothing was placed, then it goes on."""
    await _tell(
        desk,
        {"deed": "answer_instead", "status": 425, "error": "restarting", "times": 1},
        {"deed": "answer_instead", "status": 429, "error": "Too Many Requests", "retry_after": 2, "times": 1},
        {
            "deed": "answer_instead",
            "status": 503,
            "error": "post-only mode: only post-only orders and cancels are allowed",
            "code": "post_only_mode",
            "retry_after": 120,
            "times": 1,
        },
    )
    order = unsigned(desk.trader)
    restarting, limited, post_only = [await desk.post(order) for _ in range(3)]
    assert (restarting.status_code, limited.status_code, post_only.status_code) == (425, 429, 503)
    assert limited.headers["retry-after"] == "2"
    assert post_only.json()["code"] == "post_only_mode"
    assert post_only.json()["retry_after_seconds"] == 120
    assert await _order_ids(desk) == []
    assert (await desk.post(order)).status_code == 200


async def test_accepted_then_500_or_cut_is_in_the_ledger(desk: Desk) -> None:
    """Promise: the order behind a 500 or a cut connection is there once; posting it again says Duplicated."""
    await _tell(desk, {"deed": "answer_after", "status": 500, "times": 1}, {"deed": "cut_after", "times": 1})
    first, second = unsigned(desk.trader), unsigned(desk.trader)
    answer = await desk.post(first)
    assert (answer.status_code, answer.json()) == (500, {"error": "could not run the execution"})
    with pytest.raises(httpx.RemoteProtocolError):
        await desk.post(second)
    assert len(await _order_ids(desk)) == 2
    for order in (first, second):
        assert "Duplicated" in (await desk.post(order)).json()["error"]


async def test_accepted_then_silent_and_filled_late(desk: Desk) -> None:
    """Promise: wait_after places at once and answers late; wait_before fills only after the client gave up (R5)."""
    await _tell(
        desk,
        {"deed": "wait_after", "seconds": 20, "times": 1},
        {"deed": "wait_before", "seconds": 4, "times": 1},
    )

    async def filled(count: int) -> bool:
        return len(await _order_ids(desk)) == count

    await _posted_by_who_gives_up(desk)
    await eventually(lambda: filled(1))
    await _posted_by_who_gives_up(desk)
    assert await filled(1)
    await eventually(lambda: filled(2))


async def _posted_by_who_gives_up(desk: Desk) -> None:
    """An order, its answer awaited for half a second; what is asked afterwards has its time."""
    patient, desk._http.timeout = desk._http.timeout, httpx.Timeout(20.0, read=0.5)
    with pytest.raises(httpx.ReadTimeout):
        await desk.post(unsigned(desk.trader))
    desk._http.timeout = patient


async def test_r15_a_market_order_can_be_left_resting(desk: Desk) -> None:
    """Promise (R15): delayed, live or unmatched is answered while the order rests; it can be cancelled, or filled."""
    rules = [{"deed": "rest", "status_word": word, "times": 1} for word in ("delayed", "live", "unmatched")]
    await _tell(desk, *rules)
    answers = [(await desk.post(unsigned(desk.trader))).json() for _ in range(3)]
    assert [answer["status"] for answer in answers] == ["delayed", "live", "unmatched"]
    delayed, live, _ = (answer["orderID"] for answer in answers)
    assert (await desk.ask("GET", f"/data/order/{delayed}")).json()["status"] == "ORDER_STATUS_LIVE"
    assert (await desk.ask("DELETE", "/order", {"orderID": delayed})).json()["canceled"] == [delayed]
    assert await desk.exchange.admin("POST", "fill", {"order_id": live}) == {"filled": "10"}
    assert await desk.exchange.admin("POST", "fill", {"order_id": live}) == {"filled": "0"}
    unknown = await desk.exchange.ask_admin("POST", "fill", {"order_id": "0x" + "0" * 64})
    assert unknown.status_code == 404
    assert (await desk.balances())[YES] == "10"
    await desk.exchange.assert_conserved()


async def test_a_share_is_hit_by_the_seed(start_exchange: StartExchange) -> None:
    """Promise: the same seed hits the same requests; each rule tells how often it acted."""
    exchange = await start_exchange()
    desk = await Desk.open(exchange)
    runs = []
    for _ in range(2):
        await _tell(desk, {"deed": "answer_instead", "status": 503, "error": "no", "share": 0.5}, seed=11)
        runs.append([(await desk.post(unsigned(desk.trader))).status_code for _ in range(20)])
        [rule] = (await exchange.admin("GET", "conduct"))["rules"]
        assert rule["used"] == runs[-1].count(503)
    assert runs[0] == runs[1]
    assert set(runs[0]) == {200, 503}
    await desk.close()
