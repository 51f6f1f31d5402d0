"""Copy orders as they are shown, on decisions that copy_execution really made."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from schemas.base import rfc3339
from streams.copy_execution.agent import CopyExecution
from tests.api.conftest import ALICE, BOB, SETTINGS, Ask, Face
from tests.copy_execution.world import World, clock, received, wallet


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


async def test_an_account_says_what_is_free_and_what_is_at_work(
    face: Face, world: World, deciding: CopyExecution
) -> None:
    """Cash includes what open BUYs reserve; at work is the cost of open lots."""
    leader = world.leader(wallet(1))
    world.market()
    name = world.follow(world.account(ALICE, "100"), leader)
    world.lot(name, token="8", cost="7.5")
    await deciding.handle(received([world.message(leader)]))

    (account,) = (await face.get("/v1/me/accounts", user=ALICE)).json()
    checked = await face.http.post(
        "/v1/allocations/check",
        json={"leader": leader, "settings": SETTINGS | {"budget_usdc": "5", "copy_sells": False}},
        headers=face.acting(ALICE),
    )

    assert (account["cash_usdc"], account["reserved_usdc"], account["free_usdc"]) == ("100", "5.26", "94.74")
    assert (account["at_work_usdc"], account["realised_usdc"]) == ("7.5", "0")
    shown = checked.json()
    assert shown["valid"] is True
    assert shown["sentence"].startswith("📄 PAPER. When 0x1000…0001 buys")
    assert {warning["code"] for warning in shown["warnings"]} == {"no_sells", "no_loss_limit", "at_work"}


async def test_checking_saves_nothing_and_names_what_is_wrong(face: Face, world: World) -> None:
    """Every wrong setting at once; no key is needed."""
    world.account(ALICE)
    body = {
        "settings": {"mode": "fixed_amount", "fixed_amount_usdc": 2, "max_age_seconds": 0, "budget_usdc": "1"}
    }

    answer = await face.http.post("/v1/allocations/check", json=body, headers=face.acting(ALICE))

    shown = answer.json()
    assert (answer.status_code, shown["valid"], shown["sentence"]) == (200, False, None)
    assert {error["field"] for error in shown["errors"]} == {
        "settings.fixed_amount_usdc",
        "settings.max_age_seconds",
    }
    assert world.rows("SELECT 1 FROM copy_trading_allocations") == []
