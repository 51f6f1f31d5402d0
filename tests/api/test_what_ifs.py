"""What settings would have done and what the last buy would become now: the API and the stage that answers."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from schemas.allocations import AllocationSettings
from schemas.presets import Preset, preset_settings
from schemas.trades import LeaderTraded
from streams.tables.pool import open_pool
from streams.what_if.agent import WhatIfs
from tests.api.conftest import ALICE, BOB, LEADER, SETTINGS, Face
from tests.conftest import StartProcess
from tests.copy_execution.world import World
from tests.waiting import eventually

Answering = Callable[..., Awaitable[None]]
DAY = timedelta(days=1)
CAREFUL = {"leader": LEADER, "preset": "careful", "budget_usdc": "100", "days": 30}


@pytest.fixture
async def answering(database_url: str) -> AsyncIterator[Answering]:
    """`await answering(seconds=60)` starts the stage as the worker does."""
    pool = await open_pool(database_url, "streams")
    tasks: list[asyncio.Task[None]] = []

    async def start(seconds: float = 60.0) -> None:
        stage = WhatIfs(
            pool, database_url, seconds=seconds, trades_most=50_000, live_sources=frozenset({"chain"})
        )
        tasks.append(asyncio.create_task(stage.run()))

    yield start
    for task in tasks:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    await pool.close()


def keep(world: World, message: LeaderTraded, at: datetime | None = None) -> LeaderTraded:
    """The trade as classify stores it, made at a time of its own."""
    traded_at = at or message.traded_at
    world.run(
        "INSERT INTO trades (wallet, trade_id, kind, source, side, token_id, size, price, usdc, traded_at, appended_at,"
        " classified_at, content, leader_number, leader_message)"
        " VALUES (%s, %s, 'trade', 'chain', %s, %s, %s, %s, %s, %s, %s, %s, '', %s, %s)",
        message.wallet, message.trade_id, message.side.value, message.token_id, message.size, message.price,
        message.usdc, traded_at, traded_at, traded_at, message.number, message.encode(),
    )  # fmt: skip
    return message


def a_month(world: World) -> None:
    """Four buys of 50 USDC: one sold higher, one that lost when its market ended, one too dear, one still open."""
    world.leader(LEADER)
    now = datetime.now(UTC)
    for number, facts in enumerate(
        ({}, {"payout": "0", "resolved_at": now - 5 * DAY, "closed": True}, {}, {})
    ):
        world.market(f"7{number}", market_id="0x" + f"{number:064x}", **{"end_at": now + 9 * DAY} | facts)
    story = [
        ("BUY", "70", "0.5", 20), ("BUY", "71", "0.5", 19), ("BUY", "72", "0.95", 18), ("SELL", "70", "0.6", 10),
        ("BUY", "73", "0.5", 2),
    ]  # fmt: skip
    for side, token, price, days in story:
        keep(world, world.message(LEADER, side, "100", price, token=token), now - days * DAY)


async def asked(face: Face, body: dict[str, Any], user: str = ALICE) -> dict[str, Any]:
    """The question once it has its answer."""
    begun = await face.post("/v1/what-if", body, user=user)
    assert begun.status_code == 202, begun.text
    assert begun.json()["state"] == "queued"

    async def over() -> dict[str, Any] | None:
        shown: dict[str, Any] = (await face.get(begun.headers["location"], user=user)).json()
        return shown if shown["state"] in ("done", "failed") else None

    found = await eventually(over, 60)
    assert isinstance(found, dict)
    return found


async def test_b49_a_what_if_says_what_settings_would_have_done(
    face: Face, world: World, answering: Answering
) -> None:
    """B-49: every buy is copied or skipped with its reason, results lie between both fills, net of fees; nothing is
    stored as a copy."""
    a_month(world)
    world.account(ALICE)
    await answering()

    shown = await asked(face, CAREFUL)

    assert (shown["state"], shown["progress"]) == ("done", 100), shown
    result = shown["result"]
    assert (result["buys"], result["buys_copied"], result["sells"], result["sells_copied"]) == (4, 3, 1, 1)
    assert result["skips"] == [{"reason": "PRICE_BAND", "copies": 1}]
    low, high = Decimal(result["result_low_usdc"]), Decimal(result["result_high_usdc"])
    # 2.00 lost with its market, 2.00 sold at 55 to 60¢, the last one as it was; less fees and what the limit costs.
    assert Decimal("-2.5") < low < high < Decimal("-1.5")
    assert Decimal(result["fees_usdc"]) > 0
    assert Decimal(result["most_at_work_usdc"]) < 5
    assert result["assumptions"][0] == "Each order is taken to go out 3 s after their trade."
    assert result["assumptions"][-1] == "The past, not a promise."
    assert any("not known to us" in said for said in result["assumptions"])
    assert shown["settings"]["max_loss_usdc"] == "100"
    assert "and stops buying once 100.00 is lost" in shown["sentence"]
    assert world.rows("SELECT 1 FROM copy_orders") == world.rows("SELECT 1 FROM orders") == []


async def test_what_a_leader_held_before_counts(face: Face, world: World, answering: Answering) -> None:
    """A sale is the part it is of all he held, also of what he bought before the days that are asked about."""
    world.leader(LEADER)
    world.account(ALICE)
    now = datetime.now(UTC)
    world.market("70", end_at=now + 9 * DAY)
    keep(world, world.message(LEADER, "BUY", "900", "0.5", token="70"), now - 40 * DAY)
    keep(world, world.message(LEADER, "BUY", "100", "0.5", token="70"), now - 2 * DAY)
    keep(world, world.message(LEADER, "SELL", "100", "0.5", token="70"), now - DAY)
    await answering()

    result = (await asked(face, CAREFUL | {"preset": "balanced"}))["result"]

    # A tenth of a lot of 5.00 at 0.53 is 0.94 shares, of which one sells 0.94.
    assert (result["buys_copied"], result["sells_copied"]) == (1, 1)
    assert "1 positions are still open" in " ".join(result["assumptions"])


async def test_settings_of_ones_own_and_a_wallet_nobody_knows(
    face: Face, world: World, answering: Answering
) -> None:
    """Wrong settings are named; a wallet without trades is answered with nothing copied."""
    world.account(ALICE)
    await answering()

    wrong = await face.post(
        "/v1/what-if", {"leader": LEADER, "settings": {"mode": "fixed_amount"}}, user=ALICE
    )
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "settings.fixed_amount_usdc")
    both = await face.post("/v1/what-if", CAREFUL | {"settings": SETTINGS}, user=ALICE)
    assert both.status_code == 422
    result = (await asked(face, {"leader": LEADER, "settings": SETTINGS, "days": 90}))["result"]
    assert (result["trades"], result["buys"], result["result_low_usdc"]) == (0, 0, "0")


async def test_a_what_if_is_bounded_in_time_and_number(
    face: Face, world: World, answering: Answering
) -> None:
    """One that takes too long says so; the sixth within an hour is refused; another person's is not found."""
    a_month(world)
    world.account(ALICE)
    world.account(BOB)
    await answering(seconds=0.0)

    shown = await asked(face, CAREFUL)

    assert (shown["state"], shown["result"]) == ("failed", None)
    assert shown["cause"] == "It took longer than 0 s. Ask for fewer days."
    in_french = face.acting(ALICE) | {"Accept-Language": "fr"}
    again = await face.http.get(f"/v1/what-if/{shown['what_if_id']}", headers=in_french)
    assert again.json()["cause"] == "Il a fallu plus de 0 s. Demandez moins de jours."
    (kept,) = world.rows("SELECT cause, most_seconds FROM what_ifs")
    assert (kept["cause"], kept["most_seconds"]) == ("TOO_LONG", 0)
    foreign = await face.get(f"/v1/what-if/{shown['what_if_id']}", user=BOB)
    assert foreign.status_code == 404
    for _ in range(4):
        assert (await face.post("/v1/what-if", CAREFUL, user=ALICE)).status_code == 202
    sixth = await face.post("/v1/what-if", CAREFUL, user=ALICE)
    assert (sixth.status_code, sixth.json()["code"]) == (429, "too-many")
    assert 0 < int(sixth.headers["retry-after"]) <= 3_600
    assert (await face.post("/v1/what-if", CAREFUL, user=BOB)).status_code == 202


async def test_a_what_if_whose_worker_is_gone_is_begun_again_once(
    face: Face, world: World, answering: Answering
) -> None:
    """A silent one is taken by the next worker; one that broke off twice is given up."""
    a_month(world)
    world.account(ALICE)
    first, second = [
        (await face.post("/v1/what-if", CAREFUL, user=ALICE)).json()["what_if_id"] for _ in range(2)
    ]
    gone = (
        "UPDATE what_ifs SET state = 'running', attempts = %s, beat_at = now() - interval '1 hour'"
        " WHERE what_if_id = %s"
    )
    world.run(gone, 1, first)
    world.run(gone, 2, second)

    await answering()

    def states() -> dict[str, str]:
        rows = world.rows("SELECT what_if_id, state FROM what_ifs")
        found = {row["what_if_id"]: row["state"] for row in rows}
        assert set(found.values()) <= {"done", "failed"}
        return found

    assert await eventually(states, 60) == {first: "done", second: "failed"}


async def test_a_rehearsal_is_the_decision_of_the_last_buy_and_no_order(
    face: Face, world: World, answering: Answering
) -> None:
    """With the real books, rooms and checks, headed as a rehearsal; nothing is stored or reserved."""
    world.leader(LEADER)
    world.market()
    name = world.follow(world.account(ALICE), LEADER, buy_slippage="0.02")
    old = datetime.now(UTC) - 3 * DAY
    keep(world, world.message(LEADER, size="100", price="0.5", traded_at=old, burst_started_at=old))
    await answering()

    answer = await face.post(f"/v1/allocations/{name}/rehearse", user=ALICE)

    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert shown["note"] == "Rehearsal, no order"
    assert datetime.fromisoformat(shown["traded_at"]) == old
    why = shown["why"]
    assert why["sentence"] == "It would buy shares for 5.00 USDC, at most 52¢, because 0xabab…abab bought."
    assert (why["decision"]["state"], why["decision"]["limit"]) == ("planned", "0.52")
    assert {room["name"] for room in why["decision"]["rooms"]} == {"BUDGET", "BALANCE"}
    assert all(check["passed"] for check in why["decision"]["checks"])
    assert world.rows("SELECT 1 FROM copy_orders") == []

    await face.post(f"/v1/allocations/{name}/pause", user=ALICE)
    paused = (await face.post(f"/v1/allocations/{name}/rehearse", user=ALICE)).json()
    assert paused["why"]["copy_order"]["reason"] == "PAUSED"
    assert paused["why"]["sentence"].startswith("You paused this leader")


async def test_without_a_buy_there_is_nothing_to_rehearse(
    face: Face, world: World, answering: Answering
) -> None:
    """Said so, not refused."""
    world.leader(LEADER)
    name = world.follow(world.account(ALICE), LEADER)
    await answering()

    shown = (await face.post(f"/v1/allocations/{name}/rehearse", user=ALICE)).json()

    assert (shown["why"], shown["traded_at"]) == (None, None)
    assert shown["note"].startswith("No buy of this leader is known")


@pytest.mark.parametrize("preset", list(Preset))
@pytest.mark.parametrize("budget", ["5", "25", "100", "1000"])
def test_r03_presets_are_those_of_the_table(preset: Preset, budget: str) -> None:
    """UX §2, row by row; and they lose at most the budget."""
    b = Decimal(budget)
    settings = preset_settings(preset, b)
    careful = preset is Preset.CAREFUL
    amount = max(Decimal(2), b * (2 if careful else 5) / 100)
    expected = {
        "mode": "fixed_amount", "fixed_amount_usdc": amount, "budget_usdc": b, "max_loss_usdc": b,
        "max_per_market_usdc": max(b * (10 if careful else 20) / 100, amount * Decimal("1.2")),
        "max_per_day_usdc": max(b * (25 if careful else 100) / 100, amount * Decimal("1.2")),
        "min_price": Decimal("0.10") if careful else Decimal("0.05"),
        "max_price": Decimal("0.90") if careful else Decimal("0.95"),
        "buy_slippage": Decimal("0.02") if careful else Decimal("0.03"), "sell_slippage": Decimal("0.05"),
        "max_age_seconds": 30 if careful else 60, "min_seconds_to_end": 3_600 if careful else 600,
        "leader_min_usdc": Decimal(20 if careful else 5), "entries": "first_only" if careful else "all",
        "max_adds": None if careful else 2,
    }  # fmt: skip
    assert settings == AllocationSettings.model_validate(expected)
    with pytest.raises(ValueError, match="at least 5"):
        preset_settings(preset, Decimal("4.99"))


@pytest.mark.parametrize("stages", ["what_if,market_facts", None])
async def test_the_worker_answers_beside_the_way(
    gateway: Face, world: World, run_process: StartProcess, *, stages: str | None
) -> None:
    """The streams process with all its stages, and one that has little else to do: same answer."""
    a_month(world)
    world.account(ALICE)
    await run_process("streams", **({} if stages is None else {"POLYCOOL_STREAMS_STAGES": stages}))

    assert (await asked(gateway, CAREFUL))["result"]["buys_copied"] == 3
