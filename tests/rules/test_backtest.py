"""`polycool backtest`: what it says, and how it refuses a file."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from ops.cli import run
from tests.rules.situations import FOLLOWER, LEADER

HEADER = "ts,wallet,side,token_id,condition_id,outcome,price,size_shares,amount_usdc,tx_hash"
HASH = "0x" + "ab" * 32


def row(ts: int, side: str, price: str, size: str, usdc: str, *, tx_hash: str = HASH) -> str:
    return f"{ts},{LEADER},{side},77,0xc0,Yes,{price},{size},{usdc},{tx_hash}"


ROWS = [
    row(1_761_680_000, "BUY", "0.5", "100", "50"),
    row(1_761_680_002, "BUY", "0.6", "100", "60"),
    row(1_761_680_100, "SELL", "0.7", "200", "140", tx_hash=""),
]
ALLOCATION = {
    "allocation_id": "a1",
    "follower": FOLLOWER,
    "leader": LEADER,
    "active_from": "2025-01-01T00:00:00Z",
    "mode": "multiplier",
    "multiplier": "0.1",
    "budget_usdc": "100",
}


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    """A trades file of three rows and a file of one follower."""
    trades, allocations = tmp_path / "trades.csv", tmp_path / "allocations.json"
    trades.write_text("\n".join([HEADER, *ROWS, ""]), encoding="utf-8")
    allocations.write_text(json.dumps(file_of(ALLOCATION)), encoding="utf-8")
    return {"trades": str(trades), "allocations": str(allocations)}


def file_of(allocation: dict[str, Any]) -> dict[str, Any]:
    return {"followers": [{"wallet": FOLLOWER, "cash_usdc": "100"}], "allocations": [allocation]}


def backtest(files: dict[str, str], *more: str) -> int:
    return run(["backtest", "--trades", files["trades"], "--allocations", files["allocations"], *more])


def lines(printed: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in printed.splitlines()]


def test_each_trade_is_a_line_per_allocation(
    files: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Fills of one transaction are numbered in file order, a row without one is named by its line; progress goes to
    standard error."""
    assert backtest(files, "--json-lines") == 0
    printed = capsys.readouterr()
    answers = lines(printed.out)
    assert [answer["trade_id"] for answer in answers] == [f"{HASH}-0", f"{HASH}-1", "row-4"]
    assert answers[0] == {
        "trade_id": f"{HASH}-0",
        "allocation_id": "a1",
        "state": "planned",
        "amount": "5",
        "limit": "0.52",
        "reserve": "5.26",
        "outcome": "filled",
    }
    assert answers[2]["target_shares"] == "0"
    assert "3 of 3 trades" in printed.err


def test_the_last_trade_decides_whether_an_order_fills(
    files: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Two seconds later the price has gone to 60¢, over the limit of 52¢: nothing is bought."""
    assert backtest(files, "--json-lines", "--fill", "last_trade", "--delay", "2") == 0
    outcomes = [answer.get("outcome") for answer in lines(capsys.readouterr().out)]
    assert outcomes == ["unfilled", "filled", "filled"]
    assert backtest(files, "--json-lines", "--fill", "last_trade", "--delay", "1") == 0
    assert lines(capsys.readouterr().out)[0]["outcome"] == "filled"


def test_a_known_resolution_values_what_is_left(
    files: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It settles nothing on the way, though the market ended long before; ticks and fees come from the file."""
    markets = tmp_path / "markets.csv.gz"
    text = (
        "token_id,condition_id,question,outcome,end_date,resolved_outcome,final_price,tick,fee_rate\n"
        "77,0xc0,Will X win?,Yes,2025-01-02T00:00:00Z,Yes,1,0.01,0\n"
    )
    markets.write_bytes(gzip.compress(text.encode()))
    Path(files["trades"]).write_text("\n".join([HEADER, *ROWS[:2], ""]), encoding="utf-8")
    assert backtest(files, "--markets", str(markets), "--json") == 0
    document = json.loads(capsys.readouterr().out)
    own = document["allocations"][0]
    assert document["copy_orders"]["by_state"] == {"filled": 2}
    assert (own["fees_usdc"], own["of_them_resolved"]) == ("0", 1)
    # 5 at 52¢ and 6 at 62¢ are 19.292803 shares, worth a dollar each.
    assert own["left_worth_usdc"] == "19.292803"
    assert own["result_usdc"] == "8.292803"


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        (row(1_761_680_001, "BUY", "1.2", "0", "5"), "line 3: size_shares: "),
        (row(1_761_680_001, "HOLD", "0.5", "1", "0.5"), "line 3: side: "),
        (row(1_761_680_001, "BUY", "NaN", "1", "0.5"), "line 3: price: "),
        (row(1_761_680_001, "BUY", "0.5", "100", "500"), "line 3: usdc: "),
        ("x,y", "line 3: 2 columns where the header has 10"),
    ],
)
def test_a_bad_row_refuses_the_file(
    files: dict[str, str], capsys: pytest.CaptureFixture[str], bad: str, sentence: str
) -> None:
    """A run with a trade left out would say something untrue: the line and the reason are named, nothing is printed."""
    Path(files["trades"]).write_text("\n".join([HEADER, ROWS[0], bad, ROWS[1]]), encoding="utf-8")
    assert backtest(files, "--json-lines") == 2
    printed = capsys.readouterr()
    assert sentence in printed.err
    assert printed.out == ""


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"multiplier": 0.1}, "settings.multiplier: "),
        ({"colour": "red"}, "settings.colour: "),
        ({"leader": "0x12"}, "leader: "),
        ({"follower": LEADER}, "who has no cash"),
        ({"budget_usdc": None}, "budget_usdc: one of budget_usdc and budget_percent is required"),
    ],
)
def test_bad_settings_are_named(
    files: dict[str, str], capsys: pytest.CaptureFixture[str], changes: dict[str, Any], sentence: str
) -> None:
    """Each bad field of the allocations file is named with what is wrong."""
    Path(files["allocations"]).write_text(json.dumps(file_of({**ALLOCATION, **changes})), encoding="utf-8")
    assert backtest(files, "--json-lines") == 2
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--fill", "book"), "needs recorded order books"),
        (("--fill", "hope"), "'hope' is not one of"),
        (("--delay", "-1"), "--delay must be seconds"),
        (("--delay", "soon"), "--delay must be seconds"),
        (("--markets", "/nowhere.csv"), "/nowhere.csv is not there"),
    ],
)
def test_wrong_use_is_said(
    files: dict[str, str], capsys: pytest.CaptureFixture[str], words: tuple[str, ...], sentence: str
) -> None:
    """Wrong options end with exit code 2 and one sentence."""
    assert backtest(files, *words) == 2
    assert sentence in capsys.readouterr().err
