"""Stopping all leaders at once and selling what came from one: by the API, on the real trading process."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import ALICE, Face
from tests.copy_execution.world import TOKEN
from tests.trading.by_hand import put_book, until_ended
from tests.trading.ground import LEADER, Ground
from tests.waiting import eventually


async def follower(ground: Ground, cash: str = "1000", **settings: Any) -> str:
    """A follower of the leader whom the API knows; the name of the following. All is written before the worker, which
    runs in this loop, can hold a lock of the new account."""
    account = ground.world.account(ALICE, "0", state="opening")
    name = ground.world.follow(account, LEADER, **settings)
    ground.world.run(
        "INSERT INTO account_credits (credit_id, account_id, usdc) VALUES ('k', %s, %s)", account, cash
    )
    await eventually(
        lambda: ground.world.rows("SELECT 1 FROM accounts WHERE state = 'ready' AND cash_usdc > 0"), 30
    )
    return name


async def stop(face: Face) -> dict[str, Any]:
    answer = await face.post("/v1/me/stop-all", user=ALICE)
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def test_r11_stop_all_drops_what_was_not_sent_and_sells_go_on(ground: Ground, face: Face) -> None:
    """A planned buy is counted as dropped and ends PAUSED without a POST; a sale of the leader is still copied."""
    worker = await ground.start()
    name = await follower(ground)
    await ground.leader_trades(ground.world.message(LEADER, size="100"))
    await ground.all_ended()
    await ground.stop(worker)
    await ground.leader_trades(ground.world.message(LEADER, size="100", ago=0.5))

    stopped = await stop(face)

    assert stopped == {"paused": [name], "dropped": 1, "may_still_fill": 0}
    posted = len(ground.placed())
    await ground.start()
    await ground.leader_trades(ground.world.message(LEADER, "SELL", size="200"))
    copies = await ground.all_ended()
    assert [(copy["side"], copy["state"], copy["reason"]) for copy in copies] == [
        ("BUY", "filled", None),
        ("BUY", "skipped", "PAUSED"),
        ("SELL", "filled", None),
    ]
    assert len(ground.placed()) == posted + 1


async def test_what_was_sent_may_still_fill(ground: Ground, face: Face) -> None:
    """The exchange hangs on the order: stop-all says that it may fill, and its money stays reserved."""
    await ground.start()
    await follower(ground)
    await ground.conduct({"fault": "accept_then_hang", "seconds": 30, "times": 1})
    await ground.leader_trades(ground.world.message(LEADER))
    await eventually(lambda: ground.world.rows("SELECT 1 FROM orders WHERE posts > 0"), 20)

    stopped = await stop(face)

    assert (stopped["dropped"], stopped["may_still_fill"]) == (0, 1)


async def test_b34_r31_resume_begins_again_and_buys_nothing_that_was_missed(
    ground: Ground, face: Face
) -> None:
    """B-34: pause is no no-op, resume finds what was paused. A trade of the pause, still young, stays skipped."""
    await ground.start()
    name = await follower(ground)
    await stop(face)
    missed = ground.world.message(LEADER, ago=1.0)
    again = await stop(face)
    assert again["paused"] == [name]

    resumed = await face.post("/v1/me/resume", user=ALICE)

    assert resumed.json() == {"resumed": [name]}
    await ground.leader_trades(missed, ground.world.message(LEADER, ago=0.0, burst_started_at=None))
    copies = await ground.all_ended()
    assert [(copy["state"], copy["reason"]) for copy in copies] == [("skipped", "PAUSED"), ("filled", None)]


async def test_resume_leaves_alone_what_was_paused_by_hand(ground: Ground, face: Face) -> None:
    """Only those of stop-all begin again by themselves; one that is named does; a stranger's is not found."""
    await ground.start()
    name = await follower(ground)
    await face.post(f"/v1/allocations/{name}/pause", user=ALICE)
    assert (await stop(face))["paused"] == []

    assert (await face.post("/v1/me/resume", user=ALICE)).json() == {"resumed": []}
    named = await face.post("/v1/me/resume", {"allocation_ids": [name]}, user=ALICE)
    assert named.json() == {"resumed": [name]}
    foreign = await face.post("/v1/me/resume", {"allocation_ids": [name, "A-0000000"]}, user=ALICE)
    assert foreign.status_code == 404


@pytest.mark.parametrize("end", [False, True])
async def test_a_persons_sale_of_a_leaders_positions(ground: Ground, face: Face, *, end: bool) -> None:
    """One order per position, at most 5¢ under the best bid; what finds no buyer is said and stays."""
    await ground.start()
    name = await follower(ground)
    await ground.leader_trades(ground.world.message(LEADER))
    await ground.all_ended()
    other = ground.world.market("77", market_id="0x" + "cd" * 32)
    await ground.leader_trades(ground.world.message(LEADER, token=other, burst_started_at=None))
    await ground.all_ended()
    await put_book(ground, bid="0.42", ask="0.44")

    preview = (
        await face.post(f"/v1/allocations/{name}/sell", {"preview": True, "end": end}, user=ALICE)
    ).json()
    assert [line["order"] for line in preview["lines"]] == [None, None]
    answer = await face.post(f"/v1/allocations/{name}/sell", {"end": end}, user=ALICE)

    assert answer.status_code == 201, answer.text
    sale = answer.json()
    first, second = sale["lines"]
    assert first["quote"]["limit"] == "0.37"
    assert second["quote"]["refusal"] == "THIN_MARKET"
    assert second["order"] is None
    ended = await until_ended(face, ALICE, first["order"])
    assert (ended["state"], sale["unsold"]) == ("filled", 1)
    assert sale["allocation"]["state"] == ("ended" if end else "active")
    assert sale["about_usdc"] == preview["about_usdc"]
    left = [lot["token_id"] for lot in ground.lots() if lot["closed_at"] is None]
    assert left == [other]
    assert TOKEN not in left
    await ground.assert_books_agree((TOKEN, other))


async def test_the_same_sale_asked_for_twice_is_one(ground: Ground, face: Face) -> None:
    """The same key gives the first answer again and no other order; with nothing left it is a conflict."""
    await ground.start()
    name = await follower(ground)
    await ground.leader_trades(ground.world.message(LEADER))
    await ground.all_ended()
    await put_book(ground)
    lot = ground.lots()[0]["lot_id"]

    asked = {"position_ids": [str(lot)]}
    first = await face.post(f"/v1/allocations/{name}/sell", asked, user=ALICE, key="sale")
    again = await face.post(f"/v1/allocations/{name}/sell", asked, user=ALICE, key="sale")
    other = await face.post(f"/v1/allocations/{name}/sell", {"position_ids": ["999999"]}, user=ALICE)
    await until_ended(face, ALICE, first.json()["lines"][0]["order"])
    nothing = await face.post(f"/v1/allocations/{name}/sell", user=ALICE)

    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert (other.status_code, nothing.status_code) == (404, 409)
    assert ground.world.rows("SELECT count(*) AS n FROM manual_orders") == [{"n": 1}]
