"""`polycool bench NAME`: measure rates and latencies on this machine, each with its baseline in the same run."""

from __future__ import annotations

import importlib
from typing import Annotated, Final

import typer

from ops.exits import DONE, WRONG_USE
from ops.output import answer, say

# Each is a module `ops/bench/<name>.py` whose `run()` returns what it measured (for --json) and the same as text.
BENCHES: Final = {
    "classify": "trades a second through the real classify worker, beside a raw aiokafka loop of the same work",
    "way": "latency of the way at a steady rate: append to committed, append to the order on the wire",
    "fanout": "one trade of a leader with 1,000 and 10,000 followers",
}


def command(name: Annotated[str, typer.Argument(help=", ".join(BENCHES))]) -> int:
    """Measure; starts a broker and a database of its own unless POLYCOOL_KAFKA and POLYCOOL_DATABASE_URL name some."""
    if name not in BENCHES:
        known = "\n".join(f"  {each:<10} {what}" for each, what in BENCHES.items())
        say(f"polycool bench: there is no {name}; there are\n{known}")
        return WRONG_USE
    document, text = importlib.import_module(f"ops.bench.{name}").run()
    answer(document, text)
    return DONE
