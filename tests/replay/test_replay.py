"""The same window twice is the same bytes; with one rule changed the diff names exactly what changed; no POST."""

from __future__ import annotations

from ops.replay.again import ONLY_NOW
from ops.replay.choice import Choice
from ops.replay.outlet import shadow_names
from ops.replay.window import Bounds, read, resolve
from schemas.enums import Reason
from streams.copy_execution import checks
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


async def test_a_copy_order_that_only_the_new_code_makes_is_named(past: Past) -> None:
    """Taken away from what was decided then: it is due by promise 2, and nothing else differs."""
    (lacked,) = past.world.rows("SELECT copy_order_id, trade_id FROM copy_orders ORDER BY 1 LIMIT 1")
    away = "UPDATE copy_orders SET trade_id = %s WHERE copy_order_id = %s"
    past.world.run("SET session_replication_role = replica")
    past.world.run(away, "elsewhere", lacked["copy_order_id"])
    try:
        found = await past.replay()
    finally:
        past.world.run(away, lacked["trade_id"], lacked["copy_order_id"])
        past.world.run("SET session_replication_role = origin")
    assert [(each.then, each.now, each.names) for each in found.differing] == [
        ("NONE", ONLY_NOW, [lacked["copy_order_id"]])
    ]
    assert found.differ == 1
