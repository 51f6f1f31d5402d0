"""`polycool bench old-news`: runs the campaign of old trades in a directory of its own and says what it found."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

from ops.campaign.old_news import OldNews, run_old_news
from ops.exits import ANSWER_IS_NO, DONE
from ops.output import say
from ops.stack.ports import free_port
from ops.stack.processes import Processes

OPTIONS: Final = frozenset({"seed", "trades", "followers"})
# So many are played live first: enough that lots are held of each leader.
LIVE: Final = 500


def main(*, seed: int = 1, trades: int = 200_000, followers: int = 3, as_json: bool = False) -> int:
    """Run it; 1 when anything was posted because of old news."""
    directory = Path(tempfile.mkdtemp(prefix="polycool-old-news-"))
    outcome = asyncio.run(_run(directory, seed=seed, trades=trades, followers=followers))
    print(json.dumps(outcome.as_json(), default=str, indent=None if as_json else 2))  # noqa: T201
    if outcome.findings:
        say(f"seed {seed}: {len(outcome.findings)} findings; everything is kept in {directory}")
        return ANSWER_IS_NO
    shutil.rmtree(directory, ignore_errors=True)
    say(f"seed {seed}: nothing was posted because of old news")
    return DONE


async def _run(directory: Path, *, seed: int, trades: int, followers: int) -> OldNews:
    caller = {name: text for name, text in os.environ.items() if not name.startswith("POLYCOOL_")}
    ports = {f"POLYCOOL_{name}_PORT": str(free_port()) for name in ("API", "PAPER")}
    async with Processes(directory, fresh=True, caller=caller | ports) as processes:
        return await run_old_news(processes, say, seed=seed, live=LIVE, trades=trades, followers=followers)
