"""`polycool backtest`: books, honest ranges, what limits did, and a page that needs nothing beside it."""

from __future__ import annotations

import csv
import gc
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ops.backtest import playing
from ops.bench import backtest as bench
from streams.copy_execution import answers
from streams.copy_execution.decide import decide
from streams.what_if import following
from tests.backtest.files import Files, level, trade


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """An empty place for files."""
    return Files(tmp_path)


def document_of(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return told


def test_deciding_is_the_very_code_that_copies_for_real() -> None:
    """Not a second one that is like it."""
    assert vars(following)["decide"] is vars(answers)["decide"] is decide


def test_followers_take_from_one_book_what_it_holds_and_no_more(
    files: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two follow; the book has 8 shares at 50¢ and 4 at 51¢ within the limit of 52¢: the first gets 4.00 at 50¢ and
    1.00 at 51¢, the second what is left of 51¢, and nothing of the 53¢."""
    book = [
        level(0, "ask", "0.5", "8", snapshot="s"),
        level(0, "ask", "0.51", "4", snapshot="s"),
        level(0, "ask", "0.53", "100", snapshot="s"),
    ]
    files.write([trade(1, "BUY", "0.5", "50")], {}, {}, books=book)
    books = ("--books", str(files.path("books.csv")))
    assert files.backtest("--fill", "book", *books, "--json-lines") == 0
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert (first["outcome"], second["outcome"]) == ("filled", "partial")
    assert files.backtest("--fill", "book", *books, "--json") == 0
    spent = [row["left_cost_usdc"] for row in document_of(capsys)["allocations"]]
    # 1.04 USDC at 51¢ were left; costs hold the fees, 0.05 × price × (1 − price) per share.
    assert float(spent[0]) == pytest.approx(5 + 0.05 * (8 * 0.25 + 1.960784 * 0.51 * 0.49), abs=1e-4)
    assert float(spent[1]) == pytest.approx(1.04 + 0.05 * 2.039216 * 0.51 * 0.49, abs=1e-4)


def test_a_book_is_the_one_of_that_moment_and_none_fills_nothing(
    files: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    """The level goes away between the trades; another token never had a book, which is said."""
    book = [level(0, "ask", "0.5", "100", snapshot="s"), level(5, "ask", "0.5", "0")]
    trades = [
        trade(1, "BUY", "0.5", "50"),
        trade(9, "BUY", "0.5", "50"),
        trade(10, "BUY", "0.5", "50", asset="88"),
    ]
    files.write(trades, {}, books=book)
    assert files.backtest("--fill", "book", "--books", str(files.path("books.csv")), "--json") == 0
    told = document_of(capsys)
    assert told["copy_orders"]["by_state"] == {"filled": 1, "unfilled": 2}
    assert any(line.startswith("1 orders found no recorded book") for line in told["assumptions"])


@pytest.mark.parametrize(
    ("line", "sentence"),
    [("m,77,book,1.5,ask,3,s,1", "has a bad line 2"), ("m,77,book,0.5,ask,3,s", "has a bad line 2")],
)
def test_a_bad_book_refuses_the_file(
    files: Files, capsys: pytest.CaptureFixture[str], line: str, sentence: str
) -> None:
    """With its line."""
    files.write([trade(1, "BUY", "0.5", "50")], {}, books=[line])
    assert files.backtest("--fill", "book", "--books", str(files.path("books.csv"))) == 2
    assert sentence in capsys.readouterr().err


def test_a_range_reaches_from_the_limit_to_the_last_price(
    files: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    """5 USDC at 52¢ or at 50¢, worth 60¢ a share in the end."""
    files.write([trade(1, "BUY", "0.5", "50"), trade(9, "SELL", "0.6", "0.6")], {})
    assert files.backtest("--range", "--json") == 0
    told = document_of(capsys)
    (found,) = told["ranges"]
    low, high = float(found["low_usdc"]), float(found["high_usdc"])
    assert low < high
    assert float(told["allocations"][0]["result_usdc"]) == pytest.approx(low)


def test_what_a_limit_saved_is_the_difference_to_the_run_without_it(
    files: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    """The price falls from 50¢ to 30¢: a limit of 2.00 for each trade saved what the other 3.00 would have lost."""
    falls = [trade(1, "BUY", "0.5", "50"), trade(2, "BUY", "0.3", "3")]
    limited = {"max_per_trade_usdc": "2", "leader_min_usdc": "20"}
    files.write(falls, limited)
    page = files.path("report.html")
    assert files.backtest("--html", str(page), "--json") == 0
    with_it = document_of(capsys)["allocations"][0]["result_usdc"]
    told = re.search(r"<td>max_per_trade_usdc</td>.*?<td>(-?[0-9.]+)</td></tr>", page.read_text("utf-8"))
    assert told is not None
    files.write(falls, limited | {"max_per_trade_usdc": None})
    assert files.backtest("--json") == 0
    without_it = document_of(capsys)["allocations"][0]["result_usdc"]
    assert Decimal(told[1]) == Decimal(with_it) - Decimal(without_it) > 1


def test_the_page_needs_nothing_beside_it_and_is_the_same_twice(
    files: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    """Four pictures, no script, no outside address, its assumptions in words; the CSV has a row for each copy order."""
    trades = [
        trade(after, "BUY", f"0.{50 + after % 40}", "50", asset=f"{after % 5}") for after in range(1, 30)
    ]
    files.write(trades, {"max_per_trade_usdc": "2"}, {"max_price": "0.7", "allocation_id": "<b>"})
    pages = [files.path(name) for name in ("one.html", "two.html")]
    for page in pages:
        assert files.backtest("--html", str(page), "--csv", str(files.path("copies.csv"))) == 0
    capsys.readouterr()
    text = pages[0].read_text("utf-8")
    assert text == pages[1].read_text("utf-8")
    assert text.count("<svg") == 4
    assert "The past, not a promise" in text
    assert "<script" not in text
    assert "<b>" not in text
    outside = set(re.findall(r"https?://[^\"<> ]+", text))
    assert outside <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    with files.path("copies.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == 2 * 29
    assert {row["state"] for row in rows} == {"planned", "skipped"}


def test_the_measurement_decides_as_many_as_it_says() -> None:
    """A small one; figures are in docs/performance.md."""
    told, text = bench.run(decisions=600, followers=30)
    assert told["decisions"] >= 500
    assert sum(told["by_state"].values()) == told["decisions"]
    assert "of one processor" in text


def test_the_most_at_work_is_that_of_every_trade_and_not_of_some(
    files: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    """Bought and sold in turn, 900 trades: 400 moments drawn all show nothing at work. It is the sum of the books, and
    the collector of cycles rests meanwhile and works again."""
    turns = ((after, "BUY" if after % 2 else "SELL") for after in range(1, 901))
    files.write([trade(after, side, "0.5", "50") for after, side in turns], {}, {})
    assert files.backtest("--fill", "last_trade", "--json") == 0
    # Two followers spend 5.00 each; the fee of 10 shares at 50¢ is 0.125.
    assert document_of(capsys)["most_at_work_usdc"] == "10.25"
    resting = []
    played = playing.play(
        bench._question(600, 30), on_copies=lambda _copies: resting.append(not gc.isenabled())
    )
    assert (
        played.moments[-1].at_work_usdc == sum(each.books.at_work_usdc for each in played.run.followings) > 0
    )
    assert played.most_at_work_usdc >= max(each.at_work_usdc for each in played.moments)
    assert all(resting)
    assert (gc.isenabled(), gc.get_freeze_count()) == (True, 0)
