"""How followings do, what people call their leaders, how many they may have, and what a check warns of."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from ops.stack.local import Stack
from schemas.presets import Preset, preset_settings
from schemas.trades import LeaderTraded
from streams.copy_execution.agent import CopyExecution
from tests.api.conftest import (
    ALICE,
    LEADER,
    OTHER,
    SETTINGS,
    Ask,
    Face,
    api_settings,
    serving,
)
from tests.copy_execution.world import World, received


def keep(world: World, message: LeaderTraded) -> LeaderTraded:
    """The trade as classify stores it."""
    world.run(
        "INSERT INTO trades (wallet, trade_id, kind, source, side, token_id, size, price, usdc, traded_at, appended_at,"
        " classified_at, content, leader_number)"
        " VALUES (%s, %s, 'trade', 'chain', %s, %s, %s, %s, %s, %s, %s, %s, '', %s)",
        message.wallet, message.trade_id, message.side.value, message.token_id, message.size, message.price,
        message.usdc, message.traded_at, message.appended_at, message.classified_at, message.number,
    )  # fmt: skip
    return message


async def standing_of(face: Face, name: str, user: str = ALICE) -> dict[str, Any]:
    """The standing as the list and the following itself show it."""
    alone: dict[str, Any] = (await face.get(f"/v1/allocations/{name}", user=user)).json()["standing"]
    listed = (await face.get("/v1/allocations", user=user)).json()["items"]
    assert [each["standing"] for each in listed if each["allocation_id"] == name] == [alone]
    return alone


async def test_a_following_says_how_it_does(face: Face, world: World, deciding: CopyExecution) -> None:
    """B-19: what is shown comes from what was booked and decided, never from numbers kept beside it."""
    world.leader(LEADER)
    world.market()
    name = world.follow(world.account(ALICE), LEADER, min_price="0.4")
    messages = [
        keep(world, world.message(LEADER, price=price, ago=ago, burst_started_at=None))
        for price, ago in (("0.5", 30.0), ("0.2", 20.0), ("0.3", 10.0))
    ]
    await deciding.handle(received(messages))
    world.lot(name, "77", cost="5")

    standing = await standing_of(face, name)

    assert (standing["due_today"], standing["answered_today"], standing["under_way"]) == (3, 2, 1)
    assert (standing["copied_today"], standing["skipped_today"]) == (0, 2)
    assert standing["skips_today"] == {"PRICE_BAND": 2}
    # The lot's cost and the reserve of the open BUY of 5: 5.00 and its fee's part, and a cent.
    assert (standing["positions"], standing["at_work_usdc"]) == (1, "10.26")
    assert (standing["worth_usdc"], standing["open_usdc"], standing["result_usdc"]) == (None, None, "0")
    assert standing["every_seconds"] == 10
    assert standing["last_trade_at"] is not None


async def test_what_ended_counts_with_its_money_and_delay(
    face: Face, world: World, deciding: CopyExecution
) -> None:
    """Copied, bought today, how late the exchange answered; results come with the lots."""
    world.leader(LEADER)
    world.market()
    name = world.follow(world.account(ALICE), LEADER)
    await deciding.handle(received([world.message(LEADER, ago=2.0)]))
    world.run(
        "INSERT INTO orders (order_hash, copy_order_id, attempt, account_id, venue, side, token_id, order_type,"
        " amount_usdc, limit_price, body, state, cause, worker_epoch, posts, answered_at)"
        " SELECT 'h', copy_order_id, 1, account_id, venue, side, token_id, 'FAK', amount_usdc, limit_price, '',"
        " 'matched', 'x', 1, 1, traded_at + interval '2.5 seconds' FROM copy_orders"
    )
    world.run(
        "UPDATE copy_orders SET state = 'filled', cause = 'x', filled_usdc = 5, filled_shares = 10, ended_at = now()"
    )
    lot = world.lot(name, cost="5.1")
    world.run("UPDATE lots SET realised_usdc = -1.5, fees_usdc = 0.1 WHERE lot_id = %s", lot)

    standing = await standing_of(face, name)

    assert (standing["copied_today"], standing["bought_today_usdc"]) == (1, "5")
    assert (standing["delay_p50_seconds"], standing["delay_p95_seconds"]) == ("2.5", "2.5")
    assert (standing["realised_usdc"], standing["fees_usdc"], standing["result_usdc"]) == (
        "-1.5",
        "0.1",
        "-1.5",
    )
    assert standing["at_work_usdc"] == "5.1"


async def test_a_leader_is_called_what_the_person_calls_it(face: Face) -> None:
    """In the rule, for this person only; a name is no new version; null takes it away."""
    alice, bob = await face.new_user("Alice"), await face.new_user("Bob")
    mine = (await face.follow(alice, LEADER))["allocation_id"]
    theirs = (await face.follow(bob, LEADER))["allocation_id"]

    async def rename(label: str | None) -> dict[str, Any]:
        headers = {"If-Match": '"1"'} | face.acting(alice)
        answer = await face.http.patch(f"/v1/allocations/{mine}", json={"label": label}, headers=headers)
        assert answer.status_code == 200, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    named = await rename("The Whale")

    assert (named["label"], named["leader_label"], named["version"]) == ("The Whale", "The Whale", 1)
    assert "When The Whale buys" in named["sentence"]
    others = (await face.get(f"/v1/allocations/{theirs}", user=bob)).json()
    assert (others["label"], others["leader_label"]) == (None, None)
    assert (await rename(None))["leader_label"] is None


@pytest.fixture
async def living(stack: Stack, database_url: str, topic_prefix: str) -> AsyncIterator[Face]:
    """The API with the limits it has where people live."""
    limits = {"api_followings_max": 20, "api_new_leaders_a_day": 5}
    async with serving(api_settings(database_url, stack.kafka, topic_prefix, **limits)) as running:
        yield running


async def test_r27_twenty_followings_and_five_new_leaders_a_day(living: Face, world: World) -> None:
    """The sixth new leader of a day and the twenty-first following are refused in a sentence; the number two together
    cannot be passed."""
    user = await living.new_user()
    leaders = [f"0x{number:040x}" for number in range(1, 30)]
    for leader in leaders[:4]:
        await living.follow(user, leader)

    async def begin(leader: str) -> tuple[int, str]:
        answer = await living.post("/v1/allocations", {"leader": leader, "settings": SETTINGS}, user=user)
        return answer.status_code, answer.json().get("detail", "")

    both = await asyncio.gather(begin(leaders[4]), begin(leaders[5]))
    assert sorted(status for status, _ in both) == [201, 409]
    status, detail = await begin(leaders[6])
    assert (status, detail) == (
        409,
        "You have begun to follow 5 new leaders today, the most for one day. It starts again at 00:00 UTC.",
    )
    for _ in range(3):
        world.run("UPDATE copy_trading_allocations SET created_at = created_at - %s", timedelta(days=1))
        for leader in leaders[7:]:
            if (await begin(leader))[0] == 409:
                break
            leaders.remove(leader)
    world.run("UPDATE copy_trading_allocations SET created_at = created_at - %s", timedelta(days=1))
    assert await begin(leaders[-1]) == (
        409,
        "You follow 20 leaders, the most there may be. Stop one of them first.",
    )


@pytest.mark.parametrize(
    ("changed", "warned"),
    [
        ({"mode": "multiplier", "multiplier": "0.05"}, "⚠ 2 of 3 buys would be too small."),
        ({"mode": "multiplier", "multiplier": "1"}, None),
        ({"mode": "multiplier", "multiplier": "0.05", "below_minimum": "raise"}, None),
        ({"mode": "proportional"}, "⚠ 3 of 3 buys would be too small."),
        ({}, None),
    ],
)
async def test_a_check_says_how_many_buys_would_be_too_small(
    face: Face, world: World, *, changed: dict[str, Any], warned: str | None
) -> None:
    """Counted among the leader's own buys, where his size decides ours."""
    user = await face.new_user()
    world.leader(OTHER)
    for size in ("20", "30", "100"):
        keep(world, world.message(OTHER, size=size, price="0.5"))
    keep(world, world.message(OTHER, "SELL", size="1", price="0.5"))
    world.run("INSERT INTO leader_values VALUES (%s, now(), 100000)", OTHER)

    body = {"leader": OTHER, "settings": SETTINGS | {"max_loss_usdc": "100"} | changed}
    answer = await face.http.post("/v1/allocations/check", json=body, headers=face.acting(user))

    shown = answer.json()
    said = [each["message"] for each in shown["warnings"] if each["code"] == "too_small"]
    assert said == ([warned] if warned else [])


async def test_r03_the_rule_names_the_most_that_may_be_lost(face: Face, ask: Ask) -> None:
    """What the wizard saves loses at most the budget, and the sentence of the following says so."""
    user = await face.new_user()
    settings = preset_settings(Preset.CAREFUL, Decimal(100)).model_dump(mode="json", exclude_none=True)

    begun = await face.post("/v1/allocations", {"leader": LEADER, "settings": settings}, user=user)

    assert begun.json()["settings"]["max_loss_usdc"] == "100"
    assert "100.00 at work in all, and stops buying once 100.00 is lost." in begun.json()["sentence"]
    kept = (await ask("SELECT settings FROM copy_trading_allocations"))[0]["settings"]
    assert kept["max_loss_usdc"] == "100"
