"""What trading tells people, in the transaction of its fact (UX §3): one notice for each copy, and its neighbours."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from streams.tables.queries import query
from tests.copy_execution.world import TOKEN, World
from tests.trading.ground import LEADER, Ground
from tests.waiting import eventually


def told(world: World, kind: str) -> list[dict[str, Any]]:
    """All notices of a kind."""
    return world.rows("SELECT * FROM notifications WHERE kind = %s ORDER BY notification_id", kind)


async def test_a_doubt_is_told_and_its_end_takes_its_place(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After ten seconds without a clear answer; then the same row says how it ended: edited, not a second notice."""
    monkeypatch.setattr("streams.trading.unknown_watch.TOLD_AFTER_SECONDS", 0.2)
    monkeypatch.setattr("streams.trading.agent.UNKNOWN_LOOK_SECONDS", 0.05)
    await ground.start(post_seconds=0.5, reconcile_seconds=0.2, proof_looks=3, proof_seconds=1.5)
    await ground.followers()
    await ground.conduct(
        {"deed": "wait_after", "seconds": 20, "times": 1},
        {"deed": "answer_instead", "method": "GET", "path": "/data/*", "status": 503},
    )
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    await eventually(lambda: told(ground.world, "copy_unknown"))
    (doubt,) = told(ground.world, "copy_unknown")
    assert (doubt["revision"], doubt["topic"]) == (1, "checking")
    await ground.conduct()
    (copy,) = await ground.all_ended()
    assert copy["state"] == "filled"
    (end,) = ground.world.rows("SELECT * FROM notifications")
    assert (end["notification_id"], end["kind"], end["revision"]) == (
        doubt["notification_id"],
        "copy_filled",
        2,
    )
    assert end["body"]["was_unknown"] is True
    assert (end["event"], end["topic"]) == (copy["copy_order_id"], "copied")


async def test_the_end_of_a_market_is_told_with_what_it_paid(ground: Ground) -> None:
    """A lot's payout and its notice are one transaction; a closing following that holds nothing any more ends, told."""
    await ground.start(sweep_seconds=0.1)
    (allocation_id,) = await ground.followers()
    await ground.leader_trades(ground.world.message(LEADER, "BUY", "100", "0.5"))
    await ground.all_ended()
    (lot,) = ground.lots()
    ground.world.run("UPDATE copy_trading_allocations SET state = 'closing', version = version + 1")
    ground.world.run(
        "UPDATE markets SET closed = true, payout = 1, resolved_at = now(), version = version + 1"
    )
    await eventually(lambda: told(ground.world, "following_over"))
    (paid,) = told(ground.world, "market_resolved")
    assert Decimal(paid["body"]["shares"]) == Decimal(paid["body"]["usdc"]) == lot["shares"]
    assert Decimal(paid["body"]["realised_usdc"]) == lot["shares"] - lot["cost_usdc"]
    assert (paid["event"], paid["body"]["token_id"]) == (f"lot:{lot['lot_id']}", TOKEN)
    (over,) = told(ground.world, "following_over")
    assert (over["event"], over["body"]["leader"]) == (allocation_id, LEADER)


def test_attempts_of_a_sale_are_one_notice(database_url: str) -> None:
    """Sold in part, tried again, ended: one row; an attempt that sold nothing is told only where somebody waits."""
    world = World.on(database_url)

    def write(kind: str, shares: str) -> list[tuple[str, int]]:
        row = {"user_id": "u", "kind": kind, "event": "C-1", "body": {"side": "SELL", "shares": shares}}
        world.owner.execute(query("trading/insert_notification").encode(), {"rows": json.dumps([row])})
        return [(each["kind"], each["revision"]) for each in world.rows("SELECT * FROM notifications")]

    assert write("copy_trying", "0") == []
    assert write("copy_trying", "1.1") == [("copy_trying", 1)]
    assert write("copy_trying", "1.1") == [("copy_trying", 1)]
    assert write("copy_trying", "1.2") == [("copy_trying", 2)]
    assert write("copy_partial", "1.2") == [("copy_partial", 3)]
    (kept,) = world.rows("SELECT topic, class FROM notifications")
    assert kept == {"topic": None, "class": "result"}  # a sale that could not be done is never quiet
    world.owner.close()
