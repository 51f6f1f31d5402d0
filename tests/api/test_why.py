"""Why a copy is as it is, on decisions that copy_execution really made."""

from __future__ import annotations

import re
from typing import Any

import pytest

from streams.copy_execution.agent import CopyExecution
from tests.api.conftest import ALICE, Face
from tests.copy_execution.world import World, received, wallet


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
    ({"budget_usdc": "0.5"}, {}, {},
     "Your budget for this leader, 0.50, is in use: 0.00 in positions, 0.00 in open orders.", "budget_usdc"),
    ({"max_per_day_usdc": "1"}, {}, {}, "You bought for 0.00 from this leader today; your limit is 1.00.",
     "max_per_day_usdc"),
    ({"mode": "multiplier", "multiplier": "0.01"}, {}, {},
     "The copy would be 0.50, under 1.00; it is kept for their next buy of this outcome, until 2", "below_minimum"),
    ({"mode": "multiplier", "multiplier": "0.01", "below_minimum": "skip"}, {}, {},
     "The copy would be 0.50; the smallest allowed is 1.00 (the exchange's).", "below_minimum"),
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


async def test_a_budget_in_use_says_what_is_held_and_what_is_on_order(
    face: Face, world: World, deciding: CopyExecution
) -> None:
    """Positions and open orders apart, all of that leader's; decided before both were kept, their sum is said."""
    leader = world.leader(wallet(1))
    tokens = [world.market(), world.market("8", market_id="0x" + "8" * 64)]
    following = world.follow(world.account(ALICE), leader, budget_usdc="10")
    world.lot(following, cost="4")
    messages = [world.message(leader, token=token) for token in (*tokens, tokens[0])]
    # Decided in one transaction (the second by what the first left) and in one of its own (by what the rows hold).
    await deciding.handle(received(messages[:2]))
    await deciding.handle(received([messages[2]]))
    said = "Your budget for this leader, 10.00, is in use: 4.00 in positions, 5.26 in open orders."
    shown = [
        (await face.get(f"/v1/copy-orders/{copy['copy_order_id']}/why")).json() for copy in world.copies()
    ]
    assert [each["copy_order"]["reason"] for each in shown] == [None, "BUDGET", "BUDGET"]
    assert [each["sentence"] for each in shown[1:]] == [said, said]

    world.run("UPDATE copy_orders SET inputs = (inputs::jsonb - 'buys_reserved_usdc')::json")
    former = await _why(face, world, ALICE)
    assert former["sentence"] == (
        "Your budget for this leader, 10.00, is in use: 9.26 in positions and open orders."
    )


async def test_what_is_not_settled_and_what_may_count_for_too_much_is_said(
    face: Face, world: World, deciding: CopyExecution
) -> None:
    """A match until the chain confirms it; a sale of a leader whose earlier trades may be missing."""
    leader = world.leader(wallet(1))
    world.market(outcome="Yes")
    following = world.follow(world.account(ALICE), leader)
    await deciding.handle(received([world.message(leader)]))
    world.run(
        "INSERT INTO orders (order_hash, copy_order_id, attempt, account_id, venue, side, token_id, order_type,"
        " amount_usdc, limit_price, body, state, cause, worker_epoch, posts)"
        " SELECT 'h', copy_order_id, 1, account_id, venue, side, token_id, 'FAK', amount_usdc, limit_price, '',"
        " 'matched', 'x', 1, 1 FROM copy_orders"
    )
    world.run(
        "UPDATE copy_orders SET state = 'filled', cause = 'x', filled_usdc = 5, filled_shares = 10, ended_at = now()"
    )
    assert (await _why(face, world))["sentence"].endswith(
        "bought. Filled; waiting for settlement on the chain."
    )
    world.run("UPDATE orders SET state = 'settled'")
    assert (await _why(face, world))["sentence"].endswith("bought.")

    world.lot(following)
    await deciding.handle(received([world.message(leader, "SELL", "50", unsure=True)]))
    assert (await _why(face, world))["sentence"] == (
        "Decided; waiting to be sent. We did not see all their earlier trades here; this sale may count for more than"
        " it was."
    )


async def test_an_old_trade_says_how_old(face: Face, world: World, deciding: CopyExecution) -> None:
    """Age and limit, in seconds."""
    leader = world.leader(wallet(1))
    world.market()
    world.follow(world.account(ALICE), leader)
    await deciding.handle(received([world.message(leader, ago=100.0)]))

    shown = await _why(face, world)

    assert shown["copy_order"]["state"] == "expired"
    # A hundred seconds, and what this machine took until it was decided.
    assert re.fullmatch(
        r"It reached us 1\d\d(\.\d+)? s after their trade; your limit is 60 s\.", shown["sentence"]
    )


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
