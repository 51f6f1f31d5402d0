"""The recorded trades of six leaders, copied by twelve followers: every line as an independent reading has it."""

from __future__ import annotations

import gzip
import io
import itertools
import sys
from pathlib import Path

import pytest

from ops.cli import run
from tests.vectors.cases import ROOT, VECTORS

DATA = ROOT.parent / "shared" / "data"
EXPECTED = VECTORS / "real_run" / "expected.jsonl.gz"
ALLOCATIONS = VECTORS / "real_run" / "allocations.json"
NEEDED = (EXPECTED, ALLOCATIONS, DATA / "trades.csv.gz", DATA / "markets.csv.gz")


@pytest.mark.skipif(
    not all(path.is_file() for path in NEEDED), reason=f"no recorded run at {VECTORS} and {DATA}"
)
def test_vectors_real_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """`polycool backtest` answers every trade for every follower as expected, line by line, and nothing else."""
    said = io.StringIO()
    monkeypatch.setattr(sys, "stdout", said)
    code = run(
        [
            *("backtest", "--trades", str(DATA / "trades.csv.gz"), "--markets", str(DATA / "markets.csv.gz")),
            *("--allocations", str(ALLOCATIONS), "--fill", "limit", "--delay", "1", "--json-lines"),
        ]
    )
    monkeypatch.undo()
    assert code == 0
    assert differences(said.getvalue().splitlines(), EXPECTED) == []


def differences(lines: list[str], expected: Path) -> list[tuple[int, str | None, str | None]]:
    """The first lines that differ, with their numbers."""
    with gzip.open(expected, "rt", encoding="utf-8") as file:
        wanted = file.read().splitlines()
    pairs = itertools.zip_longest(lines, wanted)
    wrong = ((number, is_, wants) for number, (is_, wants) in enumerate(pairs, start=1) if is_ != wants)
    return list(itertools.islice(wrong, 5))
