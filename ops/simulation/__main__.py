"""`python -m ops.simulation`: seeds or crash points, with a verdict. Exit code 1 when something must not be."""

from __future__ import annotations

import argparse
import json
import sys
import time

from ops.exits import ANSWER_IS_NO, DONE
from ops.output import say
from ops.simulation.builds import DEEDS, INTACT, broken
from ops.simulation.run import Sum, played_crash_points, played_seed, played_seeds


def main(arguments: list[str] | None = None) -> int:
    """Run what was asked for; the last line on standard output is the verdict."""
    chosen = _parser().parse_args(arguments)
    build = INTACT if chosen.broken is None else broken(chosen.broken)
    began = time.perf_counter()
    if chosen.seed is not None:
        whole = Sum()
        whole.add(played_seed(chosen.seed, build))
    elif chosen.crash_points:
        whole = played_crash_points(chosen.processes, _tell, build, chosen.in_turn)
    else:
        seeds = range(chosen.first, chosen.first + chosen.seeds)
        whole = played_seeds(seeds, chosen.processes, _tell, build)
    seconds = time.perf_counter() - began
    document = whole.as_json() | {
        "seconds": round(seconds, 1),
        "runs_per_second": round(whole.runs / seconds),
    }
    print(json.dumps(document, indent=None if chosen.json else 2))  # noqa: T201
    return ANSWER_IS_NO if whole.failures else DONE


def _tell(runs: int, failures: int) -> None:
    say(f"{runs:,} runs, {failures} failures")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ops.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=2_000, help="how many")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    parser.add_argument("--seed", type=int, help="this one alone")
    parser.add_argument(
        "--crash-points", action="store_true", help="every boundary of every scene, each blow"
    )
    parser.add_argument(
        "--in-turn", action="store_true", help="every boundary killed, and by one other blow, in turn"
    )
    parser.add_argument("--broken", choices=DEEDS, help="the build that leaves this out")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--json", action="store_true", help="one line")
    return parser


if __name__ == "__main__":
    sys.exit(main())
