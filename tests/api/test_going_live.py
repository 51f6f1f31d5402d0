"""Going live with one leader: by the phrase, by a person, once live is armed; and what an API token may not change."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.api.conftest import ALICE, LEADER, SETTINGS, Face
from tests.copy_execution.world import World


async def go_live(face: Face, name: str, phrase: str = "LIVE") -> httpx.Response:
    return await face.post(f"/v1/allocations/{name}/go-live", {"phrase": phrase}, user=ALICE)


async def token_of(face: Face, scope: str = "write") -> dict[str, str]:
    """Headers with an API token of Alice's own."""
    made = await face.post("/v1/me/tokens", {"label": "script", "scope": scope}, user=ALICE)
    assert made.status_code == 201, made.text
    return {"Authorization": f"Bearer {made.json()['token']}"}


@pytest.fixture
def armed(world: World) -> World:
    """Alice may trade live; the operators allow it."""
    world.account(ALICE)
    world.account(ALICE, venue="polymarket", wallet="0x" + "fe" * 20, day_cap="50")
    world.run("UPDATE accounts SET armed_at = now() WHERE venue = 'polymarket'")
    world.run("UPDATE switches SET stopped = false WHERE name = 'live'")
    return world


async def test_going_live_begins_a_live_following_and_pauses_the_paper_one(face: Face, armed: World) -> None:
    """Same leader, same settings; the paper one keeps its history; twice is a conflict."""
    paper = await face.follow(ALICE, LEADER, max_loss_usdc="100")

    answer = await go_live(face, paper["allocation_id"])

    assert answer.status_code == 201, answer.text
    live = answer.json()
    assert (live["venue"], live["state"], live["leader"]) == ("polymarket", "active", LEADER)
    assert live["settings"] == paper["settings"]
    assert live["sentence"].startswith("🔴 LIVE. When ")
    assert answer.headers["location"] == f"/v1/allocations/{live['allocation_id']}"
    old = (await face.get(f"/v1/allocations/{paper['allocation_id']}", user=ALICE)).json()
    assert (old["state"], old["version"]) == ("paused", 2)
    assert (await go_live(face, paper["allocation_id"])).status_code == 409
    assert (await go_live(face, live["allocation_id"])).status_code == 409


@pytest.mark.parametrize(
    ("statement", "status", "code"),
    [
        ("UPDATE accounts SET armed_at = NULL", 409, "live-not-armed"),
        ("UPDATE switches SET stopped = true WHERE name = 'live'", 409, "live-not-armed"),
        ("DELETE FROM accounts WHERE venue = 'polymarket'", 409, "live-not-armed"),
    ],
)
async def test_without_arming_no_leader_trades_live(
    face: Face, armed: World, *, statement: str, status: int, code: str
) -> None:
    """Neither by going live nor by following at once; nothing is begun, the paper one goes on."""
    name = (await face.follow(ALICE, LEADER))["allocation_id"]
    armed.run(statement)

    gone = await go_live(face, name)
    body = {"leader": LEADER, "venue": "polymarket", "settings": SETTINGS}
    followed = await face.post("/v1/allocations", body, user=ALICE)

    for answer in (gone, followed):
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    states = armed.rows("SELECT venue, state FROM copy_trading_allocations")
    assert states == [{"venue": "paper", "state": "active"}]


async def test_going_live_wants_the_phrase_as_it_is_written(face: Face, armed: World) -> None:
    """Not in small letters, not with a blank."""
    name = (await face.follow(ALICE, LEADER))["allocation_id"]
    for phrase in ("live", "LIVE ", ""):
        answer = await go_live(face, name, phrase)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "phrase")
    assert len(armed.rows("SELECT 1 FROM copy_trading_allocations")) == 1


async def test_r26_an_api_token_neither_goes_live_nor_widens_what_is_live(face: Face, armed: World) -> None:
    """403 for going live, following live, and each widening; narrowing and pausing are allowed; on paper all is."""
    paper = (await face.follow(ALICE, LEADER, max_loss_usdc="100"))["allocation_id"]
    live = (await go_live(face, paper)).json()["allocation_id"]
    token = await token_of(face)

    async def change(name: str, version: int, settings: dict[str, Any]) -> httpx.Response:
        headers = token | {"If-Match": f'"{version}"'}
        return await face.http.patch(f"/v1/allocations/{name}", json={"settings": settings}, headers=headers)

    for path, body in (
        (f"/v1/allocations/{paper}/go-live", {"phrase": "LIVE"}),
        ("/v1/allocations", {"leader": "0x" + "12" * 20, "venue": "polymarket", "settings": SETTINGS}),
    ):
        answer = await face.http.post(path, json=body, headers=token | {"Idempotency-Key": path})
        assert (answer.status_code, answer.json()["code"]) == (403, "not-allowed")
    wider = await change(live, 1, {"budget_usdc": "200", "max_loss_usdc": None})
    assert wider.status_code == 403
    assert {error["field"] for error in wider.json()["errors"]} == {
        "settings.budget_usdc",
        "settings.max_loss_usdc",
    }
    assert (await change(live, 1, {"budget_usdc": "50"})).status_code == 200
    assert (await change(paper, 2, {"budget_usdc": "200"})).status_code == 200
    paused = await face.http.post(
        f"/v1/allocations/{live}/pause", headers=token | {"Idempotency-Key": "pause"}
    )
    assert paused.status_code == 200
    kept = armed.rows("SELECT settings FROM copy_trading_allocations WHERE venue = 'paper'")
    assert [row["settings"]["budget_usdc"] for row in kept] == ["200"]
