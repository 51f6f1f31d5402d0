"""The demo's pure parts: who follows whom, what is played, what is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from ops.demo.crowd import TEMPERS, crowd
from ops.demo.live import sparkline
from ops.demo.probe import percentiles
from ops.demo.recorded import recorded
from ops.demo.script import AgainCue, MarketCue, TradeCue, generated
from ops.figures.picture import event_lines, panels
from ops.figures.snapshot import Copies, LatestCopy, Promises, Snapshot, StageFigures, Switch
from ops.figures.words import GLYPHS, REASONS
from schemas.enums import AddressType, CopyState, Reason
from tests.feed.rows import OTHER_WALLET, WALLET, csv_text, line

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
LEADERS = tuple(f"0x{n:040x}" for n in range(1, 7))


@pytest.mark.parametrize("followers", [1, 6, 20, 57])
def test_each_leader_has_a_follower_and_nobody_follows_twice(followers: int) -> None:
    """As soon as there are as many followers as leaders; every temper is there as soon as there is room."""
    people = crowd(followers, LEADERS, 7)
    assert len({person.label for person in people}) == followers
    for person in people:
        leaders = [following.leader for following in person.followings]
        assert len(leaders) == len(set(leaders)) >= 1
    followed = {following.leader for person in people for following in person.followings}
    if followers >= len(LEADERS):
        assert followed == set(LEADERS)
        assert {following.temper for person in people for following in person.followings} == set(TEMPERS)
    assert people == crowd(followers, LEADERS, 7)


def test_a_recorded_script_is_of_today_in_file_order_and_at_its_rate(tmp_path: Path) -> None:
    """Times become those of the play; names stay those of the file; ends keep their distance; all wallets lead."""
    file, markets = tmp_path / "trades.csv", tmp_path / "markets.csv"
    file.write_text(
        csv_text([line(1, token_id="7"), line(1, token_id="8", wallet=OTHER_WALLET), line(2, token_id="7")])
    )
    markets.write_text(
        "token_id,condition_id,question,end_date\n7,0xaa,Will it rain?,2025-10-29T19:40:13Z\n9,0xbb,Other?,\n"
    )
    script = recorded(str(file), str(markets), rate=50, count=None)
    cues = list(script.cues)
    told = [cue.message(NOW, NOW) for cue in cues if isinstance(cue, MarketCue)]
    assert {market.token_id: market.question for market in told} == {"7": "Will it rain?", "8": None}
    assert told[0].end_at == NOW + timedelta(days=1)
    trades = [cue for cue in cues if isinstance(cue, TradeCue)]
    assert [cue.at for cue in trades] == [0, 20_000, 40_000]
    assert [cue.trade_id.rsplit("-", 1)[1] for cue in trades] == ["0", "1", "0"]
    assert {cue.message(NOW).traded_at for cue in trades} == {NOW}
    assert set(script.leaders) == {WALLET, OTHER_WALLET}
    assert sum(AddressType.SMART_TRADER in person.roles for person in script.people) == 1


def test_a_generated_script_ends_after_its_count() -> None:
    """Repetitions do not count."""
    cues = list(generated(7, 20.0, 500).cues)
    assert sum(isinstance(cue, TradeCue) for cue in cues) == 500
    assert any(isinstance(cue, AgainCue) for cue in cues)


def test_percentiles_are_samples_by_nearest_rank() -> None:
    """Worked out by hand; none without a sample."""
    assert percentiles([]) is None
    assert percentiles([5.0]) == {"p50": 5.0, "p95": 5.0, "p99": 5.0, "max": 5.0}
    assert percentiles([float(n) for n in range(100, 0, -1)]) == {
        "p50": 50.0,
        "p95": 95.0,
        "p99": 99.0,
        "max": 100.0,
    }


def test_a_sparkline_shows_the_newest_by_height() -> None:
    """The highest is the full bar, the lowest the least."""
    assert sparkline([]) == ""
    assert sparkline([1.0, 8.0]) == "▂█"
    assert len(sparkline([1.0] * 100)) == 16


def test_every_state_and_reason_has_words() -> None:
    """A picture never shows a person a bare code without a meaning."""
    assert set(REASONS) == set(Reason)
    assert set(GLYPHS) == set(CopyState)


def snapshot(**promises: int) -> Snapshot:
    """A moment with something in every part."""
    by_state: Mapping[CopyState, int] = {CopyState.FILLED: 3_402, CopyState.SKIPPED: 11_562}
    copy = LatestCopy(
        "C-7F3K9QX", CopyState.FILLED, None, "BUY", Decimal("2.009"), Decimal("3.849"), Decimal(2), None, NOW,
        "follower-12", "Wilma", "Yes", "Will [b]X[/b] win?",
    )  # fmt: skip
    return Snapshot(
        NOW,
        [StageFigures("classify", 20.0, 20.0, 9.5, (4.1, 9.8, 21.0)), StageFigures("trading")],
        Copies(by_state, {CopyState.FILLED: 812}, {"SAME_LEADER_ORDER": 7_810, "PRICE_BAND": 1_204}),
        Promises(due=15_099, **promises),
        [Switch("buys", False, "x", "y", None)],
        (2_100.0, 9_800.0, 15_000.0),
        [copy],
    )


def drawn(width: int, moment: Snapshot) -> str:
    """The picture as text."""
    out = Console(file=StringIO(), width=width, no_color=True)
    out.print(panels(moment, [("restarts", "0")], out))
    for event in event_lines(moment, 8):
        out.print(event)
    assert isinstance(out.file, StringIO)
    return out.file.getvalue()


@pytest.mark.parametrize("width", [80, 100, 130, 180])
def test_the_picture_fits_and_cuts_no_number(width: int) -> None:
    """At every width of a terminal: all parts are there and no line is longer than the terminal."""
    text = drawn(width, snapshot())
    for part in (
        "3,402",
        "11,562",
        "812",
        "7,810",
        "SAME_LEADER_ORDER",
        "9.5",
        "21.0",
        "15,099 of 15,099 ✓",
        "p50 2.1 p95 9.8 p99 15.0 s",
        "restarts",
    ):
        assert part in text
    assert max(len(row) for row in text.splitlines()) <= width


def test_what_is_wrong_is_marked_and_money_is_not_rounded_up() -> None:
    """Something bought twice is a ✗; what was got is cut, never rounded up; foreign words are no markup."""
    text = drawn(180, snapshot(bought_twice=1, dead_letters=2))
    assert "bought twice   1 ✗" in text
    assert "2 ✗" in text
    assert "bought 3.84 for 2.00 USDC" in text
    assert "Will [b]X[/b] win?" in text
