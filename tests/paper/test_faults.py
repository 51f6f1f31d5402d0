"""Each named fault does what its name says, to the request it was told to, and the ledger stays right."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from ops.paper.faults import PRESETS, Fault
from tests.paper.conftest import StartExchange
from tests.paper.exchange import YES, Exchange
from tests.paper.hand_made import Desk, unsigned
from tests.waiting import eventually

NOTHING_PLACED = {
    Fault.REFUSE_LATE: (400, "order match delayed due to market conditions"),
    Fault.SERVER_ERROR: (500, "could not run the execution"),
    Fault.NOT_INSERTED: (500, "could not insert order"),
    Fault.RESTARTING: (425, "the matching engine is restarting"),
    Fault.MAINTENANCE: (503, "Trading is currently disabled. Check polymarket.com for updates"),
    Fault.CANCEL_ONLY: (
        503,
        "Trading is currently cancel-only. New orders are not accepted, but cancels are allowed.",
    ),
    Fault.POST_ONLY: (503, "post-only mode: only post-only orders and cancels are allowed"),
    Fault.RATE_LIMITED: (429, "Too Many Requests"),
}


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


async def _trades(desk: Desk) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (await desk.ask("GET", "/data/trades")).json()["data"]
    return rows


@pytest.mark.parametrize("fault", list(NOTHING_PLACED))
async def test_definite_faults_place_nothing(desk: Desk, fault: Fault) -> None:
    """Promise: what says no placed nothing, in the exchange's words, and the same order is taken afterwards."""
    await _tell(desk, {"fault": fault, "times": 1, "seconds": 0})
    order = unsigned(desk.trader)
    answer = await desk.post(order)
    status, words = NOTHING_PLACED[fault]
    assert (answer.status_code, answer.json()["error"]) == (status, words)
    assert await _trades(desk) == []
    assert (await desk.post(order)).status_code == 200


async def test_a_429_says_when_to_come_back(desk: Desk) -> None:
    """Promise: 429 carries Retry-After and the limiter's headers; post-only mode names its code and seconds."""
    await _tell(
        desk, {"fault": "rate_limited", "times": 1, "retry_after": 3}, {"fault": "post_only", "times": 1}
    )
    limited = await desk.post(unsigned(desk.trader))
    assert limited.headers["retry-after"] == "3"
    assert limited.headers["poly-ratelimit-remaining"] == "0"
    assert int(limited.headers["poly-ratelimit-reset"]) > 1_700_000_000
    assert limited.headers["poly-ratelimit-tier"] == "standard"
    post_only = (await desk.post(unsigned(desk.trader))).json()
    assert (post_only["code"], post_only["retry_after_seconds"]) == ("post_only_mode", 1)


async def test_unclear_answers_hide_an_order_that_is_there(desk: Desk) -> None:
    """Promise: malformed, Duplicated and 500 after acceptance: the order is in the ledger, once."""
    kinds = ("accept_then_malformed", "accept_then_duplicated", "accept_then_500")
    await _tell(desk, *({"fault": kind, "times": 1} for kind in kinds))
    orders = [unsigned(desk.trader) for _ in kinds]
    malformed, duplicated, failed = [await desk.post(order) for order in orders]
    assert malformed.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        malformed.json()
    trades = await _trades(desk)
    assert len(trades) == 3
    assert duplicated.json() == {"error": f"order {trades[1]['taker_order_id']} is invalid. Duplicated."}
    assert failed.status_code == 500
    for order in orders:
        assert "Duplicated" in (await desk.post(order)).json()["error"]
    assert len(await _trades(desk)) == 3


async def test_a_refused_order_is_never_called_duplicated(desk: Desk) -> None:
    """Promise: Duplicated is said of placed orders only; a refusal stays the refusal it is."""
    await _tell(desk, {"fault": "accept_then_duplicated", "times": 1})
    answer = await desk.post(unsigned(desk.trader, "SELL", 10_000_000, 5_000_000))
    assert answer.json()["error"].startswith("not enough balance")


async def test_cut_and_malformed_place_nothing(desk: Desk) -> None:
    """Promise: cut and malformed without acceptance look the same as with it, and nothing was placed."""
    await _tell(desk, {"fault": "cut", "times": 1}, {"fault": "malformed", "times": 1})
    order = unsigned(desk.trader)
    with pytest.raises(httpx.RemoteProtocolError):
        await desk.post(order)
    answer = await desk.post(order)
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()
    assert await _trades(desk) == []
    assert (await desk.post(order)).status_code == 200


async def test_partial_fill(desk: Desk) -> None:
    """Promise: a part of a FAK matches and the rest is killed; a FOK is killed; a GTC's rest stays open."""
    await _tell(desk, {"fault": "partial_fill", "percent": 30})
    fak = (await desk.post(unsigned(desk.trader))).json()
    assert (fak["status"], fak["makingAmount"], fak["takingAmount"]) == ("matched", "1.5", "3")
    fok = await desk.post(unsigned(desk.trader, order_type="FOK"))
    assert fok.json()["error"].startswith("order couldn't be fully filled")
    gtc = (await desk.post(unsigned(desk.trader, order_type="GTC"))).json()
    [open_] = (await desk.ask("GET", "/data/orders")).json()["data"]
    assert (open_["id"], open_["size_matched"], open_["original_size"]) == (gtc["orderID"], "3", "10")
    await desk.exchange.assert_conserved()


async def test_r11_matched_then_its_settlement_fails(desk: Desk) -> None:
    """Promise: matched in the answer, MATCHED or MINED at first, then FAILED; money, fee and shares are back."""
    await _tell(desk, {"fault": "settlement_fails", "seconds": 2.0, "times": 1})
    answer = (await desk.post(unsigned(desk.trader))).json()
    assert answer["status"] == "matched"
    assert (await desk.balances())[YES] == "10"
    [trade] = await _trades(desk)
    assert trade["status"] in ("MATCHED", "MINED")

    async def failed() -> bool:
        return str((await _trades(desk))[0]["status"]) == "FAILED"

    assert await eventually(failed)
    assert await desk.balances() == {"USDC": "1000", YES: "0"}
    await desk.exchange.assert_conserved()


async def test_r11_a_failure_survives_a_restart(start_exchange: StartExchange) -> None:
    """Promise: a settlement that was to fail while the exchange was down fails when it is back."""
    exchange = await start_exchange()
    desk = await Desk.open(exchange)
    await _tell(desk, {"fault": "settlement_fails", "seconds": 1.0})
    await desk.post(unsigned(desk.trader))
    exchange.program.kill()
    await desk.close()
    again = await start_exchange()
    behind = Desk(again, desk.trader, desk.key)

    async def failed() -> bool:
        return str((await _trades(behind))[0]["status"]) == "FAILED"

    assert await eventually(failed)
    assert await behind.balances() == {"USDC": "1000", YES: "0"}
    await behind.close()


async def test_r01_what_was_bought_arrives_late(desk: Desk) -> None:
    """Promise: with lagging balances the shares of that order are neither shown nor sellable for so long."""
    await _tell(desk, {"fault": "balance_lags", "seconds": 2.5, "times": 1})
    await desk.post(unsigned(desk.trader))
    params = {"asset_type": "CONDITIONAL", "token_id": YES, "signature_type": "0"}
    shown = (await desk.ask("GET", "/balance-allowance", params=params)).json()
    assert shown["balance"] == "0"
    sell = unsigned(desk.trader, "SELL", 10_000_000, 5_000_000)
    assert (await desk.post(sell)).json()["error"].startswith("not enough balance / allowance")

    async def sells() -> bool:
        return (await desk.post(sell)).status_code == 200

    assert await eventually(sells, 20.0, every=0.2)


async def test_r15_delayed_orders_end_by_themselves(desk: Desk) -> None:
    """Promise: delayed in the answer, not to be cancelled, then filled as a taker with its fee, or killed."""
    await _tell(
        desk,
        {"fault": "delayed_then_matched", "seconds": 2.0, "times": 1},
        {"fault": "delayed_then_killed", "seconds": 2.0, "times": 1},
    )
    matched, killed = [(await desk.post(unsigned(desk.trader))).json() for _ in range(2)]
    assert (matched["status"], killed["status"], matched["makingAmount"]) == ("delayed", "delayed", "")
    refused = (await desk.ask("DELETE", "/order", {"orderID": killed["orderID"]})).json()
    assert refused["canceled"] == []
    assert "delayed" in refused["not_canceled"][killed["orderID"]]

    async def over() -> bool:
        ids = (matched["orderID"], killed["orderID"])
        views = [(await desk.ask("GET", f"/data/order/{order_id}")).json() for order_id in ids]
        return [view["status"] for view in views] == ["ORDER_STATUS_MATCHED", "ORDER_STATUS_CANCELED"]

    assert await eventually(over)
    [trade] = await _trades(desk)
    assert (trade["taker_order_id"], trade["trader_side"]) == (matched["orderID"], "TAKER")
    assert await desk.balances() == {"USDC": "994.875", YES: "10"}
    await desk.exchange.assert_conserved()


async def test_slow_answers_are_drawn_from_the_seed(desk: Desk) -> None:
    """Promise: a slow answer comes between its two bounds, the order placed at once."""
    await _tell(desk, {"fault": "slow", "seconds": 0.2, "seconds_to": 0.4, "times": 1})
    answer = await desk.post(unsigned(desk.trader))
    assert answer.status_code == 200
    assert answer.elapsed.total_seconds() >= 0.2


async def test_one_seed_gives_the_same_faults_in_the_same_order(start_exchange: StartExchange) -> None:
    """Promise: shares of several faults add up, the same seed hits the same requests with the same faults, whatever
    is read in between; another seed hits others."""
    exchange = await start_exchange()
    async with contextlib.AsyncExitStack() as ends:
        desk = await Desk.open(exchange, "100000")
        ends.push_async_callback(desk.close)
        await _the_seed_decides(desk)


async def _the_seed_decides(desk: Desk) -> None:
    faults = [
        {"fault": "server_error", "share": 0.1},
        {"fault": "restarting", "share": 0.1},
        {"fault": "accept_then_500", "share": 0.1, "status": 502},
        {"fault": "server_error", "share": 0.5, "method": "GET", "path": "/data/trades", "status": 504},
    ]
    runs: list[list[int]] = []
    for seed, reads in ((5, 0), (5, 1), (6, 0)):
        await _tell(desk, *faults, seed=seed)
        run = []
        for _ in range(100):
            run.append((await desk.post(unsigned(desk.trader))).status_code)
            for _ in range(reads):
                await desk.ask("GET", "/data/trades")
        runs.append(run)
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]
    # The trader's address is new each time and decides with the seed: of 100 at a share of 0.1 there is one and never
    # 30, but for one run in ten thousand.
    kinds = Counter(runs[0])
    assert {status: 1 <= count < 30 for status, count in kinds.items() if status != 200} == {
        500: True,
        425: True,
        502: True,
    }
    rules = (await desk.exchange.admin("GET", "conduct"))["rules"]
    assert [rule["used"] for rule in rules[:3]] == [runs[2].count(status) for status in (500, 425, 502)]


async def test_windows_skips_and_wrong_rules(desk: Desk) -> None:
    """Promise: a rule stands in its window and after its skips; one that cannot be is refused."""
    await _tell(
        desk, {"fault": "restarting", "skip": 1, "times": 1}, {"fault": "maintenance", "from_second": 600}
    )
    codes = [(await desk.post(unsigned(desk.trader))).status_code for _ in range(3)]
    assert codes == [200, 425, 200]
    for wrong in (
        {"fault": "no_such_fault"},
        {"share": 0.5},
        {"deed": "answer_instead", "error": "order {order_id} is invalid. Duplicated."},
        {"fault": "slow", "share": 1.5},
    ):
        assert (await desk.exchange.ask_admin("PUT", "conduct", {"rules": [wrong]})).status_code == 422


def test_every_fault_has_a_preset_and_a_line_in_the_document() -> None:
    """Promise: no name without a meaning, none that the document does not tell."""
    assert set(PRESETS) == set(Fault)
    text = (Path(__file__).parents[2] / "docs" / "paper-exchange.md").read_text()
    assert [fault for fault in Fault if f"`{fault}`" not in text] == []
