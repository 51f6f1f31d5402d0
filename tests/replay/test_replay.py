"""The same window twice is the same bytes; with one rule changed the diff names exactly what changed; no POST."""

from __future__ import annotations

from ops.replay.choice import Choice
from schemas.enums import Reason
from streams.copy_execution import checks
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
    assert len(first.digests) == 4


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
