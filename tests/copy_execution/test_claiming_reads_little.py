"""Claiming goes along an index: it reads as many plans as it takes, however many wait."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from streams.copy_execution.agent import CopyExecution
from streams.tables.pool import Pool
from streams.tables.queries import query
from tests.copy_execution.world import World, received

WAITING = 60
TAKEN = 5


def _scans(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if node.get("Alias", "").startswith("c") and "Scan" in node["Node Type"]:
        yield node
    for part in node.get("Plans", ()):
        yield from _scans(part)


async def test_a_claim_reads_what_it_takes(world: World, deciding: CopyExecution, trading_pool: Pool) -> None:
    """Sixty plans wait, five are taken: no scan of copy orders reads more than five rows."""
    leader = world.leader("0x" + "1a" * 20)
    world.market()
    for number in range(WAITING):
        world.follow(world.account(f"u{number}"), leader)
    await deciding.handle(received([world.message(leader)]))
    assert len(world.rows("SELECT 1 FROM copy_orders WHERE state = 'planned'")) == WAITING
    wanted = {"venues": ["paper"], "looked_at": [], "most": TAKEN}
    async with trading_pool.connection() as connection:
        found = await connection.execute(
            b"EXPLAIN (ANALYZE, FORMAT JSON) " + query("trading/claim_plans").encode(), wanted
        )
        row = await found.fetchone()
        assert row is not None
        plan = row[0][0]["Plan"] if not isinstance(row[0], str) else json.loads(row[0])[0]["Plan"]
        scans = list(_scans(plan))
        assert scans, plan
        for scan in scans:
            read = (scan["Actual Rows"] + scan.get("Rows Removed by Filter", 0)) * scan["Actual Loops"]
            assert read <= TAKEN, scan
