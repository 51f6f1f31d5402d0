"""Old trades, the whole topic again, and again with no memory of plans: the short form of `polycool bench old-news`."""

from __future__ import annotations

import os

import pytest

from ops.campaign.old_news import run_old_news
from ops.stack.ports import free_port
from ops.stack.processes import Processes
from tests.places import place_of_this_run


@pytest.mark.timeout(600)
async def test_r18_old_news_is_never_posted() -> None:
    """Promise 5: whatever comes again or late adds no order, no POST and no share, SELLs included, even when the
    tables of plans are lost and only lots and cash are left."""
    caller = {name: text for name, text in os.environ.items() if not name.startswith("POLYCOOL_")}
    ports = {f"POLYCOOL_{name}_PORT": str(free_port()) for name in ("API", "PAPER")}
    told: list[str] = []
    with place_of_this_run() as place:
        async with Processes(place, fresh=True, caller=caller | ports) as processes:
            outcome = await run_old_news(processes, told.append, seed=3, live=60, trades=400, followers=2)
    assert outcome.findings == []
    # Not for want of anything to post: orders went out live, and all three passes were made.
    assert outcome.passes["400 old trades"]["posts"] > 0
    assert len(outcome.passes) == 3
