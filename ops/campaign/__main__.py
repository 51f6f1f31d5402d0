"""`python -m ops.campaign`: kill everything under load; prove that nothing was lost or bought twice.

Exit code 0 when nothing was found; else 1, with the seed and the directory, which is kept.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import secrets
import shutil
import sys
import tempfile
from pathlib import Path

from ops.campaign.outcome import Outcome
from ops.campaign.plan import Plan, Trouble, make_plan, with_trouble
from ops.campaign.run import campaign_processes, run_campaign
from ops.exits import ANSWER_IS_NO, DONE
from ops.output import say


def main(arguments: list[str] | None = None) -> int:
    """Run one campaign."""
    chosen = _parser().parse_args(arguments)
    plan = make_plan(
        chosen.seed,
        trades=chosen.trades,
        rate=chosen.rate,
        followers=chosen.followers,
        kills=chosen.kills,
        restarts=chosen.restarts,
        measured=not chosen.unmeasured,
    )
    plan = with_trouble(
        plan,
        Trouble(chosen.pauses, chosen.doubles, chosen.cuts, chosen.duplicates, chosen.faults),
    )
    directory = Path(tempfile.mkdtemp(prefix="polycool-campaign-"))
    outcome = asyncio.run(_run(plan, directory))
    print(json.dumps(outcome.as_json(), default=str, indent=None if chosen.json else 2))  # noqa: T201
    if outcome.findings:
        say(f"seed {plan.seed}: {len(outcome.findings)} findings; everything is kept in {directory}")
        return ANSWER_IS_NO
    shutil.rmtree(directory, ignore_errors=True)
    say(f"seed {plan.seed}: nothing lost, nothing bought twice")
    return DONE


async def _run(plan: Plan, directory: Path) -> Outcome:
    say(f"seed {plan.seed}, in {directory}")
    async with campaign_processes(directory, say) as processes:
        return await run_campaign(plan, processes, say)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ops.campaign", description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    parser.add_argument("--trades", type=int, default=2_000)
    parser.add_argument("--rate", type=float, default=25.0, help="trades a second")
    parser.add_argument("--followers", type=int, default=50)
    parser.add_argument("--kills", type=int, default=10, help="of streams, trading, api and paper")
    parser.add_argument("--restarts", type=int, default=1, help="of Postgres and of the broker, each")
    parser.add_argument("--pauses", type=int, default=3, help="SIGSTOP for longer than the session time-out")
    parser.add_argument("--doubles", type=int, default=2, help="second workers for a while")
    parser.add_argument("--cuts", type=int, default=4, help="connections cut, or slow for a while")
    parser.add_argument("--duplicates", type=int, default=20, help="trades that come twice, of a hundred")
    parser.add_argument(
        "--faults", type=int, default=30, help="POSTs that meet a fault of the exchange, of a hundred"
    )
    parser.add_argument(
        "--unmeasured", action="store_true", help="do not measure the time to the next order first"
    )
    parser.add_argument("--json", action="store_true", help="one line")
    return parser


if __name__ == "__main__":
    sys.exit(main())
