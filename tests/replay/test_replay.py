"""The same window twice is the same bytes; with one rule changed the diff names exactly what changed; no POST."""

from __future__ import annotations

import pytest

from ops.replay import again
from ops.replay.again import ONLY_NOW
from ops.replay.choice import Choice
from ops.replay.outlet import shadow_names
from ops.replay.window import Bounds, read, resolve
from schemas.enums import Reason
from streams.copy_execution import checks
from streams.kafka.guard import Received
from streams.topology import COPY_RESULTS
from tests.replay.conftest import COUNT, Past

# What is looked at up to the leader's size, in the order of RULES §3.
UP_TO_SIZE = {
    str(name)
    for name, _ in checks.BUY_CHECKS[: [n for n, _ in checks.BUY_CHECKS].index(Reason.LEADER_TRADE_SMALL) + 1]
}


async def test_two_runs_of_a_window_are_the_same_and_as_it_was_then(past: Past) -> None:
    """Tables and topics of both have the same digests, and no decision differs from the one made then."""
    first, second = await past.replay(), await past.replay()
    assert first.state == "done"
    assert first.done == COUNT
    assert (
        first.decisions
        == past.world.rows("SELECT count(*) AS n FROM copy_orders WHERE inputs -> 'now' IS NOT NULL")[0]["n"]
    )
    assert (first.differing, first.messages_differ) == ([], [])
    assert first.digests == second.digests
    assert len(first.digests) == 5
    # What ended with its decision is told as it was told then, byte for byte.
    own = shadow_names(past.place.names, first.run)
    spans = await resolve(past.place.kafka, own.of(COPY_RESULTS), Bounds())
    told = [record.value async for record in read(past.place.kafka, own.of(COPY_RESULTS), spans)]
    then = past.world.rows("SELECT value FROM outbox WHERE topic = 'copy_results'")
    assert sorted(value for value in told if value is not None) == sorted(bytes(row["value"]) for row in then)
    assert len(told) > 100


async def test_with_one_rule_changed_the_diff_names_exactly_what_changed(past: Past) -> None:
    """A higher floor: exactly the smaller buys that nothing before it had stopped."""
    found = await past.replay(choice=Choice(settings={"leader_min_usdc": "20"}))
    rows = past.world.rows(
        "SELECT c.copy_order_id, CASE WHEN c.amount_usdc IS NULL THEN c.reason ELSE 'PLANNED' END AS was"
        " FROM copy_orders c"
        " JOIN trades t ON t.wallet = c.leader AND t.trade_id = c.trade_id"
        " WHERE c.side = 'BUY' AND t.usdc < 20 AND c.inputs -> 'now' IS NOT NULL"
    )
    expected = {row["copy_order_id"] for row in rows if row["was"] not in UP_TO_SIZE}
    named = past.world.rows(
        "SELECT copy_order_id, now_reason FROM shadow.decisions WHERE run = %s AND differ <> '{}'", found.run
    )
    assert {row["copy_order_id"] for row in named} == expected
    assert {row["now_reason"] for row in named} == {Reason.LEADER_TRADE_SMALL}
    assert found.differ == len(expected) > 100


async def test_what_exists_on_one_side_only_is_named_in_both_directions(
    past: Past, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy order that the living version lacks is due by the new one; a message that the new one says to nobody any
    more takes its copy orders with it. Neither is anything else's difference."""
    last = past.world.rows(
        "SELECT wallet, trade_id FROM trades t WHERE leader_number = "
        "(SELECT max(leader_number) FROM trades m WHERE m.wallet = t.wallet) ORDER BY wallet LIMIT 1"
    )[0]
    gone = past.world.rows(
        "SELECT copy_order_id FROM copy_orders WHERE leader = %s AND trade_id = %s", *last.values()
    )
    lacked = past.world.rows(
        "SELECT copy_order_id, trade_id FROM copy_orders WHERE leader <> %s LIMIT 1", last["wallet"]
    )
    reading = vars(again)["read"]

    def but_the_last(record: Received, roles: object) -> object:
        return None if last["trade_id"].encode() in (record.value or b"") else reading(record, roles)

    monkeypatch.setattr(again, "read", but_the_last)
    away = "UPDATE copy_orders SET trade_id = %s WHERE copy_order_id = %s"
    past.world.run("SET session_replication_role = replica")
    past.world.run(away, "elsewhere", lacked[0]["copy_order_id"])
    try:
        found = await past.replay()
    finally:
        past.world.run(away, lacked[0]["trade_id"], lacked[0]["copy_order_id"])
        past.world.run("SET session_replication_role = origin")
    only_now = [each for each in found.differing if each.now == ONLY_NOW]
    only_then = [each for each in found.differing if each.now == "NONE"]
    assert [(each.then, each.names) for each in only_now] == [("NONE", [lacked[0]["copy_order_id"]])]
    assert sorted(name for each in only_then for name in each.names) == sorted(
        row["copy_order_id"] for row in gone
    )
    assert [(each.then, each.now, each.names) for each in found.messages_differ] == [
        ("gone", "copy_leader", [last["trade_id"]])
    ]
    assert found.differ == 1 + len(gone) + 1
