"""Copy orders as they are shown, on decisions that copy_execution really made."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import pytest

from schemas.base import rfc3339
from streams.copy_execution.agent import CopyExecution
from streams.tables.pool import open_pool
from tests.api.conftest import Ask, Face
from tests.copy_execution.world import World, clock, received, stage, wallet

ALICE, BOB = "U-0000001", "U-0000002"


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """Leaders, followers and money, written as the owner of the tables."""
    made = World.on(database_url)
    yield made
    made.owner.close()


@pytest.fixture
async def deciding(database_url: str) -> AsyncIterator[CopyExecution]:
    """The stage that decides."""
    pool = await open_pool(database_url, "streams")
    yield stage(pool)
    await pool.close()


async def _why(face: Face, world: World, user: str = ALICE) -> dict[str, Any]:
    newest = world.copies()[-1]["copy_order_id"]
    answer = await face.get(f"/v1/copy-orders/{newest}/why", user=user)
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def test_why_tells_the_chain_of_a_plan(face: Face, world: World, deciding: CopyExecution) -> None:
    """Version, wish, what made it smaller, rooms, every check with value and limit, inputs, steps and times."""
    leader = world.leader(wallet(1))
    world.market(question="Will X win?", outcome="Yes")
    world.follow(world.account(ALICE, "3"), leader)
    await deciding.handle(received([world.message(leader)]))

    shown = await _why(face, world)

    decision = shown["decision"]
    assert (decision["version"], decision["wanted"], decision["amount_usdc"]) == (1, "5", "2.84")
    assert (decision["reduced_by"], decision["limit"]) == ("BALANCE", "0.52")
    assert {room["name"]: room["usdc"] for room in decision["rooms"]} == {"BUDGET": "100", "BALANCE": "3"}
    assert decision["checks"][0]["name"] == "OWN_WALLET"
    assert all(check["passed"] for check in decision["checks"])
    assert not any(check["name"].startswith("ROOM_") for check in decision["checks"])
    assert {"appended", "classified", "received", "locked", "decided"} == set(shown["times"])
    assert [(step["from_state"], step["to_state"]) for step in shown["steps"]] == [(None, "planned")]
    assert shown["sentence"] == "Decided; waiting to be sent."
    assert shown["copy_order"]["question"] == "Will X win?"


CASES: list[tuple[dict[str, Any], dict[str, Any], dict[str, Any], str, str | None]] = [
    ({"max_price": "0.4"}, {}, {}, "They paid 50¢; you buy only between 1¢ and 40¢.", "max_price"),
    ({"min_price": "0.6"}, {}, {}, "They paid 50¢; you buy only between 60¢ and 99¢.", "min_price"),
    ({"leader_min_usdc": "80"}, {}, {}, "They spent 50.00; you ignore trades under 80.00.", "leader_min_usdc"),
    ({"leader_max_usdc": "8"}, {}, {}, "They spent 50.00; you ignore trades over 8.00.", "leader_max_usdc"),
    ({"copy_buys": False}, {}, {}, "Copying of buys is off for this leader.", "copy_buys"),
    ({}, {"closed": True}, {}, "The market is closed.", None),
    ({"blocked_keywords": ["win"]}, {"question": "Will X win?"}, {},
     "The question contains “win”, which you blocked.", "blocked_keywords"),
    ({"allowed_categories": ["Sports"]}, {"category": "Politics"}, {},
     "“politics” is not a kind you allow.", "allowed_categories"),
    ({"blocked_categories": ["Sports"]}, {}, {},
     "The market's kind is not known, and you choose by it.", "blocked_categories"),
    ({"min_seconds_to_end": 60}, {}, {},
     "It is not known when the market ends; you want at least 60 s before it.", "min_seconds_to_end"),
    ({"budget_usdc": "0.5"}, {}, {}, "Your budget for this leader, 0.50, is in use: 0.00 in positions and open orders.",
     "budget_usdc"),
    ({"max_per_day_usdc": "1"}, {}, {}, "You bought for 0.00 from this leader today; your limit is 1.00.",
     "max_per_day_usdc"),
    ({"mode": "multiplier", "multiplier": "0.01"}, {}, {},
     "The copy would be 0.50, under 1.00; it is kept for their next buy of this outcome.", "below_minimum"),
    ({"mode": "multiplier", "multiplier": "0.01", "below_minimum": "skip"}, {}, {},
     "The copy would be 0.50; the smallest allowed is 1.00.", "below_minimum"),
    ({"mode": "proportional"}, {}, {},
     "Their portfolio value is unknown, so a share of it cannot be worked out.", "mode"),
    ({}, {}, {"side": "SELL"}, "You hold nothing of this outcome from this leader.", None),
    ({"copy_sells": False}, {}, {"side": "SELL"}, "Copying of sells is off for this leader; you still hold 0.00.",
     "copy_sells"),
]  # fmt: skip


@pytest.mark.parametrize(("settings", "market", "trade", "sentence", "setting"), CASES)
async def test_every_skip_has_its_sentence_and_its_setting(
    face: Face,
    world: World,
    deciding: CopyExecution,
    *,
    settings: dict[str, Any],
    market: dict[str, Any],
    trade: dict[str, Any],
    sentence: str,
    setting: str | None,
) -> None:
    """With the value and the limit that decided."""
    leader = world.leader(wallet(1))
    world.market(**market)
    world.follow(world.account(ALICE), leader, **settings)
    await deciding.handle(received([world.message(leader, **trade)]))

    shown = await _why(face, world)

    assert shown["sentence"].startswith(sentence)
    assert (shown["setting"] or {}).get("name") == setting
    assert not shown["decision"]["checks"][-1]["passed"]


async def test_an_old_trade_says_how_old(face: Face, world: World, deciding: CopyExecution) -> None:
    """Age and limit, in seconds."""
    leader = world.leader(wallet(1))
    world.market()
    world.follow(world.account(ALICE), leader)
    await deciding.handle(received([world.message(leader, ago=100.0)]))

    shown = await _why(face, world)

    assert shown["copy_order"]["state"] == "expired"
    assert shown["sentence"].startswith("It reached us 100")
    assert shown["sentence"].endswith("s after their trade; your limit is 60 s.")


async def test_a_stop_is_told_with_the_operators_note(
    face: Face, world: World, deciding: CopyExecution
) -> None:
    """Since when and why."""
    leader = world.leader(wallet(1))
    world.market()
    world.follow(world.account(ALICE), leader)
    await face.http.put("/v1/ops/switches/buys", json={"stopped": True, "reason": "exchange incident"})
    await deciding.handle(received([world.message(leader)]))

    shown = await _why(face, world)

    assert shown["sentence"].startswith("The operators have stopped all buying since 2")
    assert "“exchange incident”" in shown["sentence"]


async def test_a_second_fill_names_the_copy_it_belongs_to(
    face: Face, world: World, deciding: CopyExecution
) -> None:
    """SAME_LEADER_ORDER with the copy that took the purchase up."""
    leader = world.leader(wallet(1))
    world.market()
    world.follow(world.account(ALICE), leader)
    first = world.message(leader)
    await deciding.handle(received([first, world.message(leader, burst_started_at=first.burst_started_at)]))

    shown = await _why(face, world)

    assert f"({world.copies()[0]['copy_order_id']})" in shown["sentence"]


async def test_copies_are_filtered_by_state_reason_wallet_allocation_and_time(
    face: Face, world: World, deciding: CopyExecution
) -> None:
    """Each filter alone and together; what is no state, reason or time is refused by name."""
    leaders = [world.leader(wallet(number)) for number in (1, 2)]
    world.market()
    names = [
        world.follow(world.account(ALICE), leaders[0]),
        world.follow(f"{ALICE}-paper", leaders[1], copy_buys=False),
    ]
    await deciding.handle(received([world.message(leader) for leader in leaders]))
    after = rfc3339(clock() + timedelta(seconds=1))

    async def count(**filters: Any) -> int:
        return len((await face.get("/v1/copy-orders", user=ALICE, **filters)).json()["items"])

    assert await count() == 2
    assert await count(state="planned") == 1
    assert await count(state=["planned", "skipped"]) == 2
    assert await count(reason="BUYS_OFF") == 1
    assert await count(reason="BUYS_OFF", state="planned") == 0
    assert await count(wallet=leaders[0]) == 1
    assert await count(allocation=names[1]) == 1
    assert await count(**{"from": after}) == 0
    assert await count(to=after) == 2
    for name, value in (("state", "done"), ("reason", "BECAUSE"), ("from", "yesterday"), ("to", "2026-11-22T12:00:00"),
                        ("wallet", "0x1")):  # fmt: skip
        answer = await face.get("/v1/copy-orders", user=ALICE, **{name: value})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"].split(".")[0] == name
    summary = (await face.get("/v1/copy-orders/summary", user=ALICE)).json()
    assert (summary["total"], summary["answered"]) == (2, 1)
    assert summary["by_reason"] == {"BUYS_OFF": 1}


async def test_a_walk_over_copies_neither_misses_nor_repeats_while_they_arrive(
    face: Face, world: World, deciding: CopyExecution
) -> None:
    """Copies that are decided again later keep their place too: the order is by when the trade reached us."""
    leader = world.leader(wallet(1))
    world.market()
    world.follow(world.account(ALICE), leader, mode="multiplier", multiplier="0.1")
    await deciding.handle(received([world.message(leader) for _ in range(6)]))
    begun = {copy["copy_order_id"] for copy in world.copies()}
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = (
            await face.get("/v1/copy-orders", user=ALICE, limit=2, **({"cursor": cursor} if cursor else {}))
        ).json()
        seen += [item["copy_order_id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
        await deciding.handle(received([world.message(leader)]))
        world.run(
            "UPDATE copy_orders SET decided_at = clock_timestamp() WHERE copy_order_id = %s",
            min(begun - set(seen), default=""),
        )

    assert sorted(seen) == sorted(begun)


async def test_a_foreign_copy_is_not_there_and_an_operator_sees_all(
    face: Face, world: World, deciding: CopyExecution
) -> None:
    """404 for the other user on every route; the operator without a user sees both users' copies."""
    leader = world.leader(wallet(1))
    world.market()
    for user in (ALICE, BOB):
        world.follow(world.account(user), leader)
    await deciding.handle(received([world.message(leader)]))
    of_alice = next(copy["copy_order_id"] for copy in world.copies() if copy["user_id"] == ALICE)

    for path in (
        f"/v1/copy-orders/{of_alice}",
        f"/v1/copy-orders/{of_alice}/why",
        "/v1/copy-orders/C-0000000",
    ):
        assert (await face.get(path, user=BOB)).status_code == 404, path
    assert (await face.get(f"/v1/copy-orders/{of_alice}", user=ALICE)).status_code == 200
    assert len((await face.get("/v1/copy-orders")).json()["items"]) == 2
    listed = (await face.get("/v1/copy-orders", user=BOB)).json()["items"]
    assert [item["user_id"] for item in listed] == [BOB]


async def test_positions_are_per_owner_and_per_user(face: Face, world: World, ask: Ask) -> None:
    """A lot of a leader, one of an ended following (by hand); never another user's."""
    leaders = [world.leader(wallet(number)) for number in (1, 2)]
    world.market(question="Will X win?")
    world.account(ALICE)
    world.account(BOB)
    kept, ended = (world.follow(f"{ALICE}-paper", leader) for leader in leaders)
    first, second = world.lot(kept), world.lot(ended)
    world.run(
        "UPDATE copy_trading_allocations SET state = 'ended', ended_at = now() WHERE allocation_id = %s",
        ended,
    )

    shown = (await face.get("/v1/positions", user=ALICE)).json()["items"]

    assert {(item["position_id"], item["owner"]) for item in shown} == {
        (str(first), leaders[0]), (str(second), "by hand"),
    }  # fmt: skip
    assert {(item["shares"], item["average_price"], item["question"]) for item in shown} == {
        ("10", "0.5", "Will X win?")
    }
    assert (await face.get(f"/v1/positions/{first}", user=ALICE)).json()["leader"] == leaders[0]
    assert (await face.get(f"/v1/positions/{first}", user=BOB)).status_code == 404
    assert (await face.get("/v1/positions/x", user=ALICE)).status_code == 404
    assert (await face.get("/v1/positions", user=BOB)).json()["items"] == []
    assert (
        len((await face.get("/v1/positions", user=ALICE, leader=leaders[0], state="open")).json()["items"])
        == 1
    )
    assert (await face.get("/v1/positions", user=ALICE, state="closed")).json()["items"] == []


async def test_signals_are_filtered_and_never_an_order(face: Face, world: World) -> None:
    """By sum, first entry, age, category and wallet; newest first."""
    world.market(category="Sports", question="Will X win?")
    for number, (usdc, first, ago) in enumerate(
        [("300", True, 10), ("2300", False, 400), ("500", True, 4000)]
    ):
        at = clock() - timedelta(seconds=ago)
        world.run(
            "INSERT INTO smart_signals VALUES (%s, %s, %s, %s, %s, 100, 0.5, 1, %s, %s, %s)",
            f"S-000000{number}", wallet(number, "c"), world.rows("SELECT token_id FROM markets")[0]["token_id"],
            at, usdc, at, at, first,
        )  # fmt: skip

    async def names(**filters: Any) -> list[str]:
        items = (await face.get("/v1/signals", **filters)).json()["items"]
        return [item["signal_id"][-1] for item in items]

    assert await names() == ["0", "1", "2"]
    assert await names(min_usdc="500") == ["1", "2"]
    assert await names(first_entry=True) == ["0", "2"]
    assert await names(max_age=600) == ["0", "1"]
    assert await names(category="sports", wallet=wallet(2, "c")) == ["2"]
    assert await names(category="Politics") == []
    assert (await face.get("/v1/signals/S-0000001")).json()["usdc"] == "2300"
    assert (await face.get("/v1/signals/S-9999999")).status_code == 404
    assert (await face.get("/v1/signals", min_usdc="NaN")).status_code == 422


async def test_the_picture_for_operators(face: Face, world: World, deciding: CopyExecution) -> None:
    """Copies by state and reason, the switches, and which parts of the way are away."""
    leader = world.leader(wallet(1))
    world.market(closed=True)
    world.follow(world.account(ALICE), leader)
    await deciding.handle(received([world.message(leader)]))

    shown = (await face.get("/v1/ops/pipeline")).json()

    assert shown["ready"] is False
    assert shown["parts"]["broker"] == "ok"
    assert shown["parts"]["trading"] == "away"
    (row,) = shown["parts"]["copies"]
    assert (row["state"], row["reason"], row["all_time"], row["last_minute"]) == (
        "skipped",
        "MARKET_CLOSED",
        1,
        1,
    )
    assert {row["name"]: row["stopped"] for row in shown["parts"]["switches"]} == {
        "buys": False, "halt": False, "live": True,
    }  # fmt: skip


async def test_readiness_wants_the_tables_of_this_version(face: Face, ask: Ask) -> None:
    """Green on a migrated database, red on one that is behind."""
    ready = await face.get("/readyz")
    await ask("DELETE FROM applied_migrations WHERE number = (SELECT max(number) FROM applied_migrations)")
    behind = await face.get("/readyz")

    assert (ready.status_code, behind.status_code) == (200, 503)
